import {
  DisconnectError,
  MemoryLedger,
  Slipline,
  systemClock,
  type ApplyOptions,
  type Clock,
  type LedgerEntry,
  type Prompts,
  type Report,
  type Session,
} from '@slipline/core';
import { createAuthority, recordingLogger, type Authority, type RecordingLogger } from '@slipline/testkit';
import { openBench, type ExchangeOnlineBench, type ExchangeOnlineBenchOptions } from './index.ts';

export interface WorldOptions extends ExchangeOnlineBenchOptions {
  readonly prompts?: Prompts | undefined;
}

/** The fakes, and an app that composes the provider; time passes as usual, and faster where `advance` says so. */
export class World implements AsyncDisposable {
  readonly bench: ExchangeOnlineBench;
  readonly slipline: Slipline;
  readonly ledger = new MemoryLedger();
  readonly log: RecordingLogger = recordingLogger();
  readonly #time: { skew: number };

  private constructor(bench: ExchangeOnlineBench, time: { skew: number }, prompts: Prompts | undefined) {
    this.bench = bench;
    this.#time = time;
    this.slipline = this.app({ prompts });
  }

  static async open({ prompts, ...options }: WorldOptions = {}): Promise<World> {
    const time = { skew: 0 };
    const clock = { now: () => Date.now() + time.skew };
    const bench = await openBench({ authority: await authority(), clock, ...options });
    return new World(bench, time, prompts);
  }

  /** Another process with the same ledger. */
  app({ prompts = this.bench.prompts }: { readonly prompts?: Prompts | undefined } = {}): Slipline {
    return new Slipline({
      providers: [this.bench.plugin],
      ledger: this.ledger,
      log: this.log,
      clock: this.clock,
      network: this.bench.network,
      prompts,
    });
  }

  get clock(): Clock {
    return { ...systemClock, now: () => Date.now() + this.#time.skew };
  }

  advance(milliseconds: number): void {
    this.#time.skew += milliseconds;
  }

  /** Signs in the first user by device code, unless `values` say otherwise. */
  async connect(values: Readonly<Record<string, unknown>> = {}): Promise<Session> {
    return (await this.slipline.connect('exchange-online', { ...this.bench.connectValues(), ...values }))
      .session;
  }

  async connectApplication(values: Readonly<Record<string, unknown>> = {}): Promise<Session> {
    return (await this.slipline.connect('exchange-online', { ...this.bench.applicationValues(), ...values }))
      .session;
  }

  async list(isLive = false): Promise<readonly Session[]> {
    return (await this.slipline.sessions({ provider: 'exchange-online', selector: {}, isLive })).sessions;
  }

  async disconnect(
    selector: Readonly<Record<string, unknown>> = {},
    options: ApplyOptions & { readonly effect?: 'forget' | 'revoke' } = {},
  ): Promise<Report> {
    const { effect, ...apply } = options;
    const plan = await this.slipline.plan({ provider: 'exchange-online', selector, effect });
    return this.slipline.apply(plan, apply);
  }

  /** What is written down and has not ended. */
  entries(): Promise<readonly LedgerEntry[]> {
    return this.ledger.entries();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.slipline[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }
}

let made: Promise<Authority> | undefined;

/** One for all tests of a file: making one takes its time. */
export function authority(): Promise<Authority> {
  return (made ??= createAuthority());
}

/** What a promise rejects with, which must be one of ours. */
export async function errorOf(pending: Promise<unknown>): Promise<DisconnectError> {
  try {
    await pending;
  } catch (error) {
    if (DisconnectError.is(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
