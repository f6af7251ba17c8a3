import type { Ledger, ParameterTable, Slipline, Values } from '@slipline/core';
import type { Parsed } from './arguments/arguments.ts';
import type { Config, Settings } from '@slipline/config';
import type { Messages } from './output/messages.ts';
import type { Output } from './output/output.ts';
import type { Providers } from '@slipline/config/plugins';
import type { Terminal } from './terminal/terminal.ts';
import type { Sink } from './output/sink.ts';

/** A program around the commands: where data and messages go, who can be asked, and what ends it. */
export interface Context {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The flags every command takes, parsed. */
  readonly globals: GlobalValues;
  /** What flags, environment and config.json say together, in this order. */
  readonly settings: Settings;
  readonly config: Config;
  /** Data goes here, in the format that was asked for. */
  readonly output: Output;
  /** Notes, progress and problems for people, on stderr; JSON there where JSON was asked for. */
  readonly messages: Messages;
  readonly stderr: Sink;
  readonly stdin: NodeJS.ReadableStream;
  /** Something is piped or redirected into this process. */
  readonly stdinIsPiped: boolean;
  /** The person at the terminal itself (`/dev/tty`), never stdin; absent where there is none. */
  readonly terminal: Terminal | undefined;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** From now on Ctrl-C and SIGTERM are the command's own to answer, and its exit code stands. */
  handOverSignals(): void;
  /** Reads another command line, as if that had been typed. */
  readonly parse: (argv: readonly string[]) => Promise<Parsed>;
  /** What can be used here; found on first call. */
  readonly providers: () => Promise<Providers>;
  /** What was opened and done; opened on first call. It needs no provider, so that listing it is quick. */
  readonly ledger: () => Promise<Ledger>;
  /** Composed on first call from environment, flags and config.json; closed by `main`. */
  readonly slipline: () => Promise<Slipline>;
}

/**
 * One verb of the command line, as data: parsing, help and completion come from it. The file of a command exports it under
 * its own name (`commands/lab.ts` exports `lab`) and is imported when it is needed; `COMMANDS` in commands.ts lists them.
 */
export interface Command<Flags extends ParameterTable = ParameterTable> {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows the name: `<provider> [NAME…]`. */
  readonly usage: string;
  /** What its first argument is one of, where that is so: `ls`, `remove`. */
  readonly words?: readonly string[] | undefined;
  /** Its own flags, in camelCase; they are typed in kebab-case. A provider's parameters come on top where `provider` says so. */
  readonly flags: Flags;
  /**
   * Whose parameters the first positional argument, a provider's id, adds to the flags: those of the plugin's `connect`, of
   * its `find`, or of its `find` without those for listing only.
   */
  readonly provider?: 'connect' | 'find' | 'disconnect' | undefined;
  /** What is added instead where `-` stands for the provider: sessions come from stdin then. */
  readonly piped?: ParameterTable | undefined;
  /** Lines under help: what people type. Run as tests. */
  readonly examples: readonly string[];
  /** Answers the exit code; throws `DisconnectError` for everything that goes wrong as a whole. */
  run(invocation: Invocation<Flags>, context: Context): Promise<number>;
}

/** What was typed, parsed. */
export interface Invocation<Flags extends ParameterTable = ParameterTable> {
  /** Without the provider, where the command takes one. */
  readonly positionals: readonly string[];
  readonly flags: Values<Flags>;
  readonly provider?: string | undefined;
  /** The provider's own parameters, checked against its table; secrets as `Secret`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Everything behind `--`. */
  readonly rest: readonly string[];
}

/** Flags that every command takes. */
export const GLOBAL_FLAGS = {
  output: {
    type: 'string',
    choices: ['table', 'list', 'json', 'jsonl', 'csv', 'none'],
    summary: 'how data is printed',
    placeholder: 'FORMAT',
  },
  query: { type: 'string', summary: 'a JMESPath expression over the data', placeholder: 'JMESPATH' },
  resolve: {
    type: 'string',
    many: true,
    summary: 'dial a name elsewhere: name:address:port or name:port:address:port',
    placeholder: 'RULE',
  },
  caFile: {
    type: 'string',
    format: 'path',
    summary: 'trust the CAs in this PEM file as well',
    placeholder: 'FILE',
  },
  verbose: { type: 'boolean', summary: 'say more on stderr' },
  debug: { type: 'boolean', summary: 'say everything on stderr, free of secrets' },
  help: { type: 'boolean', summary: 'show help' },
} as const satisfies ParameterTable;

export type GlobalValues = Values<typeof GLOBAL_FLAGS>;
