import {
  CLOCK,
  DisconnectError,
  FETCH,
  OPTIONS,
  Secret,
  type Access,
  type CallContext,
  type Clock,
  type ConnectContext,
  type Disconnected,
  type Effect,
  type FindContext,
  type Opened,
  type Provider,
  type Residual,
  type Session,
} from '@slipline/core';
import { inject, injectable } from '@slipline/core/container';
import {
  remainderOfForgetting,
  remainderOfRevoking,
  type KeptServices,
  type Remainder,
  type SignInKind,
} from '@slipline/microsoft-identity';
import pLimit from 'p-limit';
import { factOf, observer } from './connection-record.ts';
import type { Connection } from './exchange-online-connection.ts';
import { inWords } from './identity-errors.ts';
import type { ConnectValues, FindValues } from './parameters.ts';
import type { ExchangeOnlineSettings } from './plugin.ts';

/** How many connections are asked at a time. */
const AT_ONCE = 8;
/** What says nothing about the connection: nobody could be asked. */
const UNASKED: readonly string[] = ['unreachable', 'timeout', 'aborted', 'quota'];

// Loaded when a server is spoken to. Here, since tsc does not rewrite the path of an import() within a decorated class.
const connecting = () => import('./exchange-online-connect.ts');
const connections = () => import('./exchange-online-connection.ts');
const revoking = () => import('./exchange-online-revoke.ts');

/** What another program may want to know besides the token, and where it is among the details. */
const ACCESS_FACTS = {
  EXCHANGE_ONLINE_CONNECTION_URI: 'connectionUri',
  EXCHANGE_ONLINE_TENANT_ID: 'tenantID',
  EXCHANGE_ONLINE_ORGANIZATION: 'organization',
  EXCHANGE_ONLINE_USER_PRINCIPAL_NAME: 'userPrincipalName',
} as const;

/**
 * Connections to Exchange Online. The service knows of none: a connection is an id of ours and the sign-in that the ledger keeps, so
 * that a disconnect asks nobody, unless the sign-in itself is to be revoked. What speaks to a server is loaded when one is spoken to.
 */
@injectable()
export class ExchangeOnlineProvider implements Provider<ConnectValues, FindValues> {
  readonly #clock: Clock;
  readonly #settings: ExchangeOnlineSettings;
  readonly #services: KeptServices & { readonly clock: Clock };

  constructor(
    @inject(FETCH) fetcher: typeof fetch,
    @inject(CLOCK) clock: Clock,
    @inject(OPTIONS) settings: ExchangeOnlineSettings,
  ) {
    this.#clock = clock;
    this.#settings = settings;
    this.#services = { fetch: fetcher, clock, variables: settings.variables };
  }

  async *find(selector: FindValues, context: FindContext): AsyncGenerator<Session> {
    const all = await context.own();
    const wanted = all.filter((session) => isMeant(session, selector)).map(observer(this.#clock.now(), all));
    if (!context.isLive) return yield* wanted;
    const limit = pLimit(AT_ONCE);
    yield* await Promise.all(wanted.map((session) => limit(() => this.#asked(session, context))));
  }

  async connect(values: ConnectValues, context: ConnectContext): Promise<Opened> {
    const { connect } = await connecting();
    return connect(values, this.#settings, this.#services, context);
  }

  async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    const { signIn: kind, tokenExpiryTimeUTC: expiry } = session.details;
    const expiresAt = typeof expiry === 'string' ? Date.parse(expiry) : undefined;
    const facts = { kind: kind as SignInKind, expiresAt, now: this.#clock.now() };
    if (effect !== 'revoke') return { wasGone: false, residual: asResidual(remainderOfForgetting(facts)) };
    return this.#inWords(async () => {
      const { revoke } = await revoking();
      const token = await revoke(await this.#open(session, context), context, this.#services);
      if (token === undefined) return { wasGone: true };
      return { wasGone: false, residual: asResidual(remainderOfRevoking({ ...facts, ...token })) };
    });
  }

  /** What is forgotten is nowhere but in the ledger, which core erases and answers for. */
  async probe(session: Session, effect: Effect, context: CallContext): Promise<'reached' | 'not-yet'> {
    if (effect !== 'revoke') return 'reached';
    return this.#inWords(async () => {
      const { isRevoked } = await revoking();
      return (await isRevoked(await this.#open(session, context), context)) ? 'reached' : 'not-yet';
    });
  }

  /** A fresh token, and what a request to the service needs besides. */
  async access(session: Session, context: CallContext): Promise<Access> {
    return this.#inWords(async () => {
      const { anchorOf, tokenOf } = await connections();
      const token = await tokenOf(await this.#open(session, context), session, context);
      const facts = Object.entries(ACCESS_FACTS).flatMap(([variable, name]) => {
        const value = factOf(session, name);
        return value === '' ? [] : [[variable, value] as const];
      });
      return {
        environment: { EXCHANGE_ONLINE_ACCESS_TOKEN: token, ...Object.fromEntries(facts) },
        headers: {
          authorization: new Secret(`Bearer ${token.reveal()}`),
          'X-AnchorMailbox': anchorOf(session),
          'connection-id': session.id,
        },
      };
    });
  }

  /** The connection with what the service says of it now. */
  async #asked(session: Session, context: FindContext): Promise<Session> {
    if (session.state !== 'live') return session;
    const { liveTimeout = 8000 } = this.#settings;
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(liveTimeout)]);
    try {
      const { ping } = await connections();
      const facts = await this.#inWords(() => ping(session, { ...context, signal }, this.#services));
      const details = { ...session.details, ...facts, tokenStatus: 'Active', state: 'Connected' };
      return { ...session, details };
    } catch (error) {
      context.signal.throwIfAborted();
      const { code, message } = DisconnectError.from(error);
      const state = UNASKED.includes(code) ? 'unknown' : isOver(session) ? 'expired' : 'broken';
      return { ...session, state, details: { ...session.details, state: 'Broken', reason: message } };
    }
  }

  async #open(session: Session, context: CallContext): Promise<Connection> {
    const { openConnection } = await connections();
    return openConnection(session, context, this.#services);
  }

  async #inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw inWords(error);
    }
  }
}

/** Ids and prefixes compare without regard to case, as the cmdlet compares them. */
function isMeant({ details }: Session, { connectionId, modulePrefix }: FindValues): boolean {
  const isAmong = (value: unknown, wanted: readonly string[] | undefined): boolean =>
    wanted === undefined ||
    (typeof value === 'string' && wanted.some((one) => one.toLowerCase() === value.toLowerCase()));
  return isAmong(details['connectionId'], connectionId) && isAmong(details['modulePrefix'], modulePrefix);
}

/** A token that was given, and has run out. */
function isOver({ details }: Session): boolean {
  return details['signIn'] === 'access-token' && details['tokenStatus'] === 'Expired';
}

function asResidual(remainders: readonly Remainder[]): readonly Residual[] {
  return remainders.map(({ what, until }) => ({
    what,
    ...(until !== undefined && { until: new Date(until).toISOString() }),
  }));
}
