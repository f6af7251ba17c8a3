import type { AnyPlugin, Ledger, Slipline, Secret } from '@slipline/core';
import { parseArguments, type Catalog, type Parsed } from './arguments/arguments.ts';
import { lookedAt, type LookedAt } from './arguments/looked-at.ts';
import type { Context } from './command.ts';
import type { FoundCmdlet } from './cmdlets/find-cmdlet.ts';
import { COMMANDS } from './commands.ts';
import { settingsFrom, type Config, type Environment, type Settings } from '@slipline/config';
import { presentable } from './output/errors.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { FormattedOutput } from './output/formatted-output.ts';
import type { Interruption } from './terminal/interruption.ts';
import { StderrMessages } from './output/messages.ts';
import type { Providers } from '@slipline/config/plugins';
import { Redaction } from './output/redaction.ts';
import { styleFor } from './output/style.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { ReadSecret } from './arguments/values.ts';
import type { Sink } from './output/sink.ts';

/** Milliseconds that an interrupted command has to come to its end, and closing has after it. */
const GRACE = 10_000;

/** Where a program reads and writes. */
interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  /** By a pipe or a file. A socket, which some programs give their children, need never end. */
  readonly stdinIsPiped: boolean;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** What the program stands in: the process, and where things are found. Nothing is asked for before it is needed. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly streams: Streams;
  readonly interruption: Interruption;
  readonly openTerminal: () => Terminal | undefined;
  readonly readConfig: () => Promise<Config>;
  readonly findProviders: (config: Config) => Promise<Providers>;
  readonly openLedger: (messages: StderrMessages) => Promise<Ledger>;
}

/** Runs one command line to its end and answers the exit code. Never rejects. */
export async function run(surroundings: Surroundings): Promise<number> {
  const program = new Program(surroundings);
  const code = await program.run();
  await program.close();
  return code;
}

class Program {
  readonly #surroundings: Surroundings;
  readonly #redaction = new Redaction();
  readonly #variables = new Map<string, Secret>();
  #messages: StderrMessages;
  #config: Promise<Config> | undefined;
  #providers: Promise<Providers> | undefined;
  #ledger: Promise<Ledger> | undefined;
  #slipline: Promise<Slipline> | undefined;
  #terminal: { readonly opened: Terminal | undefined } | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#messages = this.#messagesFor(lookedAt(surroundings.argv, surroundings.environment));
    const { signal } = surroundings.interruption;
    signal.addEventListener('abort', () => this.#sayInterrupted(), { once: true });
  }

  async run(): Promise<number> {
    const { interruption } = this.#surroundings;
    let code: number;
    try {
      code = await this.#parseAndRun();
    } catch (error) {
      this.#messages.clear();
      const known = presentable(error);
      this.#messages.problems([known]);
      code = exitCodeOf(known);
    }
    this.#messages.clear();
    return interruption.signal.aborted ? interruption.exitCode : code;
  }

  async close(): Promise<void> {
    await within(GRACE, this.#close());
  }

  async #close(): Promise<void> {
    for (const opened of [this.#slipline, this.#ledger]) {
      try {
        await (await opened)?.[Symbol.asyncDispose]();
      } catch (error) {
        this.#messages.log.debug('not everything could be closed', { error });
      }
    }
  }

  async #parseAndRun(): Promise<number> {
    const { argv, environment } = this.#surroundings;
    const parsed = await this.#parse(argv);
    if (parsed.kind === 'help') return this.#help(parsed.topic);
    const config = await this.#readConfig();
    const settings = settingsFrom(parsed.globals, environment, config.settings);
    const { globals, hidesWarnings } = parsed;
    this.#messages = this.#messagesFor({ ...globals, hidesWarnings, output: settings.output });
    const context = await this.#context(parsed, config, settings);
    return this.#untilInterrupted(parsed.command.run(parsed.invocation, context));
  }

