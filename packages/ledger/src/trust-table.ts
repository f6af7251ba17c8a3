import { ledgerRecords, type Clock, type TrustEntry, type TrustStore } from '@slipline/core';
import type { Records } from './records.ts';
import type { Store } from './store.ts';

/** Trust in servers. */
export class TrustTable implements TrustStore {
  readonly #store: Store;
  readonly #records: Records;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(store: Store, records: Records, clock: Pick<Clock, 'now'>) {
    this.#store = store;
    this.#records = records;
    this.#clock = clock;
  }

  async find(host: string): Promise<TrustEntry | undefined> {
    const name = ledgerRecords.trustHost(host);
    const row = await this.#store.read(() => this.#store.get('SELECT entry FROM trust WHERE host = ?', name));
    return row === undefined ? undefined : this.#records.trust(row['entry']);
  }

  async list(): Promise<readonly TrustEntry[]> {
    const rows = await this.#store.read(() => this.#store.all('SELECT entry FROM trust ORDER BY host'));
    return rows.map((row) => this.#records.trust(row['entry']));
  }

  async save(entry: Omit<TrustEntry, 'savedAt'>): Promise<void> {
    const saved = ledgerRecords.trustEntry(entry, this.#clock.now());
    const sql = 'INSERT OR REPLACE INTO trust (host, entry) VALUES (?, ?)';
    await this.#store.write(() => this.#store.run(sql, saved.host, JSON.stringify(saved)));
  }

  remove(host: string): Promise<boolean> {
    const name = ledgerRecords.trustHost(host);
    return this.#store.write(() => {
      const isKnown = this.#store.get('SELECT 1 FROM trust WHERE host = ?', name) !== undefined;
      this.#store.run('DELETE FROM trust WHERE host = ?', name);
      return isKnown;
    });
  }
}
