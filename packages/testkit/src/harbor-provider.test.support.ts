import {
  DisconnectError,
  Secret,
  type Access,
  type CallContext,
  type ConnectContext,
  type Disconnected,
  type Effect,
  type FindContext,
  type Opened,
  type Provider,
  type Session,
  type SessionRef,
  type Values,
} from '@slipline/core';
import {
  HarborError,
  type Change,
  type HarborSystem,
  type Place,
  type Ship,
} from './harbor-system.test.support.ts';

export const CONNECT = {
  userName: { type: 'string', summary: 'Who signs in.', credential: 'userName' },
  password: { type: 'secret', summary: 'Their password.', credential: 'password' },
  token: { type: 'secret', summary: 'A session that there is already.', excludes: ['password'] },
} as const;

export const FIND = {
  host: { type: 'string', summary: 'Systems to look at.', many: true, endpoint: true },
  id: { type: 'string', summary: 'Sessions.', many: true, names: true },
} as const;

type Selector = Values<typeof FIND>;

/** A provider without a fault. Its steps are methods, so that a planted fault replaces one of them. */
export class HarborProvider implements Provider<Values<typeof CONNECT>, Selector> {
  readonly #system: HarborSystem;

  constructor(system: HarborSystem) {
    this.#system = system;
  }

  get system(): HarborSystem {
    return this.#system;
  }

  async connect({ password, token }: Values<typeof CONNECT>, context: ConnectContext): Promise<Opened> {
    const { signal } = context;
    if (token !== undefined) {
      const ship = await this.system.look({ token: token.reveal() }, signal);
      if (ship === undefined) throw new DisconnectError('unauthenticated', 'there is no such session');
      return this.opened(ship, 'adopted');
    }
    const ship = await this.#translated(this.system.signIn(password?.reveal() ?? '', signal));
    const opened = this.opened(ship, 'opened');
    await context.keep(opened);
    return opened;
  }

  opened(ship: Ship, ownership: Opened['ownership']): Opened {
    return {
      endpoint: this.system.host,
      kind: 'connection',
      label: `skipper at ${this.system.host}`,
      ownership,
      effects: ['end', 'detach', 'revoke', 'forget'],
      details: { serial: ship.serial },
      secret: new Secret(ship.token),
    };
  }

  async *find({ host, id }: Selector, context: FindContext): AsyncIterable<Session> {
    const sessions =
      host === undefined
        ? await context.own()
        : (await this.list(host, context.signal)).map((ship) => this.foreign(ship));
    for (const session of sessions) {
      if (id === undefined || id.includes(session.id)) yield session;
    }
  }

  async list(hosts: readonly string[], signal: AbortSignal): Promise<readonly Ship[]> {
    if (!hosts.includes(this.system.host)) throw new DisconnectError('unreachable', 'nobody answers there');
    return this.#translated(this.system.list(signal));
  }

  foreign({ berth, serial, state }: Ship): Session {
    return {
      provider: 'harbor',
      endpoint: this.system.host,
      id: `berth-${berth}`,
      kind: 'ship',
      label: `ship at berth ${berth}`,
      principal: 'crew',
      state,
      ownership: 'foreign',
      effects: ['end', 'detach'],
      fingerprint: this.fingerprint(berth, serial),
      openedAt: '2026-01-01T00:00:00Z',
      details: { serial },
    };
  }

  fingerprint(_berth: number, serial: number): string {
    return `arrival-${serial}`;
  }

  async inspect({ id }: SessionRef, { signal }: CallContext): Promise<Session | undefined> {
    const ship = await this.system.look({ berth: berthOf(id) }, signal);
    return ship === undefined ? undefined : this.foreign(ship);
  }

  async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    if (effect === 'forget') return { wasGone: false };
    const place = await this.place(session, context);
    const wasThere = await this.#translated(this.send(place, effect, context.signal));
    return { wasGone: !wasThere };
  }

  async place(session: Session, context: CallContext): Promise<Place> {
    if (session.ownership === 'foreign') return { berth: berthOf(session.id) };
    return { token: (await context.secret(session)).reveal() };
  }

  send(place: Place, change: Change, signal: AbortSignal): Promise<boolean> {
    return this.system.change(place, change, signal);
  }

  async probe(session: Session, effect: Effect, context: CallContext): Promise<'reached' | 'not-yet'> {
    if (effect === 'forget') return 'reached';
    const ship = await this.system.look(await this.place(session, context), context.signal);
    const isReached = effect === 'detach' ? ship?.state !== 'live' : ship === undefined;
    return isReached ? 'reached' : 'not-yet';
  }

  async access(session: Session, context: CallContext): Promise<Access> {
    return { environment: { HARBOR_TOKEN: await context.secret(session) } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }

  async #translated<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw error instanceof HarborError ? this.translate(error) : error;
    }
  }

  translate(cause: HarborError): DisconnectError {
    const code = cause.message.startsWith('401') ? 'unauthenticated' : 'protocol';
    return new DisconnectError(code, `the harbor answered ${cause.message}`, { cause });
  }
}

/** Numbers of own sessions are no berths: an id is unique at its endpoint, whoever owns the session. */
function berthOf(id: string): number {
  return Number(/^berth-(\d+)$/.exec(id)?.[1] ?? 0);
}
