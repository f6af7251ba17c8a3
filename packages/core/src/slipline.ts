import { Calls, type Prompts } from './calls.ts';
import { Cleaner, type CleanupOptions, type CleanupReport } from './cleaner.ts';
import { systemClock } from './clock.ts';
import { Connector, type ConnectOptions } from './connector.ts';
import { Deadlines } from './deadline.ts';
import { Disconnector, type ApplyOptions } from './disconnector.ts';
import { DisconnectError } from './errors.ts';
import { Finder, type FindOptions } from './finder.ts';
import type { Clock, Host, Logger } from './host.ts';
import type { JsonValue } from './json.ts';
import type { Ledger, Receipt, ReceiptFilter, TrustStore } from './ledger.ts';
import type { NetworkOptions } from './network/dialer.ts';
import type { Network } from './network/network.ts';
import { OpenSessions, type OpenSession } from './open-session.ts';
import type { Problem, Report } from './outcome.ts';
import { planFor, type Plan } from './plan.ts';
import { Planner, type DisconnectRequest, type PlanOptions } from './planner.ts';
import type { Access, AnyPlugin } from './provider.ts';
import { Reader } from './reader.ts';
import { Registry, type LazyPlugin } from './registry.ts';
import type { Services } from './services.ts';
import { SessionUses, type UsedRef, type UseOptions } from './session-uses.ts';
import { sessionKey, type Session } from './session.ts';

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

const SILENT: Logger = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
});

/** What an app holds: connect, list, plan, apply, access, dispose. Methods throw `DisconnectError`. */
export class Slipline implements AsyncDisposable {
  readonly #options: SliplineOptions;
  readonly #services: Services;
  readonly #finder: Finder;
  readonly #planner: Planner;
  readonly #disconnector: Disconnector;
  readonly #connector: Connector;
  readonly #cleaner: Cleaner;
  readonly #uses: SessionUses;
  readonly #open: OpenSessions;
  #tidied: Promise<void> | undefined;
  #ledger: Promise<Ledger> | undefined;
  #network: Promise<Network> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SliplineOptions) {
    this.#options = options;
    const { clock = systemClock, log = SILENT } = options;
    const deadlines = new Deadlines(clock);
    const prompts = patient(options.prompts ?? {}, deadlines);
    const ledger = (): Promise<Ledger> => this.ledger();
    this.#services = {
      registry: new Registry(options.providers, () => this.#host()),
      calls: new Calls(ledger, prompts),
      network: () => (this.#network ??= this.#dial(prompts)),
      ledger,
      deadlines,
      clock,
      log,
    };
    const reader = new Reader(this.#services);
    this.#finder = new Finder(this.#services);
    this.#planner = new Planner(this.#services, this.#finder, reader);
    this.#disconnector = new Disconnector(this.#services, reader);
    this.#connector = new Connector(this.#services, this.#disconnector);
    this.#cleaner = new Cleaner(this.#services, this.#disconnector);
    this.#uses = new SessionUses(this.#services, reader);
    this.#open = new OpenSessions(
      (session, how) => this.#disconnector.apply(planFor(session, clock), how),
      (text) => process.emitWarning(text, 'SliplineWarning'),
    );
  }

  /** The ids of the providers that were composed. */
  get providers(): readonly string[] {
    return this.#services.registry.ids;
  }

  /** The plugin of one of them; imported, if it is lazy. */
  plugin(id: string): Promise<AnyPlugin> {
    return this.#services.registry.plugin(id);
  }

