import {
  ledgerRules,
  sessionKey,
  type Effect,
  type EntryState,
  type Scope,
  type Session,
  type SessionRef,
} from '@slipline/core';
import type { Row } from './driver.ts';
import { entryScope, entryState } from './entry-list.ts';
import { processOf, thisProcess } from './process-identity.ts';
import type { Records } from './records.ts';
import type { Store } from './store.ts';

/** An entry as it is kept; its state is what was written, which the death of a process does not change. */
export interface KeptEntry {
  readonly key: string;
  readonly number: number;
  readonly state: EntryState;
  readonly session: Session;
  readonly scope: Scope;
  readonly sealed: Uint8Array | undefined;
  /** The operation that opened it. */
  readonly connect: number;
}

export interface NewEntry extends Pick<KeptEntry, 'key' | 'number' | 'session' | 'connect'> {
  /** The id of the process it will belong to; this one when absent. */
  readonly owner?: number | undefined;
}

/** What an entry keeps beside its session once that is opened. */
export interface Kept extends Pick<KeptEntry, 'scope' | 'sealed'> {
  readonly isPartial: boolean;
}

/** What is left to do once an entry has ended: erase its key, and choose the provider's default anew. */
export interface EndedEntry {
  readonly key: string;
  readonly provider: string;
  readonly fingerprint: string;
}

/** The little of an entry that the beginning of an operation needs. */
export type OwnedEntry = Pick<KeptEntry, 'key' | 'state' | 'sealed'>;

const COLUMNS = 'key, number, state, session, opener, scope, connect, sealed';
/** Own sessions. Methods that change something belong in a transaction. */
export class EntryTable {
  readonly #store: Store;
  readonly #records: Records;

  constructor(store: Store, records: Records) {
    this.#store = store;
    this.#records = records;
  }

  /** Throws `not-found`. */
  get(key: string): KeptEntry {
    const entry = this.find(key);
    if (entry === undefined) throw ledgerRules.noEntry();
    return entry;
  }

  find(key: string): KeptEntry | undefined {
    const row = this.#store.get(`SELECT ${COLUMNS} FROM entries WHERE key = ?`, key);
    return row === undefined ? undefined : this.#kept(row);
  }

  /** Of the entry of just this session, rather one that has not ended. */
  owned(session: Session): OwnedEntry | undefined {
    const row = this.#store.get(
      `SELECT key, state, opener, sealed FROM entries WHERE ref = ? AND fingerprint = ?
       ORDER BY state = 'ended', changed_at DESC LIMIT 1`,
      sessionKey(session),
      session.fingerprint,
    );
    if (row === undefined) return undefined;
    return { key: String(row['key']), state: entryState(row, this.#records), sealed: sealedOf(row) };
  }

  /** The entry that keeps a secret for this reference: just the one with this fingerprint, where that is known. */
  sealed(ref: SessionRef, fingerprint: string | undefined): KeptEntry | undefined {
    const row = this.#store.get(
      `SELECT ${COLUMNS} FROM entries WHERE ref = ? AND state <> 'ended' AND sealed IS NOT NULL
       AND fingerprint = coalesce(?, fingerprint) ORDER BY changed_at DESC, rowid DESC LIMIT 1`,
      sessionKey(ref),
      fingerprint ?? null,
    );
    return row === undefined ? undefined : this.#kept(row);
  }

