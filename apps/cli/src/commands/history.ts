import { plainText, type JsonObject, type ParameterTable, type Receipt } from '@slipline/core';
import type { Command } from '../command.ts';
import { parseDuration } from '../arguments/duration.ts';
import { asJson } from '../output/formatted-output.ts';
import type { Column } from '../output/output.ts';
import { textColumn, textOf } from '../output/text-column.ts';
import { ageText } from '../output/times.ts';
import { usage } from '../arguments/usage.ts';

const KINDS = ['connect', 'disconnect', 'access', 'act'] as const satisfies readonly Receipt['kind'][];

const FLAGS = {
  kind: { type: 'string', choices: KINDS, summary: 'only these', placeholder: 'KIND' },
  since: {
    type: 'string',
    summary: 'only what began since then: a time, or so long ago (7d, 12h)',
    placeholder: 'TIME',
  },
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    summary: 'the newest so many; 100 unless told',
    placeholder: 'NUMBER',
  },
} as const satisfies ParameterTable;

const inner = (row: JsonObject, outer: string, name: string): string =>
  textOf((row[outer] ?? {}) as JsonObject, name);

const COLUMNS: readonly Column[] = [
  { ...textColumn('when', 'startedAt'), people: (row) => ageText(textOf(row, 'startedAt')) },
  textColumn('who', 'user', 2),
  { heading: 'what', value: (row) => textOf(row, 'effect') || textOf(row, 'action') || textOf(row, 'kind') },
  {
    heading: 'session',
    value: (row) => `${inner(row, 'session', 'provider')}:${inner(row, 'session', 'id')}`,
  },
  { heading: 'whose', value: (row) => inner(row, 'session', 'label') },
  { heading: 'result', value: (row) => textOf(row, 'status') || 'not known' },
  textColumn('verification', 'verification', 3),
  { heading: 'problem', value: (row) => inner(row, 'error', 'code'), rank: 4 },
  textColumn('reason', 'reason', 5),
];

/** What was done, by whom, when and why; newest first. */
export const history: Command<typeof FLAGS> = {
  name: 'history',
  summary: 'list what was done, by whom and why (kept 90 days)',
  usage: '[provider]',
  flags: FLAGS,
  examples: ['slipline history', 'slipline history hpe-oneview --kind disconnect --since 7d -o json'],
  async run({ positionals, rest, flags }, { ledger, output, messages }) {
    const [provider, extra] = [...positionals, ...rest];
    if (extra !== undefined)
      throw usage(`"${plainText(extra, 80)}" is one argument too many`, 'slipline help history');
    const receipts = await (
      await ledger()
    ).receipts({
      provider,
      kind: flags.kind,
      since: flags.since === undefined ? undefined : startOf(flags.since),
      limit: flags.limit ?? 100,
    });
    await output.list(receipts.map(asJson), COLUMNS);
    if (receipts.length === 0) messages.note('Nothing was done, as far as is known.');
    return 0;
  },
};

function startOf(since: string): string {
  const time = /^\d+[a-z]*$/.test(since) ? Date.now() - parseDuration(since, '--since') : Date.parse(since);
  if (Number.isNaN(time))
    throw usage(
      '--since is neither a time nor a duration',
      'write 2025-01-31, 2025-01-31T12:00:00Z, 7d or 12h',
    );
  return new Date(time).toISOString();
}
