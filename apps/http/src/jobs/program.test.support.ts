import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Slipline } from '@slipline/core';
import { openLedger } from '@slipline/ledger';
import type { Bench } from '@slipline/testkit';

const ENTRY = fileURLToPath(new URL('../../bin/slipline-http.cjs', import.meta.url));

/** A person's folders, in which the service is started as a program, again and again. */
export class Home implements AsyncDisposable {
  readonly folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #bench: Bench;
  readonly #services = new Set<Service>();

  private constructor(folder: string, environment: NodeJS.ProcessEnv, bench: Bench) {
    this.folder = folder;
    this.#environment = environment;
    this.#bench = bench;
  }

  static async make(bench: Bench): Promise<Home> {
    const folder = await mkdtemp(join(tmpdir(), 'slipline-http-home-'));
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, bench.facts.authority ?? '');
    const { PATH } = process.env;
    const environment = {
      PATH,
      ...bench.facts.environment,
      SLIPLINE_HOME: folder,
      SLIPLINE_KEYRING: 'off',
      SLIPLINE_CA_FILE: caFile,
      SLIPLINE_HTTP_OUTBOUND: '127.0.0.0/8',
    };
    return new Home(folder, environment, bench);
  }

  /** Opens sessions as another program of the same person does. */
  async open(count: number): Promise<void> {
    const { plugin, network } = this.#bench;
    const ledger = await openLedger({ environment: this.#environment, onNotice: () => undefined });
    const slipline = new Slipline({ providers: [plugin], ledger, network });
    for (let opened = 0; opened < count; opened += 1)
      await slipline.connect(plugin.id, this.#bench.connectValues?.() ?? {});
    await slipline[Symbol.asyncDispose]();
    await ledger[Symbol.asyncDispose]();
  }

  /** A key of an operator who sees everything. */
  async key(): Promise<string> {
    const child = this.#spawn('keys', 'create', '--user', 'olga', '--role', 'operator', '--scope', '*');
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await ended(child);
    return text.trim();
  }

  /** Resolves when it listens. */
  async start(key: string): Promise<Service> {
    const service = new Service(this.#spawn('--port', '0', '--log-level', 'warn'), key);
    this.#services.add(service);
    await service.ready();
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of this.#services) await service.end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  #spawn(...words: readonly string[]): ChildProcess {
    return spawn(process.execPath, [ENTRY, ...words], { env: this.#environment });
  }
}

/** The service as a program that runs. */
export class Service {
  readonly #child: ChildProcess;
  readonly #key: string;
  #errors = '';
  #url = '';

  constructor(child: ChildProcess, key: string) {
    this.#child = child;
    this.#key = key;
    child.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
  }

  get errors(): string {
    return this.#errors;
  }

  async ready(): Promise<void> {
    let text = '';
    this.#url = await new Promise((resolve, reject) => {
      this.#child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const url = /Slipline is at (http:\S+?)\/?\s/.exec(text)?.[1];
        if (url !== undefined) resolve(url);
      });
      this.#child.once('exit', () => reject(new Error(`it did not start: ${this.#errors}`)));
    });
  }

  fetch(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async json<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.fetch(method, path, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Ends it; its exit code, or the signal. */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill(signal);
      await ended(this.#child);
    }
    return this.#child.exitCode ?? this.#child.signalCode;
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}
