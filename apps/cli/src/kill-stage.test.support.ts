import type { Ledger, LedgerEntry } from '@slipline/core';
import { openLedger } from '@slipline/ledger';
import { CommandLine } from './command-line.test.support.ts';

/** A system, with a home of its own, on which command lines are killed. */
export interface KillStage extends AsyncDisposable {
  readonly cli: CommandLine;
  /** What follows `connect`, and opens one more session each time. */
  readonly connect: readonly string[];
  /** What the system knows each of its open sessions by, as the ledger keeps it sealed. */
  open(): readonly string[];
  /** Ends all of them, as an administrator would. */
  reset(): void;
}

/** Systems to kill command lines on, by provider. */
export const KILL_STAGES: Readonly<Record<string, () => Promise<KillStage>>> = {
  'hpe-oneview': async () => {
    const cli = await CommandLine.start(['ov1.example'], { limits: { appliance: 100_000, client: 100_000 } });
    const appliance = cli.appliance();
    const open = (): readonly string[] =>
      appliance.sessions().flatMap(({ token, endedAt }) => (endedAt === undefined ? [token] : []));
    return {
      cli,
      connect: ['hpe-oneview', 'ov1.example', '--user-name', 'Administrator', '--password-env', 'PASSWORD'],
      open,
      reset: () => {
        for (const token of open()) appliance.endSession(token);
      },
      [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose](),
    };
  },
};

/** What the ledger of a stage says, and how that compares with what its system says. */
export interface Truth {
  readonly entries: readonly LedgerEntry[];
  /** Secrets of entries that have not ended. */
  readonly secrets: ReadonlySet<string>;
  /** Fingerprints of entries of which nobody knows whether the system has them, and of those that were forgotten as such. */
  readonly named: ReadonlySet<string>;
  /** Sessions that the system has, and of which the ledger has no secret. */
  readonly lost: readonly string[];
}

export async function truthOf(stage: KillStage): Promise<Truth> {
  await using ledger: Ledger = await openLedger({
    environment: stage.cli.environment,
    onNotice: () => undefined,
  });
  const entries = await ledger.entries({ ofOthers: true });
  const secrets = new Set<string>();
  for (const { hasSecret, session } of entries)
    if (hasSecret) secrets.add((await ledger.secret(session)).reveal());
  const forgotten = (await ledger.receipts({ limit: 100_000 })).filter(({ effect }) => effect === 'forget');
  const inDoubt = entries.filter(({ state }) => state === 'unknown');
  return {
    entries,
    secrets,
    named: new Set([...forgotten, ...inDoubt].map(({ session }) => session.fingerprint)),
    lost: stage.open().filter((secret) => !secrets.has(secret)),
  };
}