  /** A first word that is no command may be a cmdlet of a provider. */
  async #parse(argv: readonly string[]): Promise<Parsed> {
    const [name, ...words] = argv;
    const isCommand =
      name === undefined || name === 'help' || !/^[a-z]/i.test(name) || Object.hasOwn(COMMANDS, name);
    const found = isCommand ? undefined : await this.#cmdlet(name);
    if (found !== undefined) {
      const { parseCmdlet } = await import('./cmdlets/cmdlet-command.ts');
      return parseCmdlet(found, words, this.#readSecret);
    }
    return parseArguments(argv, this.#catalog(), this.#readSecret);
  }

  async #context(
    { globals }: Extract<Parsed, { readonly kind: 'run' }>,
    config: Config,
    settings: Settings,
  ): Promise<Context> {
    const { environment, streams, interruption } = this.#surroundings;
    const { stdout } = streams;
    const { query: expression } = globals;
    const query =
      expression === undefined
        ? undefined
        : await (await import('./output/output-query.ts')).compileQuery(expression);
    const style = styleFor(stdout, environment);
    const openTerminal = (): Terminal | undefined => this.#openTerminal();
    const before = (): void => this.#messages.clear();
    return {
      environment,
      globals,
      settings,
      config,
      output: new FormattedOutput({ format: settings.output, stdout, style, query, before }),
      messages: this.#messages,
      get stderr() {
        return streams.stderr;
      },
      get stdin() {
        return streams.stdin;
      },
      get stdinIsPiped() {
        return streams.stdinIsPiped;
      },
      get terminal() {
        return openTerminal();
      },
      signal: interruption.signal,
      handOverSignals: () => interruption.handOver(),
      parse: (argv) => parseArguments(argv, this.#catalog(), this.#readSecret),
      providers: () => this.#findProviders(),
      ledger: () => this.#openLedger(),
      slipline: () => (this.#slipline ??= this.#compose(settings)),
    };
  }

  async #compose(settings: Settings): Promise<Slipline> {
    const { environment } = this.#surroundings;
    const { compose } = await import('./compose.ts');
    const { openPage } = await import('./terminal/browser.ts');
    const { TerminalPrompts } = await import('./terminal/prompts.ts');
    const messages = this.#messages;
    const terminal = (): Terminal | undefined => this.#openTerminal();
    return compose({
      environment,
      settings,
      providers: await this.#findProviders(),
      openLedger: () => this.#openLedger(),
      prompts: new TerminalPrompts({
        terminal,
        messages,
        redaction: this.#redaction,
        open: (url) => openPage(url, environment),
      }),
      log: messages.log,
    });
  }

  #catalog(): Catalog {
    return {
      commandNames: Object.keys(COMMANDS),
      command: (name) => COMMANDS[name]!(),
      plugin: (id) => this.#plugin(id),
      cmdlet: (name) => this.#cmdlet(name),
    };
  }

  async #cmdlet(name: string): Promise<FoundCmdlet | undefined> {
    const { findCmdlet } = await import('./cmdlets/find-cmdlet.ts');
    return findCmdlet(name, await this.#findProviders());
  }

  async #plugin(id: string): Promise<AnyPlugin> {
    const providers = await this.#findProviders();
    const found = providers.installed.find((one) => one.id === id);
    if (found !== undefined) return found.load();
    const { missingProvider } = await import('@slipline/config/plugins');
    const { PROGRAM } = await import('./own-program.ts');
    throw missingProvider(id, providers, PROGRAM);
  }

  #readConfig(): Promise<Config> {
    return (this.#config ??= this.#surroundings.readConfig());
  }

  #findProviders(): Promise<Providers> {
    this.#providers ??= this.#readConfig().then((config) => this.#surroundings.findProviders(config));
    return this.#providers;
  }

  #openLedger(): Promise<Ledger> {
    this.#ledger ??= this.#surroundings.openLedger(this.#messages);
    return this.#ledger;
  }

  #openTerminal(): Terminal | undefined {
    this.#terminal ??= { opened: this.#surroundings.openTerminal() };
    return this.#terminal.opened;
  }

  readonly #readSecret: ReadSecret = async (source, flag, value) => {
    const { environment, interruption } = this.#surroundings;
    const { secretFrom } = await import('./input/input.ts');
    const stdin = (): NodeJS.ReadableStream => this.#surroundings.streams.stdin;
    const secret = await secretFrom(
      { stdin, environment, variables: this.#variables, signal: interruption.signal },
      source,
      flag,
      value,
    );
    this.#redaction.add(secret);
    return secret;
  };

  async #help(topic: readonly string[]): Promise<number> {
    const { argv, environment, streams } = this.#surroundings;
    const { stdout } = streams;
    const { helpText } = await import('./arguments/help.ts');
    const style = styleFor(stdout, environment);
    const text = await helpText(topic, {
      catalog: this.#catalog(),
      style,
      providers: () => this.#findProviders(),
    });
    await new FormattedOutput({ format: 'table', stdout, style }).one({}, text);
    return argv.length === 0 ? EXIT.usage : EXIT.success;
  }

  #messagesFor({ output, verbose, debug, hidesWarnings }: LookedAt): StderrMessages {
    return new StderrMessages({
      stderr: () => this.#surroundings.streams.stderr,
      environment: this.#surroundings.environment,
      redaction: this.#redaction,
      isJson: output === 'json' || output === 'jsonl',
      level: debug === true ? 'debug' : verbose === true ? 'info' : hidesWarnings === true ? 'error' : 'warn',
    });
  }

  #sayInterrupted(): void {
    const what = this.#messages.status === '' ? '' : ` while ${this.#messages.status}`;
    this.#messages.log.warn(
      `interrupted${what}: ending what was begun, ${GRACE / 1000} s at most; Ctrl-C again leaves at once`,
    );
  }

  /** The command's own answer, unless it does not come to its end after an interruption. */
  async #untilInterrupted(work: Promise<number>): Promise<number> {
    const { signal } = this.#surroundings.interruption;
    const late = new Promise<number>((resolve) => {
      const wait = (): void => {
        setTimeout(() => {
          this.#messages.log.warn('left before the end: slipline ls shows what is still there');
          resolve(EXIT.fault);
        }, GRACE).unref();
      };
      if (signal.aborted) wait();
      else signal.addEventListener('abort', wait, { once: true });
    });
    return Promise.race([work, late]);
  }
}

async function within(milliseconds: number, work: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