  freeNumber(provider: string): number {
    const active = "FROM entries WHERE provider = ? AND state <> 'ended'";
    const { count, highest } =
      this.#store.get(`SELECT count(*) AS count, max(number) AS highest ${active}`, provider) ?? {};
    // Mostly there is no gap, and looking for one takes a while.
    if (Number(highest ?? 0) === Number(count)) return Number(count) + 1;
    const gap = this.#store.get(
      `SELECT free FROM (SELECT 1 AS free UNION ALL SELECT number + 1 ${active}) WHERE free NOT IN (SELECT number ${active})
       ORDER BY free LIMIT 1`,
      provider,
      provider,
    );
    return Number(gap?.['free']);
  }

  insert({ key, number, session, connect, owner }: NewEntry, now: number): void {
    this.#store.run(
      `INSERT INTO entries
         (key, provider, number, state, is_default, ref, fingerprint, session, opener, owner, connect, changed_at)
       VALUES (?, ?, ?, 'opening', 0, ?, ?, ?, ?, ?, ?, ?)`,
      key,
      session.provider,
      number,
      sessionKey(session),
      session.fingerprint,
      JSON.stringify(session),
      JSON.stringify(thisProcess()),
      owner === undefined ? null : JSON.stringify(processOf(owner)),
      connect,
      now,
    );
    this.chooseDefault(session.provider);
  }

  update(
    key: string,
    state: EntryState,
    session: Session,
    { sealed, scope, isPartial }: Kept,
    now: number,
  ): void {
    this.#store.run(
      `UPDATE entries SET state = ?, scope = ?, partial = ?, ref = ?, fingerprint = ?, session = ?, sealed = ?,
         changed_at = ?, is_default = is_default AND ? = 'user' WHERE key = ?`,
      state,
      scope,
      isPartial ? 1 : 0,
      sessionKey(session),
      session.fingerprint,
      JSON.stringify(session),
      sealed ?? null,
      now,
      scope,
      key,
    );
    this.chooseDefault(session.provider);
  }

  /** Whether the entry still had the sealed secret `before`, and now has the other. */
  renew(key: string, before: Uint8Array, session: Session, sealed: Uint8Array, now: number): boolean {
    const current = this.find(key)?.sealed;
    if (current === undefined || Buffer.compare(current, before) !== 0) return false;
    const sql = 'UPDATE entries SET session = ?, sealed = ?, changed_at = ? WHERE key = ?';
    this.#store.run(sql, JSON.stringify(session), sealed, now, key);
    return true;
  }

  /** Not for ending it. */
  move(key: string, state: Exclude<EntryState, 'ended'>, now: number): void {
    this.#store.run('UPDATE entries SET state = ?, changed_at = ? WHERE key = ?', state, now, key);
  }

  /** This process begins to end it. */
  begin(key: string, effect: Effect | undefined, now: number): void {
    this.#store.run(
      "UPDATE entries SET state = 'closing', effect = ?, closer = ?, changed_at = ? WHERE key = ?",
      effect ?? null,
      JSON.stringify(thisProcess()),
      now,
      key,
    );
  }

  /** Nobody is at ending it any more. */
  leave(key: string): void {
    this.#store.run('UPDATE entries SET closer = NULL WHERE key = ?', key);
  }

  /** Ends an entry that has not ended yet: whose it was. Its key is then still to be erased. */
  end(key: string, now: number): EndedEntry | undefined {
    const row = this.#store.get(
      `UPDATE entries SET state = 'ended', is_default = 0, sealed = NULL, changed_at = ?
       WHERE key = ? AND state <> 'ended' RETURNING provider, fingerprint`,
      now,
      key,
    );
    if (row === undefined) return undefined;
    return { key, provider: String(row['provider']), fingerprint: String(row['fingerprint']) };
  }

  makeDefault({ key, session, scope }: KeptEntry): void {
    if (scope === 'process') return;
    this.#store.run(
      'UPDATE entries SET is_default = 0 WHERE provider = ? AND is_default = 1',
      session.provider,
    );
    this.#store.run('UPDATE entries SET is_default = 1 WHERE key = ?', key);
  }

  /** The lowest number stands in where the provider has no default. */
  chooseDefault(provider: string): void {
    this.#store.run(
      `UPDATE entries SET is_default = 1 WHERE key =
         (SELECT key FROM entries WHERE provider = ? AND state <> 'ended' AND scope = 'user' ORDER BY number LIMIT 1)
       AND NOT EXISTS (SELECT 1 FROM entries WHERE provider = ? AND is_default = 1)`,
      provider,
      provider,
    );
  }

  #kept(row: Row): KeptEntry {
    return {
      key: String(row['key']),
      number: Number(row['number']),
      state: entryState(row, this.#records),
      session: this.#records.session(row['session']),
      scope: entryScope(row, this.#records),
      sealed: sealedOf(row),
      connect: Number(row['connect']),
    };
  }
}

function sealedOf(row: Row): Uint8Array | undefined {
  const sealed = row['sealed'];
  return sealed === null ? undefined : (sealed as Uint8Array);
}
