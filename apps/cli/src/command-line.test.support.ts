import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hpeOneView } from '@slipline/hpe-oneview';
import { FakeAppliance, type FakeApplianceOptions } from '@slipline/hpe-oneview/testing';
import { Secret, type AnyPlugin } from '@slipline/core';
import { openLedger, sliplinePaths } from '@slipline/ledger';
import { createAuthority, type Authority, type Bench } from '@slipline/testkit';
import { readConfig } from '@slipline/config';
import { Interruption } from './terminal/interruption.ts';
import { run } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../bin/slipline.cjs', import.meta.url));

export const PASSWORD = 'Canary-0f6b-password';

/** Characters that no output may have: controls other than line feed, and those that reorder or hide text. */
// eslint-disable-next-line no-control-regex -- what is looked for
export const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Buffer | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly terminal?: Terminal | undefined;
  /** Lets stdout claim that a person reads it. */
  readonly stdoutIsTerminal?: boolean | undefined;
}

export interface SpawnOptions extends Pick<RunOptions, 'stdin' | 'environment'> {
  readonly keepStdinOpen?: boolean | undefined;
  /** In the place of a pipe to the test. */
  readonly stdout?: Writable | undefined;
}

interface Surroundings {
  readonly plugin: AnyPlugin;
  /** The certificate of whoever has signed those of the systems. */
  readonly trusted: string;
  readonly authority?: Authority | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly appliances?: ReadonlyMap<string, FakeAppliance> | undefined;
}

/** Appliances under names of their own, and a home, for the command line to be tried with. */
export class CommandLine implements AsyncDisposable {
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly #plugin: AnyPlugin;
  readonly #authority: Authority | undefined;
  readonly #appliances: ReadonlyMap<string, FakeAppliance>;
  readonly #folder: string;

