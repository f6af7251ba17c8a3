import { ledgerRules } from '@slipline/core';
import type { KeyFolder } from './key-folder.ts';
import type { Store } from './store.ts';

const STEP = 64;

/**
 * Lets go of what is past its days, and of key files that a process did not live to unlink: a bounded step at each
 * write, within its transaction, that keeps up with `written` new rows.
 */
export function tidy(store: Store, keys: KeyFolder, now: number, written = 0): void {
  const most = STEP + 2 * written;
  store.run(
    'DELETE FROM operations WHERE id IN (SELECT id FROM operations WHERE started_at < ? ORDER BY started_at LIMIT ?)',
    now - ledgerRules.RECEIPTS_KEPT,
    most,
  );
  store.run(
    `DELETE FROM entries WHERE key IN
       (SELECT key FROM entries WHERE state = 'ended' AND changed_at < ? ORDER BY changed_at LIMIT ?)`,
    now - ledgerRules.ENDED_KEPT,
    most,
  );
  const some = 'SELECT key FROM doomed_keys WHERE after <= ? ORDER BY key LIMIT ?';
  const doomed = store.all(some, now, most).map(({ key }) => String(key));
  if (doomed.length === 0) return;
  keys.erase(doomed);
  store.run(`DELETE FROM doomed_keys WHERE key IN (${some})`, now, most);
}

/** Has key files unlinked by a later write, if this process does not come to do it. */
export function doom(store: Store, keys: readonly string[], after: number): void {
  store.run(
    'INSERT OR REPLACE INTO doomed_keys (key, after) SELECT value, ? FROM json_each(?)',
    after,
    JSON.stringify(keys),
  );
}

export function spare(store: Store, key: string): void {
  store.run('DELETE FROM doomed_keys WHERE key = ?', key);
}
