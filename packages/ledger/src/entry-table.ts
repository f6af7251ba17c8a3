import {
  ENTRY_STATES,
  ledgerRules,
  sessionKey,
  type EntryFilter,
  type EntryState,
  type LedgerEntry,
  type Session,
  type SessionRef,
} from '@slipline/core';
import type { Row } from './driver.ts';
import { isGone, thisProcess } from './process-identity.ts';
import type { Records } from './records.ts';
import { damaged } from './store-errors.ts';
import type { Store } from './store.ts';

/** An entry as it is kept; its state is what was written, which the death of a process does not change. */
export interface KeptEntry {
  readonly key: string;
  readonly number: number;
  readonly state: EntryState;
  readonly session: Session;
  readonly sealed: Uint8Array | undefined;
  /** The operation that opened it. */
  readonly connect: number;
}

/** What is left to do once an entry has ended: erase its key, and choose the provider's default anew. */
export interface EndedEntry {
  readonly key: string;
  readonly provider: string;
  readonly fingerprint: string;
}

/** The little of an entry that the beginning of an operation needs. */
export type OwnedEntry = Pick<KeptEntry, 'key' | 'state' | 'sealed'>;

const COLUMNS = 'key, number, state, session, opener, connect, sealed';
const LISTED =
  'key, number, state, is_default, session, opener, changed_at, sealed IS NOT NULL AS has_secret';
const ORDER = 'ORDER BY provider, number, changed_at';

/** Own sessions. Methods that change something belong in a transaction. */
export class EntryTable {
  readonly #store: Store;
  readonly #records: Records;

  constructor(store: Store, records: Records) {
    this.#store = store;
    this.#records = records;
  }

  list({ provider, ref, states }: EntryFilter): readonly LedgerEntry[] {
    const wanted = [
      ...(provider === undefined ? [] : [{ clause: 'provider = ?', value: provider }]),
      ...(ref === undefined ? [] : [{ clause: 'ref = ?', value: sessionKey(ref) }]),
    ];
    const active = states?.includes('ended') === true ? [] : ["state <> 'ended'"];
    const where = ['1', ...wanted.map(({ clause }) => clause), ...active].join(' AND ');
    const sql = `SELECT ${LISTED} FROM entries WHERE ${where} ${ORDER}`;
    const rows = this.#store.all(sql, ...wanted.map(({ value }) => value));
    const entries = rows.map((row) => this.#listed(row));
    return states === undefined ? entries : entries.filter(({ state }) => states.includes(state));
  }

  /** Throws `not-found`. */
  shown(key: string): LedgerEntry {
    const row = this.#store.get(`SELECT ${LISTED} FROM entries WHERE key = ?`, key);
    if (row === undefined) throw ledgerRules.noEntry();
    return this.#listed(row);
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
    return { key: String(row['key']), state: this.#state(row), sealed: sealedOf(row) };
  }

  /** The entry that keeps a secret for this reference: just the one with this fingerprint, where that is known. */
  sealed(ref: SessionRef, fingerprint: string | undefined): KeptEntry | undefined {
    const row = this.#store.get(
      `SELECT ${COLUMNS} FROM entries WHERE ref = ?1 AND state <> 'ended' AND sealed IS NOT NULL
       AND (?2 IS NULL OR fingerprint = ?2) ORDER BY changed_at DESC, rowid DESC LIMIT 1`,
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

  insert(key: string, number: number, session: Session, connect: number, now: number): void {
    this.#store.run(
      `INSERT INTO entries (key, provider, number, state, is_default, ref, fingerprint, session, opener, connect, changed_at)
       VALUES (?, ?, ?, 'opening', 0, ?, ?, ?, ?, ?, ?)`,
      key,
      session.provider,
      number,
      sessionKey(session),
      session.fingerprint,
      JSON.stringify(session),
      JSON.stringify(thisProcess()),
      connect,
      now,
    );
    this.chooseDefault(session.provider);
  }

  update(
    key: string,
    state: EntryState,
    session: Session,
    sealed: Uint8Array | undefined,
    now: number,
  ): void {
    this.#store.run(
      'UPDATE entries SET state = ?, ref = ?, fingerprint = ?, session = ?, sealed = ?, changed_at = ? WHERE key = ?',
      state,
      sessionKey(session),
      session.fingerprint,
      JSON.stringify(session),
      sealed ?? null,
      now,
      key,
    );
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

  makeDefault({ key, session }: KeptEntry): void {
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
         (SELECT key FROM entries WHERE provider = ?1 AND state <> 'ended' ORDER BY number LIMIT 1)
       AND NOT EXISTS (SELECT 1 FROM entries WHERE provider = ?1 AND is_default = 1)`,
      provider,
    );
  }

  #listed(row: Row): LedgerEntry {
    const opener = this.#records.opener(row['opener']);
    const state = this.#state(row);
    const session = this.#records.session(row['session']);
    return {
      key: String(row['key']),
      number: Number(row['number']),
      state,
      session: ledgerRules.shownSession(session, state, row['is_default'] === 1),
      hasSecret: row['has_secret'] === 1,
      opener,
      changedAt: new Date(Number(row['changed_at'])).toISOString(),
    };
  }

  #kept(row: Row): KeptEntry {
    return {
      key: String(row['key']),
      number: Number(row['number']),
      state: this.#state(row),
      session: this.#records.session(row['session']),
      sealed: sealedOf(row),
      connect: Number(row['connect']),
    };
  }

  /** What was being opened by a process that is gone may or may not exist. */
  #state(row: Row): EntryState {
    const state = ENTRY_STATES.find((known) => known === row['state']);
    if (state === undefined) throw damaged(this.#store.file);
    return state === 'opening' && isGone(this.#records.opener(row['opener'])) ? 'unknown' : state;
  }
}

function sealedOf(row: Row): Uint8Array | undefined {
  const sealed = row['sealed'];
  return sealed === null ? undefined : (sealed as Uint8Array);
}
