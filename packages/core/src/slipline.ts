import { Calls, type GivenCredential, type Prompts } from './calls.ts';
import { systemClock } from './clock.ts';
import { Connector, type ConnectOptions } from './connector.ts';
import { Patience, withDeadline } from './deadline.ts';
import { Disconnector, type ApplyOptions } from './disconnector.ts';
import { DisconnectError } from './errors.ts';
import { Finder, type FindOptions } from './finder.ts';
import type { Clock, Host, Logger } from './host.ts';
import type { JsonValue } from './json.ts';
import type { Ledger, Receipt, ReceiptFilter } from './ledger.ts';
import type { NetworkOptions } from './network/dialer.ts';
import { Network } from './network/network.ts';
import type { Problem, Report } from './outcome.ts';
import { parseParameters } from './parameters.ts';
import type { Plan } from './plan.ts';
import { Planner, type DisconnectRequest, type PlanOptions } from './planner.ts';
import type { Access, AnyPlugin, CallContext } from './provider.ts';
import { Reader } from './reader.ts';
import { Registry, type LazyPlugin } from './registry.ts';
import type { Session, SessionRef } from './session.ts';

export interface SliplineOptions {
  readonly providers: readonly (AnyPlugin | LazyPlugin)[];
  /** A ledger stays the caller's to close; one that a function opens, on first use, is closed with this object. */
  readonly ledger: Ledger | (() => Promise<Ledger>);
  readonly network?: NetworkOptions | undefined;
  /** How to ask a person; nobody is asked when absent. */
  readonly prompts?: Prompts | undefined;
  /** Silent when absent. */
  readonly log?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

export interface SessionQuery extends FindOptions {
  /** All providers when absent. */
  readonly provider?: string | undefined;
  /** Values for the provider's `find` parameters; with it, or with `isLive`, the provider is asked. */
  readonly selector?: Readonly<Record<string, unknown>> | undefined;
}

export interface SessionList {
  readonly sessions: readonly Session[];
  readonly problems: readonly Problem[];
}

/** A session that ends with its scope: `await using session = await slipline.connect(…)`. */
export interface OpenSession extends AsyncDisposable {
  readonly session: Session;
  /** Ends it, once; later calls answer the same. Rejects if it cannot be ended, and then it stays in the ledger. */
  disconnect(options?: ApplyOptions): Promise<Report>;
}

const SILENT: Logger = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
});

