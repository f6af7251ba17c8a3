import { plainText, type JsonObject, type ParameterTable } from '@slipline/core';
import { usage } from '../arguments/usage.ts';
import type { Command, Context } from '../command.ts';
import type { Finding } from '../doctor/finding.ts';
import { EXIT } from '../exit-codes.ts';
import { asJson } from '../output/formatted-output.ts';
import type { Column } from '../output/output.ts';
import { textColumn, textOf } from '../output/text-column.ts';

const FLAGS = {
  live: { type: 'boolean', summary: 'ask the systems of open sessions, too: for quotas and clocks' },
  residue: {
    type: 'boolean',
    summary: 'list and remove what is left over on the disk, and look at nothing else',
  },
} as const satisfies ParameterTable;

const COLUMNS: readonly Column[] = [
  textColumn('about', 'about'),
  textColumn('level', 'level'),
  textColumn('what', 'what'),
  textColumn('next', 'next', 2),
];

/** Says how things are. */
export const doctor: Command<typeof FLAGS> = {
  name: 'doctor',
  summary: 'say what is open, left behind or near its limit, and what does not work here',
  usage: '',
  flags: FLAGS,
  examples: ['slipline doctor', 'slipline doctor --live -o json', 'slipline doctor --residue'],
  async run({ positionals, rest, flags }, context) {
    const [extra] = [...positionals, ...rest];
    if (extra !== undefined)
      throw usage(`"${plainText(extra, 80)}" is one argument too many`, 'slipline help doctor');
    if (flags.residue === true) return removeResidue(context);
    context.messages.doing('looking around');
    const findings = await examine(context, flags.live === true);
    await context.output.list(findings.map(asJson), COLUMNS);
    return findings.some(({ level }) => level === 'problem') ? EXIT.failed : EXIT.success;
  },
};

async function examine(context: Context, isLive: boolean): Promise<readonly Finding[]> {
  const { environment, config } = context;
  const { findClocks, findQuotas, findSessions } = await import('../doctor/sessions.ts');
  const { findPlugins, findResidue, findSecrets, residueOf } = await import('../doctor/machine.ts');
  const { examineLedger } = await import('@slipline/ledger');
  const ledger = await context.ledger();
  const program = await context.slipline();
  const live = isLive ? await program.sessions({ isLive, signal: context.signal }) : undefined;
  const [newest] = await ledger.receipts({ limit: 1 });
  const health = await examineLedger({ environment });
  const now = Date.now();
  return [
    ...findSessions(await ledger.entries({ ofOthers: true }), now),
    ...(live?.problems ?? []).map(({ error }): Finding => {
      const system = error.system === undefined ? '' : ` (${error.system})`;
      return {
        about: 'sessions',
        level: 'problem',
        what: `${error.code}: ${error.message}${system}`,
        next: error.next,
      };
    }),
    ...findQuotas(live?.sessions ?? []),
    ...findClocks(await program.clockSkews(), newest, now),
    ...findSecrets(health),
    ...(await findPlugins(await context.providers(), config.folder)),
    ...findResidue(residueOf(health, environment, now)),
  ];
}

async function removeResidue({ environment, output, messages }: Context): Promise<number> {
  const { removeFiles } = await import('../doctor/machine.ts');
  const files = await removeFiles(environment, Date.now());
  const rows = files.map((file): JsonObject => ({ removed: file }));
  await output.lines(
    rows,
    [textColumn('removed', 'removed')],
    (row) => `removed: ${plainText(textOf(row, 'removed'))}`,
  );
  if (files.length === 0) messages.note('Nothing is left over on the disk.');
  return EXIT.success;
}
