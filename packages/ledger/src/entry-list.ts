import {
  ENTRY_STATES,
  ledgerRules,
  SCOPES,
  sessionKey,
  type EntryFilter,
  type EntryState,
  type LedgerEntry,
  type Scope,
} from '@slipline/core';
import type { Row } from './driver.ts';
import { hasEnded, isGone, isOurs } from './process-identity.ts';
import type { Records } from './records.ts';
import type { Store } from './store.ts';

const LISTED = `key, number, state, is_default, session, opener, changed_at, sealed IS NOT NULL AS has_secret,
  scope, partial, owner, effect, closer`;
/** Those that may be orphans, as the indexes have them. */
const DOUBTFUL = `((scope = 'process' AND state <> 'ended')
  OR (state IN ('opening', 'closing', 'unknown') OR (state = 'open' AND partial = 1)))`;
const ORDER = 'ORDER BY provider, number, changed_at';

/** Own sessions as others see them: with the default, and with who looks after them. */
export class EntryList {
  readonly #store: Store;
  readonly #records: Records;

  constructor(store: Store, records: Records) {
    this.#store = store;
    this.#records = records;
  }

  list({ provider, ref, states, isOrphan, ofOthers }: EntryFilter): readonly LedgerEntry[] {
    const wanted = [
      ...(provider === undefined ? [] : [{ clause: 'provider = ?', value: provider }]),
      ...(ref === undefined ? [] : [{ clause: 'ref = ?', value: sessionKey(ref) }]),
    ];
    const active = states?.includes('ended') === true ? [] : ["state <> 'ended'"];
    const doubtful = isOrphan === true ? [DOUBTFUL] : [];
    const where = ['1', ...wanted.map(({ clause }) => clause), ...active, ...doubtful].join(' AND ');
    const sql = `SELECT ${LISTED} FROM entries WHERE ${where} ${ORDER}`;
    const rows = this.#store.all(sql, ...wanted.map(({ value }) => value));
    const entries = rows
      .map((row) => this.#listed(row))
      .filter((entry) => (isOrphan === true ? entry.isOrphan : ofOthers === true || isSeen(entry)));
    const chosen = states === undefined ? entries : entries.filter(({ state }) => states.includes(state));
    return ledgerRules.withOwnDefaults(chosen, this.#ownDefaults());
  }

  /** Throws `not-found`. */
  shown(key: string): LedgerEntry {
    const row = this.#store.get(`SELECT ${LISTED} FROM entries WHERE key = ?`, key);
    if (row === undefined) throw ledgerRules.noEntry();
    const listed = this.#listed(row);
    return ledgerRules.withOwnDefaults([listed], this.#ownDefaults())[0] ?? listed;
  }

  /** By provider, the first session of this process, or of one that it descends from. */
  #ownDefaults(): ReadonlyMap<string, string> {
    const rows = this.#store.all(
      `SELECT key, provider, opener, owner FROM entries
       WHERE scope = 'process' AND state <> 'ended' ORDER BY number DESC`,
    );
    const own = rows.filter((row) => isOurs(this.#records.opener(row['owner'] ?? row['opener'])));
    return new Map(own.map((row) => [String(row['provider']), String(row['key'])]));
  }

  #listed(row: Row): LedgerEntry {
    const opener = this.#records.opener(row['opener']);
    const state = entryState(row, this.#records);
    const session = this.#records.session(row['session']);
    const scope = entryScope(row, this.#records);
    const owner = row['owner'] === null ? opener : this.#records.opener(row['owner']);
    const effect = state === 'closing' ? this.#records.effect(row['effect']) : undefined;
    const isOrphan = ledgerRules.isOrphan({
      state,
      scope,
      isPartial: row['partial'] === 1,
      openerIsGone: () => hasEnded(opener),
      ownerIsGone: () => hasEnded(owner),
      closerIsGone: () => row['closer'] === null || hasEnded(this.#records.opener(row['closer'])),
    });
    return {
      key: String(row['key']),
      number: Number(row['number']),
      state,
      session: ledgerRules.shownSession(session, state, row['is_default'] === 1),
      hasSecret: row['has_secret'] === 1,
      opener,
      scope,
      ...(scope === 'process' && { owner }),
      isOrphan,
      ...(effect !== undefined && { effect }),
      changedAt: new Date(Number(row['changed_at'])).toISOString(),
    };
  }
}

/** Whether this process has to do with it. */
function isSeen({ scope, owner, isOrphan, state }: LedgerEntry): boolean {
  return scope === 'user' || state === 'ended' || isOrphan || owner === undefined || isOurs(owner);
}

/** What was being opened by a process that is gone may or may not exist. */
export function entryState(row: Row, records: Records): EntryState {
  const state = records.oneOf(row['state'], ENTRY_STATES);
  return state === 'opening' && isGone(records.opener(row['opener'])) ? 'unknown' : state;
}

export function entryScope(row: Row, records: Records): Scope {
  return records.oneOf(row['scope'], SCOPES);
}