/** What an app holds: connect, list, plan, apply, access, dispose. Methods throw `DisconnectError`. */
export class Slipline implements AsyncDisposable {
  readonly #options: SliplineOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #patience: Patience;
  readonly #network: Network;
  readonly #registry: Registry;
  readonly #calls: Calls;
  readonly #finder: Finder;
  readonly #reader: Reader;
  readonly #planner: Planner;
  readonly #disconnector: Disconnector;
  readonly #connector: Connector;
  #ledger: Promise<Ledger> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SliplineOptions) {
    this.#options = options;
    const clock = (this.#clock = options.clock ?? systemClock);
    const log = (this.#log = options.log ?? SILENT);
    const patience = (this.#patience = new Patience(clock));
    const prompts = patient(options.prompts ?? {}, patience);
    const ledger = (): Promise<Ledger> => this.ledger();
    const network = (this.#network = new Network(
      options.network ?? {},
      log,
      async () => (await ledger()).trust,
      prompts.trust,
    ));
    const registry = (this.#registry = new Registry(options.providers, () => this.#host()));
    const calls = (this.#calls = new Calls(ledger, prompts));
    this.#finder = new Finder(registry, calls, clock, patience);
    const reader = (this.#reader = new Reader(registry, calls, clock, patience));
    this.#planner = new Planner(registry, this.#finder, reader, clock);
    const disconnector = (this.#disconnector = new Disconnector({
      registry,
      calls,
      reader,
      ledger,
      clock,
      log,
      patience,
    }));
    this.#connector = new Connector({ registry, calls, ledger, network, disconnector, clock, log, patience });
  }

  /** The ids of the providers that were composed. */
  get providers(): readonly string[] {
    return this.#registry.ids;
  }

  /** The plugin of one of them; imported, if it is lazy. */
  plugin(id: string): Promise<AnyPlugin> {
    return this.#registry.plugin(id);
  }

  /** The ledger this object writes; opened on first use. */
  ledger(): Promise<Ledger> {
    const { ledger } = this.#options;
    this.#ledger ??= typeof ledger === 'function' ? ledger() : Promise.resolve(ledger);
    return this.#ledger;
  }

  /** Opens a session. Dispose of what is returned to end it; leave it, and it stays open and listed. */
  async connect(
    provider: string,
    values: Readonly<Record<string, unknown>>,
    options?: ConnectOptions,
  ): Promise<OpenSession> {
    const session = await this.#connector.connect(provider, values, options);
    return this.#handle(session);
  }

  /** Sessions: those of the ledger, asking nobody and loading no provider, unless a selector or `isLive` asks for more. */
  async sessions(query: SessionQuery = {}): Promise<SessionList> {
    const { provider, selector, isLive = false } = query;
    if (provider !== undefined && (selector !== undefined || isLive))
      return this.#finder.find(provider, selector ?? {}, query);
    if (provider !== undefined && !this.providers.includes(provider)) await this.plugin(provider);
    const entries = await (await this.ledger()).entries({ provider });
    if (!isLive) return { sessions: entries.map((entry) => entry.session), problems: [] };
    const known = new Set(entries.map((entry) => entry.session.provider));
    const lists = await Promise.all([...known].map((id) => this.#findOr(id, query)));
    return {
      sessions: lists.flatMap((list) => list.sessions),
      problems: lists.flatMap((list) => list.problems),
    };
  }

  /** What a request would disconnect. Changes nothing. */
  plan(request: DisconnectRequest, options?: PlanOptions): Promise<Plan> {
    return this.#planner.plan(request, options);
  }

  /** Does what a plan says: one outcome for each of its sessions, in its order. */
  apply(plan: Plan, options?: ApplyOptions): Promise<Report> {
    return this.#disconnector.apply(plan, options);
  }

  /** What another program needs to use an own session; noted in the receipts. */
  async access(
    ref: SessionRef,
    options: GivenCredential & {
      readonly signal?: AbortSignal;
      readonly timeout?: number;
      readonly reason?: string;
    } = {},
  ): Promise<Access> {
    const { plugin, provider } = await this.#registry.get(ref.provider);
    if (provider.access === undefined)
      throw new DisconnectError('unsupported', `${plugin.title} has nothing to hand to another program`);
    const work = provider.access.bind(provider);
    return this.#noted({ kind: 'access', reason: options.reason }, ref, options, (session, context) =>
      work(session, context),
    );
  }

  /** Does one of the plugin's actions to a session. */
  async act(
    name: string,
    ref: SessionRef,
    input: Readonly<Record<string, unknown>>,
    options: GivenCredential & {
      readonly signal?: AbortSignal;
      readonly timeout?: number;
      readonly reason?: string;
    } = {},
  ): Promise<JsonValue> {
    const { plugin, provider } = await this.#registry.get(ref.provider);
    const action = Object.hasOwn(plugin.actions ?? {}, name) ? plugin.actions?.[name] : undefined;
    if (action === undefined || provider.act === undefined) {
      const known = Object.keys(plugin.actions ?? {});
      throw new DisconnectError(
        'unsupported',
        `${plugin.title} has no action "${name.slice(0, 80)}"`,
        known.length === 0 ? {} : { next: `it has: ${known.join(', ')}` },
      );
    }
    const values = parseParameters(action.parameters, input);
    const work = provider.act.bind(provider);
    return this.#noted(
      { kind: 'act', action: name, reason: options.reason },
      ref,
      options,
      (session, context) => work(name, session, values, context),
    );
  }

  /** Receipts, newest first. */
  async receipts(filter?: ReceiptFilter): Promise<readonly Receipt[]> {
    return (await this.ledger()).receipts(filter);
  }

  /** Closes providers, network and a ledger that a function opened. Sessions stay open and listed. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const errors: unknown[] = [];
    const attempt = (work: Promise<unknown> | undefined): Promise<unknown> | undefined =>
      work?.catch((error: unknown) => errors.push(error));
    await attempt(this.#registry[Symbol.asyncDispose]());
    await attempt(this.#network[Symbol.asyncDispose]());
    if (typeof this.#options.ledger === 'function')
      await attempt(this.#ledger?.then((ledger) => ledger[Symbol.asyncDispose]()));
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be closed');
  }

  #handle(session: Session): OpenSession {
    let ended: Promise<Report> | undefined;
    const effect = session.effects[0];
    const disconnect = (options: ApplyOptions = {}): Promise<Report> => {
      const steps = effect === undefined ? [] : [{ session, effect, isNamed: true }];
      ended ??= this.apply(
        {
          version: 1,
          createdAt: new Date(this.#clock.now()).toISOString(),
          steps,
          problems: [],
          isEverything: false,
        },
        options,
      ).then((report) => {
        const [outcome] = report.outcomes;
        if (outcome?.status === 'failed') throw outcome.error;
        return report;
      });
      ended.catch(() => (ended = undefined));
      return ended;
    };
    return { session, disconnect, [Symbol.asyncDispose]: async () => void (await disconnect()) };
  }

  async #noted<T>(
    what: { readonly kind: 'access' | 'act'; readonly action?: string; readonly reason?: string | undefined },
    ref: SessionRef,
    options: GivenCredential & { readonly signal?: AbortSignal; readonly timeout?: number },
    work: (session: Session, context: CallContext) => Promise<T>,
  ): Promise<T> {
    const session = await this.#reader.begin(options.signal, options)(ref);
    if (session === undefined) {
      throw new DisconnectError('not-found', `there is no session ${ref.id}`, {
        system: ref.endpoint,
        next: `slipline ls ${ref.provider} shows what there is`,
      });
    }
    const ledger = await this.ledger();
    const [begun] = await ledger.begin([{ ...what, session }]);
    const operation = begun?.operation ?? '';
    try {
      const value = await withDeadline(
        this.#clock,
        options.timeout ?? 20_000,
        options.signal,
        (signal) => work(session, this.#calls.context(ref.provider, signal, options)),
        this.#patience,
      );
      await ledger.finish([{ operation, status: 'done' }]);
      return value;
    } catch (error) {
      const known = DisconnectError.from(error).at(ref.endpoint);
      await ledger.finish([{ operation, status: 'failed', error: known.toJSON() }]);
      throw known;
    }
  }

  async #findOr(provider: string, query: SessionQuery): Promise<SessionList> {
    try {
      return await this.#finder.find(provider, {}, query);
    } catch (error) {
      return { sessions: [], problems: [{ provider, error: DisconnectError.from(error) }] };
    }
  }

  async #host(): Promise<Host> {
    const { resolveIn } = await import('./container/resolve.ts');
    const host = {
      log: this.#log,
      clock: this.#clock,
      fetch: this.#network.fetch,
      dial: this.#network.dialer.dial.bind(this.#network.dialer),
    };
    return Object.freeze({
      ...host,
      resolve: <T>(type: new (...args: never[]) => T, options: unknown): T => resolveIn(host, type, options),
    });
  }
}

function patient(prompts: Prompts, patience: Patience): Prompts {
  const { credential, trust } = prompts;
  return {
    ...(credential !== undefined && {
      credential: (wanted, signal) => patience.during(() => credential.call(prompts, wanted, signal)),
    }),
    ...(trust !== undefined && {
      trust: (certificate, signal) => patience.during(() => trust.call(prompts, certificate, signal)),
    }),
  };
}
