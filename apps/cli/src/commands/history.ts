import {
  plainText,
  type JsonObject,
  type ParameterTable,
  type Receipt,
  type ReceiptFilter,
} from '@slipline/core';
import type { Command } from '../command.ts';
import { parseDuration } from '@slipline/config';
import { asJson } from '../output/formatted-output.ts';
import type { Column } from '../output/output.ts';
import { textColumn, textOf } from '../output/text-column.ts';
import { ageText } from '../output/times.ts';
import { usage } from '../arguments/usage.ts';

const KINDS = ['connect', 'disconnect', 'access', 'act'] as const satisfies readonly Receipt['kind'][];

const RESULTS = [
  'disconnected',
  'already-gone',
  'skipped',
  'failed',
  'done',
  'running',
] as const satisfies readonly NonNullable<ReceiptFilter['status']>[];

const FLAGS = {
  kind: { type: 'string', choices: KINDS, summary: 'only these', placeholder: 'KIND' },
  since: {
    type: 'string',
    summary: 'only what began since then: a time, or so long ago (7d, 12h)',
    placeholder: 'TIME',
  },
  until: {
    type: 'string',
    summary: 'only what began before then: a time, or so long ago',
    placeholder: 'TIME',
  },
  who: { type: 'string', summary: 'only what this user of the operating system did', placeholder: 'NAME' },
  where: { type: 'string', summary: 'only what was done at this system', placeholder: 'HOST' },
  result: { type: 'string', choices: RESULTS, summary: 'only what ended like this', placeholder: 'RESULT' },
  unverified: {
    type: 'boolean',
    summary: 'only disconnects of which it is not known that they have taken hold',
  },
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    summary: 'the newest so many; 100 unless told',
    placeholder: 'NUMBER',
  },
} as const satisfies ParameterTable;

/** So many are looked through where the ledger itself cannot choose. */
const MOST = 100_000;

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
  { heading: 'remains', value: remaining, rank: 6 },
  { heading: 'problem', value: (row) => inner(row, 'error', 'code'), rank: 4 },
  textColumn('reason', 'reason', 5),
];

/** What was done, by whom, when and why; newest first. */
export const history: Command<typeof FLAGS> = {
  name: 'history',
  summary: 'list what was done, by whom and why (kept 90 days)',
  usage: '[provider]',
  flags: FLAGS,
  examples: [
    'slipline history',
    'slipline history --where ov1.example --since 2025-01-01 --unverified',
    'slipline history hpe-oneview --kind disconnect --since 7d -o json',
  ],
  async run({ positionals, rest, flags }, { ledger, output, messages }) {
    const [provider, extra] = [...positionals, ...rest];
    if (extra !== undefined)
      throw usage(`"${plainText(extra, 80)}" is one argument too many`, 'slipline help history');
    const { kind, since, until, who: user, where: endpoint, result: status, limit = 100 } = flags;
    const found = await (
      await ledger()
    ).receipts({
      provider,
      kind: flags.unverified === true ? 'disconnect' : kind,
      user,
      endpoint,
      status,
      since: since === undefined ? undefined : timeOf(since, '--since'),
      until: until === undefined ? undefined : timeOf(until, '--until'),
      limit: flags.unverified === true ? MOST : limit,
    });
    const receipts = flags.unverified === true ? found.filter(isUnverified).slice(0, limit) : found;
    await output.list(receipts.map(asJson), COLUMNS);
    if (receipts.length === 0) messages.note('Nothing was done, as far as is known.');
    return 0;
  },
};

/** What was done to a session without its system saying afterwards that it is so. */
function isUnverified({ status, verification }: Receipt): boolean {
  switch (status) {
    case 'disconnected':
      return verification !== 'verified';
    case 'failed':
    case undefined:
      return true;
    case 'already-gone':
    case 'skipped':
    case 'done':
      return false;
    default:
      return status satisfies never;
  }
}

/** Access that remains, and until when. */
function remaining(row: JsonObject): string {
  const { residual } = row;
  if (!Array.isArray(residual)) return '';
  return residual
    .map((one) => one as JsonObject)
    .map((one) => [textOf(one, 'what'), textOf(one, 'until')].filter(Boolean).join(' until '))
    .join('; ');
}

function timeOf(text: string, flag: string): string {
  const time = /^\d+[a-z]*$/.test(text) ? Date.now() - parseDuration(text, flag) : Date.parse(text);
  if (Number.isNaN(time))
    throw usage(
      `${flag} is neither a time nor a duration`,
      'write 2025-01-31, 2025-01-31T12:00:00Z, 7d or 12h',
    );
  return new Date(time).toISOString();
}
