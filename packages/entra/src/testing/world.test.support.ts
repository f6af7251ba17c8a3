import {
  MemoryLedger,
  Slipline,
  systemClock,
  type ApplyOptions,
  type Outcome,
  type Prompts,
  type Session,
} from '@slipline/core';
import { createAuthority, recordingLogger, type Authority, type RecordingLogger } from '@slipline/testkit';
import { entra, type EntraOptions } from '../plugin.ts';
import { openBench, type EntraBench, type EntraBenchOptions } from './bench.ts';

let shared: Promise<Authority> | undefined;

/** One authority for all tests of a file: making keys takes time. */
function authority(): Promise<Authority> {
  shared ??= createAuthority();
  return shared;
}

export interface WorldOptions extends EntraBenchOptions {
  /** Besides those that make the fakes be found. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  readonly entra?: EntraOptions | undefined;
  /** The time that `Slipline` lives by; the computer's when absent. */
  readonly now?: (() => number) | undefined;
  readonly ledger?: MemoryLedger | undefined;
  /** What somebody does who is asked to sign in; as the bench does when absent, nobody for `null`. */
  readonly notice?: Prompts['notice'] | null | undefined;
}

/** Fakes, and a user's `Slipline` that can reach them. */
export class World implements AsyncDisposable {
  readonly bench: EntraBench;
  readonly ledger: MemoryLedger;
  readonly log: RecordingLogger = recordingLogger();
  readonly slipline: Slipline;
  readonly options: WorldOptions;

  private constructor(bench: EntraBench, options: WorldOptions) {
    this.bench = bench;
    this.options = options;
    this.ledger = options.ledger ?? new MemoryLedger();
    this.slipline = this.process();
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    return new World(await openBench({ authority: await authority(), ...options }), options);
  }

  /** A `Slipline` over the same ledger with connections of its own, as another process has them. */
  process(options: WorldOptions = this.options): Slipline {
    const { variables, notice, now } = options;
    const own = { ...this.bench.facts.environment, ...variables };
    return new Slipline({
      providers: [entra({ variables: own, ...options.entra })],
      ledger: this.ledger,
      log: this.log,
      ...(now !== undefined && { clock: { ...systemClock, now } }),
      network: this.bench.network,
      ...(notice !== null && { prompts: notice === undefined ? this.bench.prompts : { notice } }),
    });
  }

  get provider() {
    return this.bench.provider;
  }

  get graph() {
    return this.bench.graph;
  }

  /** Signs in as the fake's first person, or as `person`. */
  async connect(values: Readonly<Record<string, unknown>> = {}, person?: string): Promise<Session> {
    if (person !== undefined) this.bench.person = person;
    return this.connectOnly({ ...this.bench.connectValues(), ...values });
  }

  /** Connects with these values and no others. */
  async connectOnly(values: Readonly<Record<string, unknown>>): Promise<Session> {
    const { session } = await this.bench.open(this.slipline, values);
    return session;
  }

  /** Connects as the fake's application. */
  connectApplication(values: Readonly<Record<string, unknown>> = {}): Promise<Session> {
    return this.connectOnly({ ...this.bench.applicationValues(), ...values });
  }

  /** What became of one session. */
  async end(session: Session, effect?: 'forget' | 'revoke', options?: ApplyOptions): Promise<Outcome> {
    const plan = await this.slipline.plan({ sessions: [session], effect });
    const { outcomes } = await this.slipline.apply(plan, options);
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error(`There is no outcome: ${JSON.stringify(plan.problems)}`);
    return outcome;
  }

  /** The access token that a program would be given. */
  async token(session: Session, slipline = this.slipline): Promise<string> {
    const { environment } = await slipline.access(session);
    const token = environment['GRAPH_ACCESS_TOKEN'];
    return typeof token === 'string' ? token : (token?.reveal() ?? '');
  }

  async list(selector: Readonly<Record<string, unknown>> = {}, isLive = false) {
    return this.slipline.sessions({ provider: 'entra', selector, isLive });
  }

  /** Numbers of the sessions that are listed. */
  async numbers(selector: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> {
    return (await this.list(selector)).sessions.map(({ id }) => id);
  }

  clearRequests(): void {
    this.provider.clearRequests();
    this.graph.clearRequests();
  }

  /** How many requests have come since the last `clearRequests`. */
  get requestCount(): number {
    return this.bench.requests?.() ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.slipline[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }
}

/** What a promise rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}
