import {
  plainText,
  type JsonObject,
  type KeptSession,
  type LedgerEntry,
  type ParameterTable,
} from '@slipline/core';
import { DURATION, parseDuration } from '@slipline/config';
import { usage } from '../arguments/usage.ts';
import type { Command, Context } from '../command.ts';
import { exitCodeOfReport } from '../exit-codes.ts';
import { asJson } from '../output/formatted-output.ts';
import { OUTCOME_COLUMNS, outcomeSentence, sessionName } from '../output/outcomes.ts';

const FLAGS = {
  force: {
    type: 'boolean',
    summary: 'forget what cannot be ended, and say what may live on',
  },
  whatIf: { type: 'boolean', summary: 'say what was left behind, and do nothing', aliases: ['dryRun'] },
  noVerify: {
    type: 'boolean',
    summary: 'do not ask the systems whether it is so',
    excludes: ['requireVerified'],
  },
  requireVerified: { type: 'boolean', summary: 'exit with 7 where anything is not verified' },
  reason: { type: 'string', summary: 'why, for the history', placeholder: 'TEXT' },
  timeout: {
    type: 'string',
    pattern: DURATION,
    summary: 'give up on a session after this time, and on verifying it after as much again',
    placeholder: 'TIME',
  },
} as const satisfies ParameterTable;

/** Ends what nobody looks after any more. */
export const cleanup: Command<typeof FLAGS> = {
  name: 'cleanup',
  summary: 'end sessions that were left behind by processes that died',
  usage: '[provider]',
  flags: FLAGS,
  examples: ['slipline cleanup', 'slipline cleanup --what-if', 'slipline cleanup hpe-oneview --force'],
  async run({ positionals, rest, flags }, context) {
    const [provider, extra] = [...positionals, ...rest];
    if (extra !== undefined)
      throw usage(`"${plainText(extra, 80)}" is one argument too many`, 'slipline help cleanup');
    if (flags.whatIf === true) return show(provider, context);
    const { messages, output, settings, signal, slipline } = context;
    messages.doing('looking for what was left behind');
    const timeout =
      flags.timeout === undefined ? settings.timeout : parseDuration(flags.timeout, '--timeout');
    const { kept, ...report } = await (
      await slipline()
    ).cleanup({
      provider,
      signal,
      timeout,
      verifyTimeout: timeout,
      force: flags.force,
      verify: flags.noVerify !== true,
      ...(flags.reason !== undefined && { reason: flags.reason }),
      onEvent: (event) => {
        if (event.type === 'session-start') messages.doing(`disconnecting ${sessionName(event.session)}`);
      },
    });
    const rows = new Map<JsonObject, string>([
      ...report.outcomes.map((outcome) => [asJson(outcome), outcomeSentence(outcome)] as const),
      ...kept.map((one) => [asJson({ status: 'kept', ...one }), keptSentence(one)] as const),
    ]);
    await output.lines([...rows.keys()], OUTCOME_COLUMNS, (row) => rows.get(row) ?? '');
    if (rows.size === 0 && report.problems.length === 0) messages.note('Nothing was left behind.');
    const failures = report.outcomes.flatMap((one) => (one.status === 'failed' ? [one.error] : []));
    messages.problems([...failures, ...report.problems.map(({ error }) => error)]);
    return exitCodeOfReport(report, flags);
  },
};

async function show(provider: string | undefined, { ledger, messages, output }: Context): Promise<number> {
  const orphans = await (await ledger()).entries({ provider, isOrphan: true });
  const rows = new Map(orphans.map((entry) => [asJson(entry.session), orphanSentence(entry)]));
  await output.lines([...rows.keys()], OUTCOME_COLUMNS, (row) => rows.get(row) ?? '');
  if (rows.size === 0) messages.note('Nothing was left behind.');
  return 0;
}

function orphanSentence({ session, state, effect }: LedgerEntry): string {
  const name = sessionName(session);
  if (state === 'unknown') return `may exist: ${name}`;
  if (session.ownership === 'adopted') return `would forget ${name}`;
  return `would ${effect ?? session.effects[0] ?? 'forget'} ${name}`;
}

/** `kept: ov1.example (hpe-oneview:1): may exist since …; gone by … if nobody uses it`. */
function keptSentence({ session, since, until }: KeptSession): string {
  const end = until === undefined ? '' : `; the system ends it by ${plainText(until, 40)}`;
  const next = `slipline cleanup --force forgets it`;
  return `kept: ${sessionName(session)}: whether it was opened at ${plainText(since, 40)} is not known${end}; ${next}`;
}
