import { setTimeout as sleep } from 'node:timers/promises';
import { ledgerRules } from '@slipline/core';
import { openDatabase, type Database, type Row, type Statement, type Value } from './driver.ts';
import { newerLedger, prepareSchema, VERSION } from './schema.ts';
import { isBusy, storeError } from './store-errors.ts';

export interface StoreOptions {
  /** Milliseconds to wait for other processes; 30,000 when absent. */
  readonly patience?: number | undefined;
}

/** The database of a ledger: prepared statements, and transactions that wait their turn among processes. */
export class Store {
  readonly file: string;
  readonly #database: Database;
  readonly #patience: number;
  readonly #statements = new Map<string, Statement>();
  #isClosed = false;
  #commits = 0;

  private constructor(file: string, database: Database, patience: number) {
    this.file = file;
    this.#database = database;
    this.#patience = patience;
  }

  /** Opens `file`, which must be there; an empty one becomes a ledger. */
  static async open(file: string, { patience = 30_000 }: StoreOptions = {}): Promise<Store> {
    const store = await patiently(file, patience, () => new Store(file, openDatabase(file), patience));
    try {
      await patiently(file, patience, () => store.#prepare());
      return store;
    } catch (error) {
      store.#database.close();
      throw error;
    }
  }

  get(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.#statement(sql).all(...values);
  }

  /** The row id of what was inserted. Only within `write`. */
  run(sql: string, ...values: readonly Value[]): number {
    return this.#statement(sql).run(...values);
  }

  /** Differs after a commit, by this process or another. */
  revision(): string {
    // SQLite counts those of other connections only.
    return `${String(this.get('PRAGMA data_version')?.['data_version'])}.${this.#commits}`;
  }

  /** What `work` reads. It may be run more than once. */
  read<T>(work: () => T): Promise<T> {
    return patiently(this.file, this.#patience, work);
  }

  /** Runs `work` in one transaction, on disk when this resolves. It may be run more than once, until it commits. */
  write<T>(work: () => T): Promise<T> {
    return patiently(this.file, this.#patience, () =>
      this.#transaction(() => {
        const version = Number(this.get('PRAGMA user_version')?.['user_version']);
        if (version !== VERSION) throw newerLedger(this.file, version);
        return work();
      }),
    );
  }

  /** Idempotent; later calls are refused. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#statements.clear();
    try {
      // libsql leaves the log behind, and the next process would have to read it again.
      if (this.#commits > 0) this.#database.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process is using it, and will do the same.
    }
    this.#database.close();
  }

  #prepare(): void {
    // What is committed survives a power cut: fullfsync makes macOS write through its disk's cache, too. What is erased is
    // overwritten, also on pages that become free: secrets of some kilobytes fill pages of their own.
    this.#database.exec(`
      PRAGMA busy_timeout = 250; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
      PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;
      PRAGMA journal_size_limit = 1048576`);
    prepareSchema(this.#database, this.file, (work) => this.#transaction(work));
  }

  #statement(sql: string): Statement {
    if (this.#isClosed) throw ledgerRules.closed();
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #transaction<T>(work: () => T): T {
    if (this.#isClosed) throw ledgerRules.closed();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      this.#commits += 1;
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // A full disk has done it already.
    }
  }
}

/** Does `work` again while the database is busy, without blocking other work of this process for long. */
async function patiently<T>(file: string, patience: number, work: () => T): Promise<T> {
  // Not `performance`: Node would load all that it can measure, with every command.
  const now = (): number => process.uptime() * 1000;
  const deadline = now() + patience;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || now() > deadline) throw storeError(error, file);
    }
    await sleep(5 + Math.random() * 20);
  }
}
