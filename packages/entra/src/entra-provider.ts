import {
  CLOCK,
  FETCH,
  LOG,
  OPTIONS,
  DisconnectError,
  Secret,
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
  type Residual,
  type Session,
} from '@slipline/core';
import { inject, injectable } from '@slipline/core/container';
import {
  IdentityError,
  partitionWithin,
  readKept,
  remainderOfForgetting,
  remainderOfRevoking,
  type Remainder,
  type Token,
} from '@slipline/microsoft-identity';
import pLimit from 'p-limit';
import { EntraClient } from './entra-client.ts';
import { signIn } from './entra-connect.ts';
import { inWords, unopened, unrevoked } from './entra-errors.ts';
import type { EntraSettings } from './entra-options.ts';
import { accessFacts, moment, scopesOf, storeOf, timeoutOf } from './entra-session.ts';
import type { ConnectValues, FindValues } from './plugin.ts';
import { names } from './session-selector.ts';

/** How many sessions are asked about at once. */
const AT_ONCE = 8;

/** Sign-ins at Microsoft Entra. Each has a token cache of its own, which the ledger keeps sealed, and which goes with it. */
@injectable()
export class EntraProvider implements Provider<ConnectValues, FindValues> {
  readonly #fetch: typeof fetch;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #settings: EntraSettings;

  constructor(
    @inject(FETCH) fetcher: typeof fetch,
    @inject(CLOCK) clock: Clock,
    @inject(LOG) log: Logger,
    @inject(OPTIONS) settings: EntraSettings,
  ) {
    this.#fetch = fetcher;
    this.#clock = clock;
    this.#log = log;
    this.#settings = settings;
  }

  async *find({ name }: FindValues, context: FindContext): AsyncGenerator<Session> {
    const own = await context.own();
    const wanted = own.filter((session) => name?.some((text) => names(text, session)) ?? true);
    if (!context.isLive) return yield* wanted;
    const limit = pLimit(AT_ONCE);
    const errors: DisconnectError[] = [];
    const seen = await Promise.all(
      wanted.map((session) =>
        limit(async () => {
          const state = await this.#stateOf(session, context).catch((error: unknown) => {
            context.signal.throwIfAborted();
            errors.push(DisconnectError.from(inWords(error)).at(session.endpoint));
            return session.state;
          });
          return { ...session, state };
        }),
      ),
    );
    yield* seen;
    const [first, ...rest] = errors;
    for (const error of rest) this.#log.warn(error.message, { code: error.code, system: error.system });
    if (first !== undefined) throw first;
  }

  async connect(values: ConnectValues, context: ConnectContext): Promise<Opened> {
    try {
      return await signIn(values, this.#settings, this.#services, context);
    } catch (error) {
      throw unopened(error);
    }
  }

  /** To forget, nothing is read and nobody is asked: the ledger destroys what it keeps. */
  async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    const now = this.#clock.now();
    if (effect !== 'revoke')
      return { wasGone: false, residual: inTime(remainderOfForgetting({ ...accessFacts(session), now })) };
    const token = await this.#revoke(session, context);
    if (token === undefined) return { wasGone: true };
    return { wasGone: false, residual: inTime(remainderOfRevoking({ expiresAt: token.expiresAt, now })) };
  }

  /** Asks for a revocation with the old refresh token, until it is refused. What is forgotten, is forgotten here alone. */
  async probe(session: Session, effect: Effect, context: CallContext): Promise<'reached' | 'not-yet'> {
    if (effect !== 'revoke') return 'reached';
    const client = await this.#client(session, context);
    const redeemability = await client.redeemable(context.signal);
    if (redeemability.status === 'unknown') throw inWords(redeemability.error);
    return redeemability.status === 'refused' ? 'reached' : 'not-yet';
  }

  async access(session: Session, context: CallContext): Promise<Access> {
    try {
      const client = await this.#client(session, context);
      const { accessToken } = await client.token(context.signal);
      return {
        environment: {
          GRAPH_ACCESS_TOKEN: new Secret(accessToken),
          GRAPH_ENDPOINT: client.graph,
        },
        headers: { authorization: new Secret(`Bearer ${accessToken}`) },
      };
    } catch (error) {
      throw inWords(error);
    }
  }

  /** The token that it was done with, the newest there is; `undefined` where the directory had revoked this sign-in before. */
  async #revoke(session: Session, context: CallContext): Promise<Token | undefined> {
    const { signal } = context;
    signal.throwIfAborted();
    let token: Token | undefined;
    try {
      const client = await this.#client(session, context);
      token = await client.revokingToken(signal);
      await client.revoke(token, signal);
      return token;
    } catch (error) {
      const isSent = token !== undefined;
      // Interrupted before anything was sent: as if it had never been asked for.
      if (signal.aborted && !isSent) throw error;
      if (IdentityError.is(error) && error.code === 'grant-revoked') return undefined;
      throw unrevoked(error, isSent);
    }
  }

  async #stateOf(session: Session, context: FindContext): Promise<Session['state']> {
    // A note of a sign-in that nobody knows the end of: there is nothing to ask with.
    if (session.details['signIn'] === undefined) return session.state;
    const client = await this.#client(session, context);
    return (await client.isLive(context.signal)) ? session.state : 'expired';
  }

  async #client(session: Session, context: CallContext): Promise<EntraClient> {
    const store = storeOf(session, context);
    const kept = readKept(await store.read());
    const services = { ...this.#services, requestTimeout: timeoutOf(session) };
    return new EntraClient(kept, partitionWithin(store), scopesOf(session), services);
  }

  get #services() {
    const { variables } = this.#settings;
    return { fetch: this.#fetch, clock: this.#clock, variables };
  }
}

function inTime(remainders: readonly Remainder[]): readonly Residual[] {
  return remainders.map(({ what, until }) =>
    until === undefined ? { what } : { what, until: moment(until) },
  );
}
