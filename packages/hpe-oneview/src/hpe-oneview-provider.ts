import {
  CLOCK,
  FETCH,
  LOG,
  OPTIONS,
  type Access,
  type CallContext,
  type Clock,
  type ConnectContext,
  type Disconnected,
  type Effect,
  type FindContext,
  type Logger,
  type Opened,
  type Provider,
  type Session,
  type SessionRef,
} from '@slipline/core';
import { inject, injectable } from '@slipline/core/container';
import { names } from './connection-selector.ts';
import { OneViewClient } from './hpe-oneview-client.ts';
import { adopt, logIn } from './hpe-oneview-connect.ts';
import { applianceError } from './hpe-oneview-errors.ts';
import { OTHERS, takeInventory, type Inventory } from './hpe-oneview-inventory.ts';
import { lookUp, type Handle } from './hpe-oneview-liveness.ts';
import { endSession } from './hpe-oneview-logout.ts';
import { ApplianceError } from './hpe-oneview-reply.ts';
import { negotiate } from './hpe-oneview-versions.ts';
import type { ConnectValues, FindValues, HpeOneViewOptions } from './plugin.ts';

/** Sessions on OneView appliances: own ones are known by the ledger, and ended with the token that it keeps. */
@injectable()
export class OneViewProvider implements Provider<ConnectValues, FindValues> {
  readonly #fetch: typeof fetch;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #options: HpeOneViewOptions;

  constructor(
    @inject(FETCH) fetcher: typeof fetch,
    @inject(CLOCK) clock: Clock,
    @inject(LOG) log: Logger,
    @inject(OPTIONS) options: HpeOneViewOptions,
  ) {
    this.#fetch = fetcher;
    this.#clock = clock;
    this.#log = log;
    this.#options = options;
  }

  async *find(selector: FindValues, context: FindContext): AsyncGenerator<Session> {
    const all = await context.own();
    const { appliance, others: wantsOthers = false } = selector;
    const wanted = all.filter((session) => appliance?.some((text) => names(text, session)) ?? true);
    if (!context.isLive && !wantsOthers) return yield* wanted;
    const endpoints = [...new Set(wanted.map(({ endpoint }) => endpoint.toLowerCase()))];
    const inventories = new Map(
      await Promise.all(
        endpoints.map(async (endpoint) => {
          const own = (wantsOthers ? all : wanted).filter(
            (session) => session.endpoint.toLowerCase() === endpoint,
          );
          return [endpoint, await this.#ask(own, context, wantsOthers)] as const;
        }),
      ),
    );
    for (const session of wanted)
      yield inventories.get(session.endpoint.toLowerCase())?.own.get(session.id) ?? session;
    for (const { others } of inventories.values()) yield* others;
    const [first, ...rest] = [...inventories].flatMap(([endpoint, { error }]) => error?.at(endpoint) ?? []);
    for (const error of rest) this.#log.warn(error.message, { code: error.code, system: error.system });
    if (first !== undefined) throw first;
  }

  async connect(values: ConnectValues, context: ConnectContext): Promise<Opened> {
    return this.#inWords(async () => {
      const { appliance, apiVersion } = values;
      const greeting = new OneViewClient(this.#fetch, appliance);
      const client = greeting.speaking(negotiate(await greeting.versions(context.signal), apiVersion));
      return values.sessionId === undefined
        ? logIn(client, values, context, this.#log)
        : adopt(client, appliance, values.sessionId, context);
    });
  }

  async disconnect(session: Session, _effect: Effect, context: CallContext): Promise<Disconnected> {
    return this.#inWords(async () => {
      const { client, token } = await this.#handle(session, context);
      return endSession(client, token, this.#clock, context.signal);
    });
  }

  async probe(session: Session, _effect: Effect, context: CallContext): Promise<'reached' | 'not-yet'> {
    return this.#inWords(async () => {
      const facts = await lookUp(await this.#handle(session, context), context.signal);
      return facts === undefined ? 'reached' : 'not-yet';
    });
  }

  async inspect(ref: SessionRef, context: CallContext): Promise<Session | undefined> {
    if (!ref.id.startsWith(OTHERS)) return undefined;
    const endpoint = ref.endpoint.toLowerCase();
    const own = (await context.own()).filter((session) => session.endpoint.toLowerCase() === endpoint);
    if (own.length === 0) return undefined;
    const { others, error } = await this.#ask(own, { ...context, isLive: false }, true);
    const session = others.find(({ id }) => id === ref.id);
    if (session === undefined && error !== undefined) throw error;
    return session;
  }

  /** By the names that HPE's SDKs for Python (`_IP` …) and Ruby (`_URL`, `_TOKEN`) read. */
  async access(session: Session, context: CallContext): Promise<Access> {
    return this.#inWords(async () => {
      const { client, token } = await this.#handle(session, context);
      const version = String(client.version);
      return {
        environment: {
          ONEVIEWSDK_IP: session.endpoint,
          ONEVIEWSDK_SESSIONID: token,
          ONEVIEWSDK_API_VERSION: version,
          ONEVIEWSDK_URL: `https://${session.endpoint}`,
          ONEVIEWSDK_TOKEN: token,
        },
        headers: { auth: token, 'Session-ID': token, 'X-API-Version': version },
      };
    });
  }

  /** Asks the one appliance that holds these own sessions. */
  async #ask(own: readonly Session[], context: FindContext, wantsOthers: boolean): Promise<Inventory> {
    const { applianceLimit = 2400, clientLimit = 960, liveTimeout = 8000 } = this.#options;
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(liveTimeout)]);
    const inventory = await takeInventory({
      endpoint: own[0]?.endpoint ?? '',
      own,
      handle: (session) => this.#handle(session, { ...context, signal }),
      isDetailed: context.isLive,
      wantsOthers,
      limits: { appliance: applianceLimit, client: clientLimit },
      signal,
    });
    context.signal.throwIfAborted();
    return inventory;
  }

  /** Speaks as the session was opened; only for one that does not say how, the appliance is asked. */
  async #handle(session: Session, context: CallContext): Promise<Handle> {
    const { apiVersion } = session.details;
    const known = typeof apiVersion === 'number' ? apiVersion : undefined;
    const token = await context.secret(session);
    const client = new OneViewClient(this.#fetch, session.endpoint, known);
    if (known !== undefined) return { client, token };
    return { client: client.speaking(negotiate(await client.versions(context.signal))), token };
  }

  async #inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof ApplianceError ? applianceError(error) : error;
    }
  }
}
