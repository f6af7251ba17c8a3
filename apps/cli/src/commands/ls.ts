import { recordOf, sessionKey, type ParameterTable, type Session, type SessionList } from '@slipline/core';
import type { Command, Context, Invocation } from '../command.ts';
import { DURATION, parseDuration } from '@slipline/config';
import { exitCodeOfAll } from '../exit-codes.ts';
import { asJson } from '../output/formatted-output.ts';
import type { Column, Records } from '../output/output.ts';
import { listOf, textColumn, textOf } from '../output/text-column.ts';
import { ageText } from '../output/times.ts';

const FLAGS = {
  all: { type: 'boolean', summary: 'list those of other processes that still run, as of slipline run, too' },
  live: { type: 'boolean', summary: 'ask each system whether its sessions are still there' },
  timeout: {
    type: 'string',
    pattern: DURATION,
    summary: 'give up on a system after this time',
    placeholder: 'TIME',
  },
} as const satisfies ParameterTable;

const COLUMNS: readonly Column[] = [
  { heading: 'session', value: (row) => `${textOf(row, 'provider')}:${textOf(row, 'id')}` },
  textColumn('state', 'state'),
  textColumn('who', 'principal'),
  textColumn('where', 'endpoint'),
  { heading: 'default', value: (row) => (row['isDefault'] === true ? 'yes' : ''), rank: 3 },
  { ...textColumn('since', 'openedAt', 2), people: (row) => ageText(textOf(row, 'openedAt')) },
  textColumn('ownership', 'ownership', 4),
  { heading: 'can be', value: (row) => listOf(row, 'effects'), rank: 5 },
];

/** Lists sessions: those that Slipline opened or, with a provider's parameters, those of the system. */
export const ls: Command<typeof FLAGS> = {
  name: 'ls',
  summary: 'list sessions',
  usage: '[provider] [NAME…]',
  flags: FLAGS,
  provider: 'find',
  examples: [
    'slipline ls',
    'slipline ls hpe-oneview --live',
    `slipline ls -o json --query "[?state=='live'].label"`,
  ],
  async run(invocation, context) {
    const { messages, output } = context;
    const { sessions, problems } = await listed(invocation, context);
    await output.list(sessions.map(asJson), COLUMNS, await recordsOf(sessions, context));
    if (sessions.length === 0 && problems.length === 0)
      messages.note('No sessions. "slipline connect <provider>" opens one.');
    const errors = problems.map(({ error }) => error);
    messages.problems(errors);
    return exitCodeOfAll(errors);
  },
};

/** How the systems' own cmdlets print these sessions; asked of the plugins only where it is shown. */
async function recordsOf(
  sessions: readonly Session[],
  { settings, slipline }: Context,
): Promise<Records | undefined> {
  if (settings.output !== 'list') return undefined;
  const program = await slipline();
  const ids = [...new Set(sessions.map(({ provider }) => provider))];
  const plugins = new Map(
    await Promise.all(ids.map(async (id) => [id, await program.plugin(id).catch(() => undefined)] as const)),
  );
  const records = new Map(
    sessions.flatMap((session) => {
      const plugin = plugins.get(session.provider);
      return plugin?.record === undefined
        ? []
        : [[sessionKey(session), recordOf(plugin.record, session)] as const];
    }),
  );
  return (row) => records.get(sessionKey(row as unknown as Session));
}

async function listed(
  { provider, values, flags }: Invocation<typeof FLAGS>,
  { ledger, slipline, settings, messages, signal }: Context,
): Promise<SessionList> {
  const isSelected = Object.keys(values).length > 0;
  const isLive = flags.live ?? false;
  if (provider === undefined && !isLive) {
    const entries = await (await ledger()).entries({ ofOthers: flags.all });
    return { sessions: entries.map(({ session }) => session), problems: [] };
  }
  if (isSelected || isLive) messages.doing('asking the systems');
  return (await slipline()).sessions({
    provider,
    signal,
    isLive,
    timeout: flags.timeout === undefined ? settings.timeout : parseDuration(flags.timeout, '--timeout'),
    ...(isSelected && { selector: values }),
  });
}
