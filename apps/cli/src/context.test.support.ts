import { MemoryLedger, Slipline, type DisconnectError, type Ledger } from '@slipline/core';
import { PassThrough } from 'node:stream';
import type { Command, Context, Invocation } from './command.ts';
import { readConfig } from '@slipline/config';
import { FormattedOutput } from './output/formatted-output.ts';
import { findProviders } from '@slipline/config/plugins';
import { styleFor } from './output/style.ts';
import { PROGRAM } from './own-program.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly notes: readonly string[];
  readonly problems: readonly DisconnectError[];
}

export interface Stage {
  readonly folder: string;
  readonly ledger?: Ledger | undefined;
  readonly environment?: Context['environment'] | undefined;
  readonly format?: 'table' | 'json' | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Runs one command with config.json of `folder` and a ledger in memory, as the program would after reading its arguments. */
export async function runCommand(
  command: Command,
  invocation: Partial<Invocation>,
  { folder, ledger = new MemoryLedger(), environment = process.env, format = 'table', signal }: Stage,
): Promise<Ran> {
  const config = await readConfig(folder);
  const stdout = new PassThrough();
  const notes: string[] = [];
  const problems: DisconnectError[] = [];
  const providers = findProviders(config, PROGRAM);
  const context: Context = {
    environment,
    globals: {},
    settings: { output: format, resolve: [], caFiles: [] },
    config,
    output: new FormattedOutput({ format, stdout, style: styleFor(stdout, environment) }),
    messages: {
      note: (text) => void notes.push(text),
      warn: (text) => void notes.push(text),
      doing: () => undefined,
      clear: () => undefined,
      problems: (errors) => void problems.push(...errors),
    },
    stderr: new PassThrough(),
    stdin: new PassThrough(),
    stdinIsPiped: false,
    terminal: undefined,
    signal: signal ?? new AbortController().signal,
    handOverSignals: () => undefined,
    parse: async () => ({ kind: 'help', topic: [] }),
    providers: () => providers,
    ledger: async () => ledger,
    slipline: async () => new Slipline({ providers: (await providers).installed, ledger }),
  };
  const code = await command.run(
    { positionals: [], flags: {}, values: {}, rest: [], ...invocation },
    context,
  );
  stdout.end();
  return { code, stdout: (await stdout.toArray()).join(''), notes, problems };
}
