import type { Effect } from './effect.ts';
import type { AnyPlugin, CallContext, Disconnected, FindContext, Provider } from './provider.ts';
import { sessionKey, type Session, type SessionRef } from './session.ts';

type Selector = { readonly host?: readonly string[]; readonly id?: readonly string[] };

/** What a test may want to happen instead. */
export interface FleetOptions {
  readonly disconnect?: (session: Session, effect: Effect, context: CallContext) => Promise<Disconnected>;
  readonly probe?: NonNullable<Provider['probe']>;
  readonly inspect?: NonNullable<Provider['inspect']>;
  readonly find?: (selector: Selector, context: FindContext) => AsyncIterable<Session>;
  readonly impact?: AnyPlugin['impact'];
  readonly plugin?: Partial<AnyPlugin>;
}

/** A system of somebody else's sessions, at as many endpoints as there are, and what was asked of it. */
export class Fleet {
  readonly plugin: AnyPlugin;
  /** `disconnect a.test/1 end`, in the order of the calls. */
  readonly calls: string[] = [];
  readonly #sessions = new Map<string, Session>();

  constructor(options: FleetOptions = {}) {
    const { probe, inspect, impact = 'low', plugin } = options;
    const provider: Provider = {
      find: (options.find ?? this.#find.bind(this)) as Provider['find'],
      disconnect: async (session, effect, context) => {
        this.calls.push(`disconnect ${session.endpoint}/${session.id} ${effect}`);
        if (options.disconnect !== undefined) return options.disconnect(session, effect, context);
        return { wasGone: !this.#sessions.delete(sessionKey(session)) };
      },
      ...(probe !== undefined && { probe }),
      ...(inspect !== undefined && { inspect }),
    };
    this.plugin = {
      contract: 1,
      id: 'fleet',
      title: 'Fleet',
      impact,
      find: {
        host: { type: 'string', summary: 'Where.', many: true, endpoint: true },
        id: { type: 'string', summary: 'Which.', many: true, names: true },
      },
      create: () => provider,
      ...plugin,
    };
  }

  /** One more session. */
  add(endpoint: string, id: string, more: Partial<Session> = {}): Session {
    const session: Session = {
      provider: 'fleet',
      endpoint,
      id,
      kind: 'ship',
      label: `ship ${id} at ${endpoint}`,
      state: 'live',
      ownership: 'foreign',
      effects: ['end', 'detach'],
      fingerprint: `f-${id}`,
      details: {},
      ...more,
    };
    this.#sessions.set(sessionKey(session), session);
    return session;
  }

  remove(ref: SessionRef): void {
    this.#sessions.delete(sessionKey(ref));
  }

  has(ref: SessionRef): boolean {
    return this.#sessions.has(sessionKey(ref));
  }

  async *#find({ host, id }: Selector): AsyncIterable<Session> {
    this.calls.push(`find ${host?.join() ?? 'everywhere'}${id === undefined ? '' : ` ${id.join()}`}`);
    for (const session of this.#sessions.values()) {
      if ((host?.includes(session.endpoint) ?? true) && (id?.includes(session.id) ?? true)) yield session;
    }
  }
}
