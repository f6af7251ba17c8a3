import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import type { EntraBench } from '@slipline/entra/testing';
import type { ExchangeOnlineBench } from '@slipline/exchange-online/testing';
import { openLedger, sliplinePaths } from '@slipline/ledger';
import {
  FakeBrowser,
  SECRET_APPLICATION,
  type FakeIdentityProvider,
} from '@slipline/microsoft-identity/testing';
import { Spawned, type Ran } from './command-line.test.support.ts';
import { openLab, type Lab } from './lab/lab.ts';
import { ENTRY, PROGRAM } from './own-program.ts';
import { findProviders } from '@slipline/config/plugins';
import { run } from './program.ts';
import { readConfig } from '@slipline/config';
import { Interruption } from './terminal/interruption.ts';
import type { Terminal } from './terminal/terminal.ts';

export const ADA = 'ada@contoso.onmicrosoft.com';
export const BEN = 'ben@contoso.onmicrosoft.com';

/** To connect as the application, with the secret in the variable SECRET. */
export const APPLICATION = ['--client-id', SECRET_APPLICATION.clientId, '--client-secret-env', 'SECRET'];

/** The lab's cloud, and a home for the command line to be tried with. */
export class Clouds implements AsyncDisposable {
  readonly lab: Lab;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;

  private constructor(lab: Lab, home: string) {
    this.lab = lab;
    this.home = home;
    // A key of its own, where a home keeps one.
    const variables = Object.entries(lab.environment).filter(([name]) => name !== 'SLIPLINE_KEY_FILE');
    this.environment = {
      ...(Object.fromEntries(variables) as Record<string, string>),
      SLIPLINE_HOME: home,
      SECRET: SECRET_APPLICATION.secrets[0]?.value ?? '',
      // Nobody's browser opens; a test says otherwise.
      BROWSER: 'none',
    };
  }

  /** `homeName` is what the folder is called that everything is kept in. */
  static async start(homeName = 'home'): Promise<Clouds> {
    const config = { folder: '/nowhere', plugins: [], settings: {} };
    const { installed } = await findProviders(config, PROGRAM);
    const providers = installed.filter(({ id }) => ['entra', 'exchange-online'].includes(id));
    const { PATH = '' } = process.env;
    const lab = await openLab({ providers, config, environment: { PATH } });
    const home = join(lab.home, homeName);
    mkdirSync(home, { mode: 0o700 });
    return new Clouds(lab, home);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }

  get entra(): EntraBench {
    return this.#bench('entra') as EntraBench;
  }

  get exchange(): ExchangeOnlineBench {
    return this.#bench('exchange-online') as ExchangeOnlineBench;
  }

  /** Both sign in here. */
  get directory(): FakeIdentityProvider {
    return this.entra.provider;
  }

  /** Every token, code, secret and password there ever was. */
  canaries(): readonly string[] {
    const passwords = [this.entra, this.exchange].flatMap(({ facts }) =>
      facts.users.map(({ password }) => password),
    );
    return [...new Set([...this.entra.canaries(), ...this.exchange.canaries(), ...passwords])];
  }

  passwordOf(userName: string): string {
    return this.entra.facts.users.find((user) => user.userName === userName)?.password ?? '';
  }

  /** Where the ledger is. */
  get paths() {
    return sliplinePaths(this.environment, process.platform, this.home);
  }

  /** The files below the home that have one of these in them. */
  filesWith(wanted: readonly (Buffer | string)[]): readonly string[] {
    return readdirSync(this.home, { recursive: true, encoding: 'utf8' })
      .map((name) => join(this.home, name))
      .filter((path) => statSync(path).isFile())
      .filter((path) => {
        const content = readFileSync(path);
        return wanted.some((one) => content.includes(one));
      });
  }

  /** Runs a command line as a process of its own, without a terminal. */
  spawn(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Spawned {
    const child = spawn(process.execPath, [ENTRY, ...argv], {
      cwd: this.lab.home,
      env: { ...this.environment, ...environment },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end();
    return new Spawned(child);
  }

  /** The same, to its end. */
  call(...argv: readonly string[]): Promise<Ran> {
    return this.spawn(argv).ended;
  }

  /** Signs somebody in with a code that a process shows on stderr. */
  async connect(userName: string, ...argv: readonly string[]): Promise<Ran> {
    const flag = argv[0] === 'entra' ? '--use-device-code' : '--device';
    const connecting = this.spawn(['connect', ...argv, flag]);
    const code = await shown(connecting, /\b[A-Z]{9}\b/);
    this.directory.approveDevice(code, userName);
    return connecting.ended;
  }

  /** A program for the variable BROWSER that writes down the page it is to show, and a person who signs in there. */
  browser(userName: string): { readonly program: string; signIn(): Promise<void> } {
    const [program, page] = [join(this.lab.home, 'browser'), join(this.lab.home, 'page')];
    writeFileSync(program, `#!/bin/sh\nprintf %s "$1" > '${page}.part' && mv '${page}.part' '${page}'\n`);
    chmodSync(program, 0o700);
    const signIn = async (): Promise<void> => {
      while (!existsSync(page)) await wait(20);
      const person = { userName, password: this.passwordOf(userName) };
      const url = readFileSync(page, 'utf8');
      rmSync(page);
      await new FakeBrowser(this.entra.facts.authority ?? '').signIn(url, person);
    };
    return { program, signIn };
  }

  /** Runs a command line in this process, for a person at a terminal. */
  async run(argv: readonly string[], terminal?: Terminal): Promise<Ran> {
    const { environment } = this;
    const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY: false }), new PassThrough()];
    const printed = Promise.all([text(stdout), text(stderr)]);
    const code = await run({
      argv,
      environment: { ...environment },
      streams: { stdin: Readable.from([]), stdinIsPiped: false, stdout, stderr },
      interruption: new Interruption(() => undefined),
      openTerminal: () => terminal,
      readConfig: () => readConfig(this.paths.config),
      findProviders: async (config) => this.#only(await findProviders(config, PROGRAM)),
      openLedger: (messages) => openLedger({ environment, onNotice: (what) => messages.log.warn(what) }),
    });
    stdout.end();
    stderr.end();
    const [out, said] = await printed;
    return { code, stdout: out, stderr: said };
  }

  /** The plugins of the benches: those that are loaded read the variables of this process. */
  #only(found: Awaited<ReturnType<typeof findProviders>>): Awaited<ReturnType<typeof findProviders>> {
    const installed = found.installed.filter(({ id }) => this.lab.benches.has(id));
    return {
      ...found,
      installed: installed.map((one) => ({ ...one, load: async () => this.#bench(one.id).plugin })),
    };
  }

  #bench(id: string) {
    const bench = this.lab.benches.get(id);
    if (bench === undefined) throw new Error(`The lab has no ${id}.`);
    return bench;
  }
}

/** What a process says on stderr that fits, as soon as it says it. Throws where it ends before. */
export async function shown(process: Spawned, pattern: RegExp): Promise<string> {
  let ran: Ran | undefined;
  void process.ended.then((end) => (ran = end));
  for (;;) {
    const found = pattern.exec(process.stderr())?.[0];
    if (found !== undefined) return found;
    if (ran !== undefined) throw new Error(`It ended: ${JSON.stringify(ran)}`);
    await wait(20);
  }
}
