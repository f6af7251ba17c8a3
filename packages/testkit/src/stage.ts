import assert from 'node:assert/strict';
import {
  MemoryLedger,
  Secret,
  sessionKey,
  Slipline,
  type ApplyOptions,
  type DisconnectEvent,
  type Effect,
  type NetworkOptions,
  type Outcome,
  type ParameterTable,
  type Plan,
  type Session,
} from '@slipline/core';
import type { Bench, BenchOptions, BenchSession } from './bench.ts';
import { recordingLogger, type RecordingLogger } from './recording-logger.ts';
import { Watch } from './watch.ts';

export type OpenBench = (options?: BenchOptions) => Promise<Bench>;

/** What one check stands on: a bench of its own, and a `Slipline` with nothing in its ledger. */
export class Stage implements AsyncDisposable {
  readonly bench: Bench;
  readonly watch: Watch;
  readonly slipline: Slipline;
  readonly ledger = new MemoryLedger();
  readonly log: RecordingLogger = recordingLogger();
  readonly events: DisconnectEvent[] = [];

  private constructor(bench: Bench, network: NetworkOptions) {
    this.bench = bench;
    this.watch = new Watch(bench.plugin);
    this.slipline = new Slipline({
      providers: [this.watch.plugin],
      ledger: this.ledger,
      log: this.log,
      prompts: bench.prompts,
      network: { ...network, resolve: [...(network.resolve ?? []), ...(bench.network.resolve ?? [])] },
    });
  }

  /** A stage whose provider is there but has not been asked anything. */
  static async ready(openBench: OpenBench, network: NetworkOptions = {}): Promise<Stage> {
    const stage = await Stage.bare(openBench, network);
    await stage.create();
    return stage;
  }

  /** A stage whose provider has not been created yet. */
  static async bare(openBench: OpenBench, network: NetworkOptions = {}): Promise<Stage> {
    const bench = await openBench();
    return new Stage(bench, { ...bench.network, ...network });
  }

  get provider(): string {
    return this.bench.plugin.id;
  }

  /** Has core create the provider: it does so before it refuses a selector that no plugin knows. */
  async create(): Promise<void> {
    const selector = { 'a parameter that no plugin has': true };
    await assert.rejects(this.slipline.sessions({ provider: this.provider, selector }));
    assert.ok(this.watch.provider !== undefined, 'the provider was not created');
  }

  open(): Promise<BenchSession> {
    return this.bench.open(this.slipline);
  }

  /** The plan of one session, selected as a user would. */
  async plan({ session, selector }: BenchSession, effect?: Effect): Promise<Plan> {
    const plan = await this.slipline.plan({ provider: this.provider, selector, effect });
    assert.deepEqual(
      plan.steps.map((step) => sessionKey(step.session)),
      [sessionKey(session)],
      'the selector of a session must select it, and nothing else',
    );
    return plan;
  }

  /** What became of the only session of a plan. */
  async apply(plan: Plan, options: ApplyOptions = {}): Promise<Outcome> {
    const [step] = plan.steps;
    const report = await this.slipline.apply(plan, {
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    const [outcome] = report.outcomes;
    assert.ok(step !== undefined && outcome !== undefined, 'a plan of one session has one outcome');
    return outcome;
  }

  async disconnect(opened: BenchSession, effect?: Effect, options?: ApplyOptions): Promise<Outcome> {
    return this.apply(await this.plan(opened, effect), { ...this.given(opened), ...options });
  }

  /** The credential among the values of a selector, as an app hands it to `apply`. */
  given({ selector }: BenchSession): Pick<ApplyOptions, 'userName' | 'password'> {
    const userName = half(this.bench.plugin.find, selector, 'userName');
    const password = half(this.bench.plugin.find, selector, 'password');
    return {
      ...(typeof userName === 'string' && { userName }),
      ...(password instanceof Secret && { password }),
    };
  }

  /** The same session in a new listing, if it is still there. */
  async listed({ session, selector }: BenchSession, isLive = false): Promise<Session | undefined> {
    const list = await this.slipline.sessions({ provider: this.provider, selector, isLive });
    return list.sessions.find((one) => sessionKey(one) === sessionKey(session));
  }

  /** Effects of a session that its server notices. */
  effectsOnServer({ session }: BenchSession): readonly Effect[] {
    return session.effects.filter((effect) => this.bench.expected(effect) !== 'live');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.bench.heal();
    try {
      await this.slipline[Symbol.asyncDispose]();
    } finally {
      await this.bench[Symbol.asyncDispose]();
    }
  }
}

function half(
  table: ParameterTable,
  values: BenchSession['selector'],
  which: 'userName' | 'password',
): unknown {
  const name = Object.keys(table).find((key) => table[key]?.credential === which);
  return name === undefined ? undefined : values[name];
}

/** Fails when this takes longer than anything on loopback does. */
export async function soon<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const guard = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} does not end` })), 5000);
  });
  try {
    return await Promise.race([work, guard]);
  } finally {
    clearTimeout(timer);
  }
}