  /** The ledger this object writes; opened on first use. */
  ledger(): Promise<Ledger> {
    const { ledger } = this.#options;
    if (this.#ledger !== undefined) return this.#ledger;
    const opening = typeof ledger === 'function' ? ledger() : Promise.resolve(ledger);
    this.#ledger = opening;
    // One that cannot be opened is tried again, and is none to close.
    opening.catch(() => (this.#ledger = undefined));
    return opening;
  }

  /** Opens a session. Dispose of what is returned to end it; leave it, and it stays open and listed, unless it is of scope
   *  `process`. Before the first one, what others left behind is ended, as far as that takes little time. */
  async connect(
    provider: string,
    values: Readonly<Record<string, unknown>>,
    options?: ConnectOptions,
  ): Promise<OpenSession> {
    this.#tidied ??= this.#cleaner.tidy(options?.signal);
    await this.#tidied;
    const { session, scope } = await this.#connector.connect(provider, values, options);
    const isOwn = scope === 'process' && (options?.owner ?? process.pid) === process.pid;
    return this.#open.add(session, isOwn);
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
    const asked = new Map(lists.flatMap((list) => list.sessions).map((one) => [sessionKey(one), one]));
    const problems = lists.flatMap((list) => list.problems);
    const failed = new Set(problems.map((problem) => problem.provider));
    // What could not be asked stays as the ledger has it.
    for (const { session } of entries)
      if (failed.has(session.provider) && !asked.has(sessionKey(session)))
        asked.set(sessionKey(session), session);
    return { sessions: [...asked.values()], problems };
  }

  /** What a request would disconnect. Changes nothing. */
  plan(request: DisconnectRequest, options?: PlanOptions): Promise<Plan> {
    return this.#planner.plan(request, options);
  }

  /** Does what a plan says: one outcome for each of its sessions, in its order. */
  apply(plan: Plan, options?: ApplyOptions): Promise<Report> {
    return this.#disconnector.apply(plan, options);
  }

  /** Ends what nobody looks after any more: sessions of processes that are gone, and disconnects that came to no end. */
  cleanup(options?: CleanupOptions): Promise<CleanupReport> {
    return this.#cleaner.cleanup(options);
  }

  /** What another program needs to use an own session; noted in the receipts. */
  access(ref: UsedRef, options?: UseOptions): Promise<Access> {
    return this.#uses.access(ref, options);
  }

  /** Does one of the plugin's actions to a session; noted in the receipts. */
  act(
    name: string,
    ref: UsedRef,
    values: Readonly<Record<string, unknown>>,
    options?: UseOptions,
  ): Promise<JsonValue> {
    return this.#uses.act(name, ref, values, options);
  }

  /** Milliseconds by which the clocks of systems were ahead of this one's, as far as they have said since this object asked. */
  async clockSkews(): Promise<ReadonlyMap<string, number>> {
    return (await this.#network)?.skews ?? new Map();
  }

  /** Receipts, newest first. */
  async receipts(filter?: ReceiptFilter): Promise<readonly Receipt[]> {
    return (await this.ledger()).receipts(filter);
  }

  /** Ends the sessions of this process that are still open, then closes providers, network and a ledger that a function
   *  opened. Sessions of scope `user` stay open and listed. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const errors: unknown[] = [...(await this.#open.endAll())];
    const attempt = (work: Promise<unknown> | undefined): Promise<unknown> | undefined =>
      work?.catch((error: unknown) => errors.push(error));
    await attempt(this.#services.registry[Symbol.asyncDispose]());
    await attempt(this.#network?.then((network) => network[Symbol.asyncDispose]()));
    if (typeof this.#options.ledger === 'function')
      await attempt(this.#ledger?.then((ledger) => ledger[Symbol.asyncDispose]()));
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be closed');
  }

  async #findOr(provider: string, query: SessionQuery): Promise<SessionList> {
    try {
      return await this.#finder.find(provider, {}, query);
    } catch (error) {
      return { sessions: [], problems: [{ provider, error: DisconnectError.from(error) }] };
    }
  }

  async #dial(prompts: Prompts): Promise<Network> {
    const { Network } = await import('./network/network.ts');
    const trust = async (): Promise<TrustStore> => (await this.ledger()).trust;
    return new Network(this.#options.network ?? {}, this.#services.log, trust, prompts.trust);
  }

  async #host(): Promise<Host> {
    const { log, clock, network } = this.#services;
    const { dialer, fetch } = await network();
    const { resolveIn } = await import('./container/resolve.ts');
    const host: Omit<Host, 'resolve'> = {
      log,
      clock,
      fetch,
      dial: (target, signal) => dialer.dial(target, signal),
    };
    const resolve: Host['resolve'] = (type, options) => resolveIn(host, type, options);
    return Object.freeze({ ...host, resolve });
  }
}

/** The same prompts; while a person is asked, no deadline comes nearer. */
function patient(prompts: Prompts, deadlines: Deadlines): Prompts {
  const { credential, trust, notice } = prompts;
  return {
    ...(credential !== undefined && {
      credential: (wanted, signal) => deadlines.asking(() => credential.call(prompts, wanted, signal)),
    }),
    ...(trust !== undefined && {
      trust: (certificate, signal) => deadlines.asking(() => trust.call(prompts, certificate, signal)),
    }),
    ...(notice !== undefined && {
      notice: (shown, signal) => deadlines.asking(() => notice.call(prompts, shown, signal)),
    }),
  };
}
