import {
  MemoryLedger,
  Slipline,
  type ApplyOptions,
  type DisconnectError,
  type NetworkOptions,
  type Outcome,
  type Prompts,
  type Session,
} from '@slipline/core';
import { createAuthority, recordingLogger, type Authority, type RecordingLogger } from '@slipline/testkit';
import { openBench, type OneViewBench, type OneViewBenchOptions } from './bench.ts';
import type { FakeAppliance } from './fake-appliance.ts';
import type { RecordedRequest } from './recorded-request.ts';

let shared: Promise<Authority> | undefined;

/** One authority for all tests of a file: making keys takes time. */
export function authority(): Promise<Authority> {
  shared ??= createAuthority();
  return shared;
}

export interface WorldOptions {
  readonly appliance?: OneViewBenchOptions['appliance'];
  readonly prompts?: Prompts | undefined;
  readonly network?: NetworkOptions | undefined;
}

/** A fake appliance, and a user's `Slipline` that can reach it. */
export class World implements AsyncDisposable {
  readonly bench: OneViewBench;
  readonly ledger = new MemoryLedger();
  readonly log: RecordingLogger = recordingLogger();
  readonly slipline: Slipline;

  readonly #options: WorldOptions;

  private constructor(bench: OneViewBench, options: WorldOptions) {
    this.bench = bench;
    this.#options = options;
    this.slipline = this.process();
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const bench = await openBench({ authority: await authority(), appliance: options.appliance });
    return new World(bench, options);
  }

  /** A `Slipline` over the same ledger with connections of its own, as another process has them. */
  process(): Slipline {
    const { prompts, network } = this.#options;
    return new Slipline({
      providers: [this.bench.plugin],
      ledger: this.ledger,
      log: this.log,
      network: { ...this.bench.network, ...network },
      ...(prompts !== undefined && { prompts }),
    });
  }

  get appliance(): FakeAppliance {
    return this.bench.appliance;
  }

  /** Connects as the fake's first user, but for `values`. */
  async connect(values: Readonly<Record<string, unknown>> = {}): Promise<Session> {
    const { session } = await this.slipline.connect('hpe-oneview', {
      ...this.bench.connectValues(),
      ...values,
    });
    return session;
  }

  async disconnect(selector: Readonly<Record<string, unknown>>, options?: ApplyOptions) {
    const plan = await this.slipline.plan({ provider: 'hpe-oneview', selector });
    return this.slipline.apply(plan, options);
  }

  /** What became of one session. */
  async end(session: Session, options?: ApplyOptions, slipline = this.slipline): Promise<Outcome> {
    const plan = await slipline.plan({ sessions: [session] });
    const { outcomes } = await slipline.apply(plan, options);
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error('There is no outcome.');
    return outcome;
  }

  async token(session: Session): Promise<string> {
    return (await this.ledger.secret(session)).reveal();
  }

  /** `POST /rest/login-sessions` and so on, oldest first, without what came before the last `clearRequests`. */
  get requests(): readonly string[] {
    return this.appliance.requests.map(({ method, path }) => `${method} ${path}`);
  }

  request(method: string, path: string): RecordedRequest | undefined {
    return this.appliance.requests.find((request) => request.method === method && request.path === path);
  }

  /** States of the ledger's entries, those that have ended left out. */
  async states(): Promise<readonly string[]> {
    return (await this.ledger.entries()).map(({ state }) => state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.slipline[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
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
