import {
  MemoryLedger,
  Secret,
  Slipline,
  type ApplyOptions,
  type DisconnectError,
  type NetworkOptions,
  type Outcome,
  type PlanOptions,
  type Prompts,
  type Session,
} from '@slipline/core';
import { createAuthority, recordingLogger, type Authority, type RecordingLogger } from '@slipline/testkit';
import { wsman } from '../plugin.ts';
import { FakeWinrm, type FakeWinrmOptions, type NewShell, RESOURCES, type Shell } from './index.ts';

let shared: Promise<Authority> | undefined;

/** One authority for all tests of a file: making keys takes time. */
export function authority(): Promise<Authority> {
  shared ??= createAuthority();
  return shared;
}

export const SERVER = 'server01';
export const USER = { userName: 'CORP\\Administrator', password: new Secret('fake-password') };

export interface WorldOptions {
  readonly winrm?: FakeWinrmOptions | undefined;
  readonly prompts?: Prompts | undefined;
  readonly network?: NetworkOptions | undefined;
  readonly plugin?: ReturnType<typeof wsman> | undefined;
}

/** A fake WinRM service by the names `server01`, its long form and `server02`, and a user's `Slipline` that can reach it. */
export class World implements AsyncDisposable {
  readonly winrm: FakeWinrm;
  readonly ledger = new MemoryLedger();
  readonly log: RecordingLogger = recordingLogger();
  readonly network: NetworkOptions;
  readonly slipline: Slipline;
  readonly #options: WorldOptions;

  private constructor(winrm: FakeWinrm, network: NetworkOptions, options: WorldOptions) {
    this.winrm = winrm;
    this.network = network;
    this.#options = options;
    this.slipline = this.process();
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const known = await authority();
    const hosts = [SERVER, `${SERVER}.corp.example`, 'server02'];
    const winrm = await FakeWinrm.start({
      certificate: await known.issue({ commonName: SERVER, names: hosts }),
      ...options.winrm,
    });
    const resolve = hosts.flatMap((host) => [
      { host, port: 5985, address: '127.0.0.1', toPort: winrm.httpPort },
      { host, port: 5986, address: '127.0.0.1', toPort: winrm.httpsPort },
    ]);
    return new World(winrm, { authorities: [known.certificate], resolve, ...options.network }, options);
  }

  /** A `Slipline` over the same ledger with connections of its own, as another process has them. */
  process(): Slipline {
    const { prompts, plugin } = this.#options;
    return new Slipline({
      providers: [plugin ?? wsman()],
      ledger: this.ledger,
      log: this.log,
      network: this.network,
      ...(prompts !== undefined && { prompts }),
    });
  }

  /** Connects to `server01` as its administrator, but for `values`; `undefined` leaves one out. */
  async connect(values: Readonly<Record<string, unknown>> = {}): Promise<Session> {
    const { session } = await this.slipline.connect('wsman', { computerName: SERVER, ...USER, ...values });
    return session;
  }

  async disconnect(selector: Readonly<Record<string, unknown>>, options?: ApplyOptions & PlanOptions) {
    const plan = await this.slipline.plan({ provider: 'wsman', selector }, options);
    return this.slipline.apply(plan, options);
  }

  list(selector: Readonly<Record<string, unknown>>, isLive = false) {
    return this.slipline.sessions({ provider: 'wsman', selector, isLive });
  }

  /** What became of one session. */
  async end(
    session: Session,
    options: ApplyOptions & { readonly effect?: 'end' | 'detach' | 'forget' } = {},
    slipline = this.slipline,
  ): Promise<Outcome> {
    const plan = await slipline.plan({ sessions: [session], effect: options.effect });
    if (plan.problems[0] !== undefined) throw plan.problems[0].error;
    const [outcome] = (await slipline.apply(plan, options)).outcomes;
    if (outcome === undefined) throw new Error('There is no outcome.');
    return outcome;
  }

  /** A shell that somebody opened from elsewhere. */
  shell(change: Partial<NewShell> = {}): Shell {
    return this.winrm.openShell({ owner: 'CORP\\jdoe', resourceUri: RESOURCES.cmd, ...change });
  }

  powerShell(change: Partial<NewShell> = {}): Shell {
    return this.shell({
      resourceUri: 'http://schemas.microsoft.com/powershell/Microsoft.PowerShell',
      ...change,
    });
  }

  /** The one shell there is, as Slipline lists it. */
  async listed(id: string): Promise<Session> {
    const { sessions, problems } = await this.list({ computerName: [SERVER], shellId: [id] });
    const [session] = sessions;
    if (session === undefined) throw problems[0]?.error ?? new Error('It is not listed.');
    return session;
  }

  /** States of the ledger's entries, those that have ended left out. */
  async states(): Promise<readonly string[]> {
    return (await this.ledger.entries()).map(({ state }) => state);
  }

  /** `Identify`, `Enumerate` and so on, oldest first, without what came before the last `clearRequests`. */
  get requests(): readonly string[] {
    return this.winrm.requests.map(({ kind }) => kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.slipline[Symbol.asyncDispose]();
    await this.winrm.stop();
  }
}

/** The error that `work` ends with. */
export async function errorOf(work: Promise<unknown>): Promise<DisconnectError> {
  try {
    await work;
  } catch (error) {
    return error as DisconnectError;
  }
  throw new Error('There was no error.');
}

/** `disconnected: end, verified`, `failed: protocol` and so on. */
export function said(outcome: Outcome | undefined): string {
  switch (outcome?.status) {
    case 'disconnected':
      return `disconnected: ${outcome.effect}, ${outcome.verification}`;
    case 'failed':
      return `failed: ${outcome.error.code}`;
    case undefined:
      return 'none';
    default:
      return outcome?.status ?? '';
  }
}
