import type { GivenCredential } from './calls.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Loaded } from './registry.ts';
import type { Services } from './services.ts';
import { sessionKey, type Ownership, type Session, type SessionRef } from './session.ts';

/** What is known of a session that is to be read again, none of which is believed. */
type Known = SessionRef & {
  readonly fingerprint?: string | undefined;
  readonly ownership?: Ownership | undefined;
};

/** Reads one session again; `undefined` says that it is gone. */
export type Read = (known: Known) => Promise<Session | undefined>;

/**
 * Reads sessions again by reference, believing nothing of what came along with it: own ones in the ledger, others
 * through `inspect`, or else among what `find` yields.
 */
export class Reader {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** A reader that looks at each provider's ledger entries, and at each endpoint without `inspect`, once. */
  begin(signal: AbortSignal | undefined, given: GivenCredential, timeout = 20_000): Read {
    const own = new Map<string, Promise<ReadonlyMap<string, LedgerEntry>>>();
    const over = new Map<string, Promise<ReadonlySet<string>>>();
    const listed = new Map<string, Promise<ReadonlyMap<string, Session>>>();
    return async (ref) => {
      const entry = (await kept(own, ref.provider, () => this.#entries(ref.provider))).get(sessionKey(ref));
      if (entry !== undefined) return entry.session;
      // What the ledger knows to be over is not asked of a system that may not let us in any more.
      if (ref.ownership !== undefined && ref.ownership !== 'foreign' && ref.fingerprint !== undefined) {
        const ended = await kept(over, ref.provider, () => this.#ended(ref.provider));
        if (ended.has(ref.fingerprint)) return undefined;
      }
      const loaded = await this.#services.registry.get(ref.provider);
      const ask = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
        this.#services.deadlines.within(timeout, signal, work);
      if (loaded.provider.inspect !== undefined) {
        return ask((bound) =>
          loaded.provider.inspect!(ref, this.#services.calls.context(ref.provider, bound, given)),
        );
      }
      const place = JSON.stringify([ref.provider, ref.endpoint.toLowerCase()]);
      const sessions = await kept(listed, place, () => ask((bound) => this.#list(loaded, ref, bound, given)));
      return sessions.get(sessionKey(ref));
    };
  }

  async #entries(provider: string): Promise<ReadonlyMap<string, LedgerEntry>> {
    return new Map(
      (await this.#services.calls.allEntries(provider)).map((entry) => [sessionKey(entry.session), entry]),
    );
  }

  async #ended(provider: string): Promise<ReadonlySet<string>> {
    const entries = await (
      await this.#services.ledger()
    ).entries({ provider, states: ['ended'], ofOthers: true });
    return new Set(entries.map(({ session }) => session.fingerprint));
  }

  async #list(
    { plugin, provider }: Loaded,
    ref: SessionRef,
    signal: AbortSignal,
    given: GivenCredential,
  ): Promise<ReadonlyMap<string, Session>> {
    const where = Object.entries(plugin.find).find(([, parameter]) => parameter.endpoint === true);
    const selector =
      where === undefined ? {} : { [where[0]]: where[1].many === true ? [ref.endpoint] : ref.endpoint };
    const sessions = new Map<string, Session>();
    const context = { ...this.#services.calls.context(plugin.id, signal, given), isLive: false };
    for await (const session of provider.find(selector, context)) sessions.set(sessionKey(session), session);
    return sessions;
  }
}

function kept<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = made.get(key) ?? make();
  made.set(key, known);
  return known;
}
