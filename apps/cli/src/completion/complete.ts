import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Ledger } from '@slipline/core';
import { openLedger, sliplinePaths } from '@slipline/ledger';
import { candidatesFor, type Candidates, type CompletionSources } from './completion-candidates.ts';
import type { Config } from '@slipline/config';
import type { Surroundings } from '../program.ts';
import type { Providers } from '@slipline/config/plugins';

/** Asks the shell for files. No candidate begins with a colon. */
const FILES = ':files';

/** Prints what the words behind `--` can go on with: one candidate a line, then a tab and what it is. Never says why not. */
export async function printCandidates(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const { words, files } = await found(args.slice(1), surroundings);
    const lines = words.map(({ text, hint }) => (hint === undefined ? text : `${text}\t${hint}`));
    const text = [...lines, ...(files ? [FILES] : [])].map((line) => `${line}\n`).join('');
    await new Promise<void>((resolve) => surroundings.streams.stdout.write(text, () => resolve()));
  } catch {
    // Whoever presses the tab key is not asking for an error.
  }
  return 0;
}

async function found(words: readonly string[], surroundings: Surroundings): Promise<Candidates> {
  const { environment } = surroundings;
  let providers: Promise<Providers> | undefined;
  let ledger: Promise<Ledger | undefined> | undefined;
  const config = (): Promise<Config> => surroundings.readConfig();
  const installed = async () => (await (providers ??= config().then(surroundings.findProviders))).installed;
  const opened = (): Promise<Ledger | undefined> => (ledger ??= ledgerThatIsThere(environment));
  const sources: CompletionSources = {
    environment,
    providerIds: async () => (await installed()).map(({ id }) => id),
    plugin: async (id) => (await installed()).find((one) => one.id === id)?.load(),
    cmdlets: async () => {
      const { cmdletsOf } = await import('../cmdlets/find-cmdlet.ts');
      return cmdletsOf({ installed: await installed() });
    },
    sessions: async (provider) =>
      ((await (await opened())?.entries({ provider })) ?? []).map(({ session }) => session),
    modules: async () => (await config()).plugins.map(({ module }) => module),
    trustedHosts: async () => ((await (await opened())?.trust.list()) ?? []).map(({ host }) => host),
  };
  try {
    return await candidatesFor(words, sources);
  } finally {
    await (await ledger)?.[Symbol.asyncDispose]();
  }
}

/** The ledger, unless that would make one. */
async function ledgerThatIsThere(environment: Surroundings['environment']): Promise<Ledger | undefined> {
  const { ledger } = sliplinePaths(environment, process.platform, homedir());
  return existsSync(ledger) ? openLedger({ environment, onNotice: () => undefined }) : undefined;
}
