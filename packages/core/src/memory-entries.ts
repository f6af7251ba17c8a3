import type { Effect } from './effect.ts';
import type { EntryFilter, EntryState, LedgerEntry, Opener, Scope } from './ledger.ts';
import * as records from './ledger-records.ts';
import * as rules from './ledger-rules.ts';
import type { Secret } from './secret.ts';
import { sessionKey, type Session, type SessionRef } from './session.ts';

export interface MemoryEntry {
  readonly key: string;
  readonly number: number;
  /** The operation that opened it. */
  readonly connect: string;
  readonly state: EntryState;
  readonly session: Session;
  readonly scope: Scope;
  /** What was begun, and is being done while this is there. */
  readonly closing?: { readonly effect?: Effect | undefined; readonly isBegun: boolean } | undefined;
  readonly secret?: Secret | undefined;
  readonly changedAt: number;
}

/** The own sessions of a ledger in memory, by key, by reference and, while they have not ended, by number. */
export class MemoryEntries {
  readonly #byKey = new Map<string, MemoryEntry>();
  readonly #byRef = new Map<string, Set<string>>();
  readonly #numbers = new Map<string, Map<number, string>>();
  readonly #defaults = new Map<string, string>();
  /** Those of scope `process`, by number. */
  readonly #own = new Map<string, Map<number, string>>();
  readonly #opener: Opener = {
    pid: process.pid,
    startedAt: new Date(performance.timeOrigin).toISOString(),
    bootId: '',
  };

  /** Everything in it is this process's own. */
  list({ provider, ref, states, isOrphan }: EntryFilter): readonly LedgerEntry[] {
    return (ref === undefined ? [...this.#byKey.values()] : [...this.owned(ref)])
      .filter(({ session }) => provider === undefined || session.provider === provider)
      .filter(({ state }) => (states === undefined ? state !== 'ended' : states.includes(state)))
      .sort(byProviderAndNumber)
      .map((entry) => this.shown(entry))
      .filter((entry) => isOrphan !== true || entry.isOrphan);
  }

  /** Throws `not-found`. */
  get(key: string): MemoryEntry {
    const entry = this.find(key);
    if (entry === undefined) throw rules.noEntry();
    return entry;
  }

  find(key: string): MemoryEntry | undefined {
    return this.#byKey.get(key);
  }

  /** Those that go or went by this reference, ended ones among them; the one changed last comes last. */
  owned(ref: SessionRef): readonly MemoryEntry[] {
    return [...(this.#byRef.get(sessionKey(ref)) ?? [])].map((key) => this.get(key));
  }

  freeNumber(provider: string): number {
    const used = this.#numbers.get(provider);
    let number = 1;
    while (used?.has(number) === true) number += 1;
    return number;
  }

  put(entry: MemoryEntry): MemoryEntry {
    const { key, session, number } = entry;
    this.#forget(key);
    this.#byKey.set(key, entry);
    within(this.#byRef, sessionKey(session), () => new Set()).add(key);
    if (entry.state === 'ended') return entry;
    within(this.#numbers, session.provider, () => new Map()).set(number, key);
    if (entry.scope === 'process') {
      within(this.#own, session.provider, () => new Map()).set(number, key);
      if (this.#defaults.get(session.provider) === key) this.#chooseDefault(session.provider);
    } else if (!this.#defaults.has(session.provider)) this.#defaults.set(session.provider, key);
    return entry;
  }

  /** The lowest remaining number stands in wherever the default has ended. */
  chooseDefaults(): void {
    for (const [provider, key] of this.#defaults) {
      if (this.#byKey.get(key)?.state === 'ended') this.#chooseDefault(provider);
    }
  }

  makeDefault(key: string): void {
    const { session, state, scope } = this.get(key);
    if (state === 'ended') throw rules.noEntry();
    if (scope === 'process') return;
    this.#defaults.set(session.provider, key);
  }

  purge(endedBefore: number): void {
    // Every change puts an entry behind the others.
    for (const { key, state, changedAt } of this.#byKey.values()) {
      if (changedAt >= endedBefore) break;
      if (state === 'ended') this.#forget(key);
    }
  }

  shown(entry: MemoryEntry): LedgerEntry {
    const { key, number, state, session, scope, closing, secret, changedAt } = entry;
    const isDefault = (this.#ownDefault(session.provider) ?? this.#defaults.get(session.provider)) === key;
    return {
      key,
      number,
      state,
      session: records.plain(rules.shownSession(session, state, isDefault)),
      hasSecret: secret !== undefined,
      opener: this.#opener,
      scope,
      ...(scope === 'process' && { owner: this.#opener }),
      isOrphan: rules.isOrphan({
        state,
        scope,
        isPartial: false,
        openerIsGone: () => false,
        ownerIsGone: () => false,
        closerIsGone: () => closing?.isBegun !== true,
      }),
      ...(state === 'closing' && closing?.effect !== undefined && { effect: closing.effect }),
      changedAt: new Date(changedAt).toISOString(),
    };
  }

  #ownDefault(provider: string): string | undefined {
    const own = this.#own.get(provider);
    return own?.get(Math.min(...own.keys()));
  }

  #chooseDefault(provider: string): void {
    const numbers = [...(this.#numbers.get(provider) ?? [])]
      .filter(([, key]) => this.#byKey.get(key)?.scope === 'user')
      .map(([number]) => number);
    const lowest = numbers.reduce((least, number) => Math.min(least, number), Infinity);
    const next = this.#numbers.get(provider)?.get(lowest);
    if (next === undefined) this.#defaults.delete(provider);
    else this.#defaults.set(provider, next);
  }

  #forget(key: string): void {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return;
    this.#byKey.delete(key);
    const ref = sessionKey(entry.session);
    const owned = this.#byRef.get(ref);
    owned?.delete(key);
    if (owned?.size === 0) this.#byRef.delete(ref);
    if (entry.state === 'ended') return;
    this.#numbers.get(entry.session.provider)?.delete(entry.number);
    if (entry.scope === 'process') this.#own.get(entry.session.provider)?.delete(entry.number);
  }
}

function byProviderAndNumber(one: MemoryEntry, other: MemoryEntry): number {
  const [first, second] = [one.session.provider, other.session.provider];
  if (first !== second) return first < second ? -1 : 1;
  return one.number - other.number || one.changedAt - other.changedAt;
}

function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