  private constructor({ plugin, trusted, authority, environment, appliances = new Map() }: Surroundings) {
    this.#folder = mkdtempSync(join(tmpdir(), 'slipline-cli-'));
    this.#plugin = plugin;
    this.#authority = authority;
    this.#appliances = appliances;
    this.home = join(this.#folder, 'home');
    const caFile = join(this.#folder, 'ca.pem');
    writeFileSync(caFile, trusted);
    this.environment = {
      PASSWORD,
      ...environment,
      SLIPLINE_HOME: this.home,
      SLIPLINE_KEYRING: 'off',
      // Not every fake speaks TLS.
      ...(trusted !== '' && { SLIPLINE_CA_FILE: caFile }),
    };
  }

  /** A home for the system of a bench, which is the caller's to end. */
  static over(
    { plugin, facts }: Pick<Bench, 'plugin' | 'facts'>,
    environment: Readonly<Record<string, string>> = {},
  ): CommandLine {
    const { authority: trusted = '' } = facts;
    return new CommandLine({ plugin, trusted, environment: { ...facts.environment, ...environment } });
  }

  static async start(
    names: readonly string[] = ['ov1.example'],
    settings: Partial<FakeApplianceOptions> = {},
  ): Promise<CommandLine> {
    const authority = await createAuthority();
    const appliances = new Map<string, FakeAppliance>();
    for (const name of names) {
      const certificate = await authority.issue({ commonName: name, names: [name] });
      const users = [{ userName: 'Administrator', password: PASSWORD }];
      appliances.set(name, await FakeAppliance.start({ certificate, users, ...settings }));
    }
    const rules = [...appliances].map(([name, { port }]) => `${name}:127.0.0.1:${port}`);
    return new CommandLine({
      plugin: hpeOneView(),
      trusted: authority.certificate,
      authority,
      environment: { SLIPLINE_RESOLVE: rules.join(',') },
      appliances,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const appliance of this.#appliances.values()) await appliance.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Who has signed the certificates of the appliances. */
  get authority(): Authority {
    if (this.#authority === undefined) throw new Error('There are no appliances.');
    return this.#authority;
  }

  /** The appliance of that name; the first one unless told. */
  appliance(name?: string): FakeAppliance {
    const found = name === undefined ? [...this.#appliances.values()][0] : this.#appliances.get(name);
    if (found === undefined) throw new Error(`There is no appliance ${name}.`);
    return found;
  }

  /** A path for a file of the test. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Writes config.json. */
  configure(config: object): void {
    const { config: folder } = sliplinePaths(this.environment, process.platform, this.home);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  }

  /** Every secret there is: none may be seen. */
  canaries(): readonly string[] {
    const tokens = [...this.#appliances.values()].flatMap((one) => one.sessions().map(({ token }) => token));
    return [PASSWORD, ...tokens];
  }

  /** Connects, and answers what was printed. */
  connect(name = 'ov1.example', ...more: readonly string[]): Promise<Ran> {
    return this.run([
      'connect',
      'hpe-oneview',
      name,
      '--user-name',
      'Administrator',
      '--password-env',
      'PASSWORD',
      ...more,
    ]);
  }

  /** Runs a command line in this process: everything is real but the process around it. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.begin(argv, options).ended;
  }

  /** The same, to be interrupted. */
  begin(
    argv: readonly string[],
    options: RunOptions = {},
  ): { readonly interruption: Interruption; readonly ended: Promise<Ran> } {
    const environment = { ...this.environment, ...options.environment };
    const stdout = Object.assign(new PassThrough(), { isTTY: options.stdoutIsTerminal ?? false });
    const stderr = new PassThrough();
    const interruption = new Interruption(() => undefined);
    const ended = run({
      argv,
      environment,
      streams: {
        stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
        stdinIsPiped: options.stdin !== undefined,
        stdout,
        stderr,
      },
      interruption,
      openTerminal: () => options.terminal,
      readConfig: () => readConfig(sliplinePaths(environment, process.platform, this.home).config),
      findProviders: async () => ({
        installed: [
          {
            id: this.#plugin.id,
            module: `@slipline/${this.#plugin.id}`,
            origin: 'first-party',
            load: async () => this.#plugin,
            importTesting: async () => undefined,
          },
        ],
        broken: [],
      }),
      openLedger: (messages) => openLedger({ environment, onNotice: (text) => messages.log.info(text) }),
    }).then(async (code) => {
      stdout.end();
      stderr.end();
      return { code, stdout: await textOf(stdout), stderr: await textOf(stderr) };
    });
    return { interruption, ended };
  }

  /** Runs a command line as a process of its own, without a terminal. */
  spawn(argv: readonly string[], options: SpawnOptions = {}): Spawned {
    const { NODE_V8_COVERAGE, PATH = '' } = process.env;
    const child = spawn(process.execPath, [PROGRAM, ...argv], {
      cwd: this.#folder,
      env: {
        PATH,
        ...(NODE_V8_COVERAGE !== undefined && { NODE_V8_COVERAGE }),
        ...this.environment,
        ...options.environment,
      },
      // A session of its own has no terminal that it could ask at.
      detached: true,
      stdio: ['pipe', options.stdout ?? 'pipe', 'pipe'],
    });
    if (options.keepStdinOpen !== true) child.stdin?.end(options.stdin ?? '');
    return new Spawned(child);
  }
}

/** A person who answers as told, in order; `questions` is what was asked. */
export class ScriptedTerminal implements Terminal {
  readonly questions: string[] = [];
  readonly #answers: string[];

  constructor(...answers: string[]) {
    this.#answers = answers;
  }

  async confirm(question: string): Promise<boolean> {
    return (await this.line(question)) === 'y';
  }

  async line(question: string): Promise<string> {
    this.questions.push(question);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error(`Nobody answers: ${question}`);
    return answer;
  }

  async secret(question: string): Promise<Secret> {
    return new Secret(await this.line(question));
  }
}

/** A process under way. */
export class Spawned {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** What it has said on stderr until now. */
  readonly stderr: () => string;

  constructor(child: ChildProcess) {
    this.child = child;
    let stdout = '';
    let stderr = '';
    child.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    this.stderr = () => stderr;
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) =>
        resolve({
          code: code ?? -1,
          stdout,
          stderr: signal === null ? stderr : `${stderr}${signal}`,
        }),
      );
    });
  }
}

async function textOf(stream: PassThrough): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString();
}
