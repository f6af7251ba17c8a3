import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ledger, LedgerEntry } from '@slipline/core';
import { openBench as openEntra } from '@slipline/entra/testing';
import { openLedger } from '@slipline/ledger';
import { openBench as openWsman } from '@slipline/wsman/testing';
import { CommandLine, PASSWORD } from './command-line.test.support.ts';

/** A system, with a home of its own, on which command lines are killed. */
export interface KillStage extends AsyncDisposable {
  readonly cli: CommandLine;
  /** What follows `connect`, and opens one more session each time. */
  readonly connect: readonly string[];
  /** Whether a user name and a password are what it is connected with. */
  readonly takesPassword: boolean;
  /** Sessions that a connect opens at the system; absent where one is known to the ledger alone. */
  readonly opened?: {
    /** What the system knows each of its open sessions by, as the ledger keeps it sealed. */
    secrets(): readonly string[];
    /** Ends all of them, as an administrator would. */
    reset(): void;
  };
  /** Sessions of others at the system, which a command line of its own ends. */
  readonly foreign?: {
    readonly end: readonly string[];
    /** Opens some more, as others would. */
    open(): void;
    /** The ids of those that live. */
    ids(): readonly string[];
  };
  /** Every secret that was ever given to the command line or by the system: no file may have one as it is. */
  canaries(): readonly string[];
}

/** Systems to kill command lines on, by provider. */
export const KILL_STAGES: Readonly<Record<string, () => Promise<KillStage>>> = {
  'hpe-oneview': async () => {
    const cli = await CommandLine.start(['ov1.example'], { limits: { appliance: 100_000, client: 100_000 } });
    const appliance = cli.appliance();
    const secrets = (): readonly string[] =>
      appliance.sessions().flatMap(({ token, endedAt }) => (endedAt === undefined ? [token] : []));
    const reset = (): void => {
      for (const token of secrets()) appliance.endSession(token);
    };
    return {
      cli,
      connect: ['hpe-oneview', 'ov1.example', '--user-name', 'Administrator', '--password-env', 'PASSWORD'],
      takesPassword: true,
      opened: { secrets, reset },
      canaries: () => cli.canaries(),
      [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose](),
    };
  },
  wsman: async () => {
    const bench = await openWsman({ password: () => PASSWORD });
    const { winrm } = bench;
    const cli = CommandLine.over(bench);
    const [{ userName = '' } = {}] = bench.facts.users;
    const { owner = '', resourceUri = '' } = winrm.openShells()[0] ?? {};
    return {
      cli,
      connect: ['wsman', 'server01', '--user-name', userName, '--password-env', 'PASSWORD'],
      takesPassword: true,
      foreign: {
        end: ['disconnect', 'wsman', 'server01', '--shells', '--yes'],
        open: () => {
          while (winrm.openShellCount < 6) winrm.openShell({ owner, resourceUri });
        },
        ids: () => winrm.openShells().map(({ id }) => id),
      },
      canaries: () => bench.canaries(),
      [Symbol.asyncDispose]: () => closed(cli, bench),
    };
  },
  entra: async () => {
    const bench = await openEntra();
    const { clientId, tenantId, clientSecret } = bench.applicationValues();
    const cli = CommandLine.over(bench, { SECRET: clientSecret.reveal() });
    return {
      cli,
      connect: ['entra', '--client-id', clientId, '--tenant-id', tenantId, '--client-secret-env', 'SECRET'],
      takesPassword: false,
      canaries: () => bench.canaries(),
      [Symbol.asyncDispose]: () => closed(cli, bench),
    };
  },
};

async function closed(...all: readonly AsyncDisposable[]): Promise<void> {
  for (const one of all) await one[Symbol.asyncDispose]();
}

/** What the ledger of a stage says, and how that compares with what its system says. */
export interface Truth {
  readonly entries: readonly LedgerEntry[];
  /** Secrets of entries that have not ended. */
  readonly secrets: ReadonlySet<string>;
  /** Fingerprints of entries of which nobody knows whether the system has them, and of those that were forgotten as such. */
  readonly named: ReadonlySet<string>;
  /** Sessions that the system has, and of which the ledger has no secret. */
  readonly lost: readonly string[];
  /** Sessions of others that were reported disconnected, and live. */
  readonly lies: readonly string[];
  /** How many entries that have ended have a secret. */
  readonly kept: number;
}

export async function truthOf({ cli, opened, foreign }: KillStage): Promise<Truth> {
  await using ledger: Ledger = await openLedger({
    environment: cli.environment,
    onNotice: () => undefined,
  });
  const entries = await ledger.entries({ ofOthers: true });
  const ended = await ledger.entries({ ofOthers: true, states: ['ended'] });
  const secrets = new Set<string>();
  for (const { hasSecret, session } of entries)
    if (hasSecret) secrets.add((await ledger.secret(session)).reveal());
  const receipts = await ledger.receipts({ limit: 100_000 });
  const forgotten = opened ? receipts.filter(({ effect }) => effect === 'forget') : [];
  const inDoubt = entries.filter(({ state }) => state === 'unknown');
  const reported = new Set(
    receipts.flatMap(({ status, session }) => (status === 'disconnected' ? [session.id] : [])),
  );
  return {
    entries,
    secrets,
    named: new Set([...forgotten, ...inDoubt].map(({ session }) => session.fingerprint)),
    lost: opened?.secrets().filter((secret) => !secrets.has(secret)) ?? [],
    lies: foreign?.ids().filter((id) => reported.has(id)) ?? [],
    kept: ended.filter(({ hasSecret }) => hasSecret).length,
  };
}

/** The files of a stage's home that have one of its secrets in them. */
export function filesWithSecrets(stage: KillStage): readonly string[] {
  const secrets = stage.canaries();
  return readdirSync(stage.cli.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const content = readFileSync(file);
      return secrets.some((secret) => content.includes(secret));
    });
}
