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
  environmentsFrom,
  environmentsFromText,
  remainderOfForgetting,
  remainderOfRevoking,
  type Environment,
  type KeptServices,
  type Remainder,
  type SignInKind,
} from '@slipline/microsoft-identity';
import pLimit from 'p-limit';
import { asOf, factOf } from './connection-record.ts';
import { requestOf } from './connection-request.ts';
import { anchorOf, clientFor, openConnection, tokenOf, type Known } from './exchange-online-connection.ts';
import { signIn } from './exchange-online-connect.ts';
import { isRevoked, revoke } from './exchange-online-revoke.ts';
import { inWords, unopened } from './identity-errors.ts';
import { PROVIDER, type ConnectValues, type FindValues } from './parameters.ts';
import type { ExchangeOnlineSettings } from './plugin.ts';

/** How many connections are asked at a time. */
const AT_ONCE = 8;
/** What says nothing about the connection: nobody could be asked. */
const UNASKED: readonly string[] = ['unreachable', 'timeout', 'untrusted', 'aborted', 'quota'];

/** What another program may want to know besides the token, and where it is among the details. */
const ACCESS_FACTS = {
  EXCHANGE_ONLINE_CONNECTION_URI: 'connectionUri',
  EXCHANGE_ONLINE_TENANT_ID: 'tenantID',
  EXCHANGE_ONLINE_ORGANIZATION: 'organization',
  EXCHANGE_ONLINE_USER_PRINCIPAL_NAME: 'userPrincipalName',
} as const;

/**
 * Connections to Exchange Online. The service knows of none: a connection is an id of ours and the sign-in that the ledger keeps, so
 * that a disconnect asks nobody, unless the sign-in itself is to be revoked.
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
    const now = this.#clock.now();
    const wanted = all
      .filter((session) => isMeant(session, selector))
      .map((session) => asOf(now, session, all));
    if (!context.isLive) return yield* wanted;
    const limit = pLimit(AT_ONCE);
    yield* await Promise.all(wanted.map((session) => limit(() => this.#asked(session, context))));
  }

  async connect(values: ConnectValues, context: ConnectContext): Promise<Opened> {
    try {
      const opened = await signIn(await requestOf(values, this.#defaults()), this.#services, context);
      await context.keep(opened);
      await this.#ping({ ...opened, provider: PROVIDER }, context);
      return opened;
    } catch (error) {
      context.signal.throwIfAborted();
      throw unopened(error);
    }
  }

  #defaults(): { readonly clientId: string | undefined; readonly environments: readonly Environment[] } {
    const { clientId, environments, variables } = this.#settings;
    const text = variables['SLIPLINE_ENTRA_ENVIRONMENTS'] ?? '';
    const own = text === '' ? [] : environmentsFromText(text);
    return {
      clientId: clientId ?? (variables['SLIPLINE_CLIENT_ID'] || undefined),
      environments: environments === undefined ? own : environmentsFrom(environments),
    };
  }

  async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    const { signIn: kind, tokenExpiryTimeUTC: expiry } = session.details;
    const expiresAt = typeof expiry === 'string' ? Date.parse(expiry) : undefined;
    const facts = { kind: kind as SignInKind, expiresAt, now: this.#clock.now() };
    if (effect !== 'revoke') return { wasGone: false, residual: asResidual(remainderOfForgetting(facts)) };
    return this.#inWords(async () => {
      const done = await revoke(
        await openConnection(session, context, this.#services),
        context,
        this.#services,
      );
      return { ...done, residual: asResidual(remainderOfRevoking(facts)) };
    });
  }

  /** What is forgotten is nowhere but in the ledger, which core erases and answers for. */
  async probe(session: Session, effect: Effect, context: CallContext): Promise<'reached' | 'not-yet'> {
    if (effect !== 'revoke') return 'reached';
    return this.#inWords(async () =>
      (await isRevoked(await openConnection(session, context, this.#services), context))
        ? 'reached'
        : 'not-yet',
    );
  }

  /** A fresh token, and what a request to the service needs besides. */
  async access(session: Session, context: CallContext): Promise<Access> {
    return this.#inWords(async () => {
      const connection = await openConnection(session, context, this.#services);
      const token = await tokenOf(connection, session, context);
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
      await this.#inWords(() => this.#ping(session, { ...context, signal }));
      return { ...session, details: { ...session.details, state: 'Connected' } };
    } catch (error) {
      context.signal.throwIfAborted();
      const { code, message } = DisconnectError.from(error);
      const state = UNASKED.includes(code) ? 'unknown' : isOver(session) ? 'expired' : 'broken';
      return { ...session, state, details: { ...session.details, state: 'Broken', reason: message } };
    }
  }

  async #ping(session: Known, context: CallContext): Promise<void> {
    const connection = await openConnection(session, context, this.#services);
    await clientFor(connection, session, this.#services).ping(context.signal);
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
