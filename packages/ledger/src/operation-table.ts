import { userInfo } from 'node:os';
import {
  ledgerRecords,
  ledgerRules,
  type EntryState,
  type OpenIntent,
  type OperationResult,
  type Receipt,
  type ReceiptFilter,
  type Session,
} from '@slipline/core';
import type { Row } from './driver.ts';
import type { Records } from './records.ts';
import { damaged } from './store-errors.ts';
import type { Store } from './store.ts';

const KINDS: readonly Receipt['kind'][] = ['connect', 'disconnect', 'access', 'act'];

type Noted = Pick<Receipt, 'kind' | 'session' | 'effect' | 'action' | 'reason'> & Pick<OpenIntent, 'user'>;

/** An operation of an own session: its entry, and the state that had before. */
export interface OwnOperation {
  readonly entry: string;
  readonly before: EntryState;
}

/** Operations and what came of them. Methods that change something belong in a transaction. */
export class OperationTable {
  readonly #store: Store;
  readonly #records: Records;

  constructor(store: Store, records: Records) {
    this.#store = store;
    this.#records = records;
  }

  insert(
    { kind, user: by = userName(), ...intent }: Noted,
    now: number,
    own: Partial<OwnOperation> = {},
  ): number {
    return this.#store.run(
      'INSERT INTO operations (entry, before, kind, provider, intent, started_at) VALUES (?, ?, ?, ?, ?, ?)',
      own.entry ?? null,
      own.before ?? null,
      kind,
      intent.session.provider,
      JSON.stringify({ ...intent, user: by }),
      now,
    );
  }

  /** Ends an operation, unless it has ended. Its entry, where that is an own session's. Throws `not-found`. */
  finish(result: OperationResult, now: number): OwnOperation | undefined {
    const id = Number(result.operation);
    if (!Number.isSafeInteger(id)) throw ledgerRules.noOperation();
    const row = this.#store.get(
      'UPDATE operations SET result = ?, ended_at = ? WHERE id = ? AND result IS NULL RETURNING entry, before',
      JSON.stringify(ledgerRecords.notedResult(result)),
      now,
      id,
    );
    if (row === undefined) {
      if (this.#store.get('SELECT 1 FROM operations WHERE id = ?', id) === undefined)
        throw ledgerRules.noOperation();
      return undefined;
    }
    const { entry, before } = row;
    return typeof entry === 'string' && before !== null ? { entry, before: before as EntryState } : undefined;
  }

  /** The connect has opened `session`; once more, when its provider knows more of it. */
  connected(id: number, session: Session, now: number): void {
    const row = this.#store.get('SELECT intent FROM operations WHERE id = ?', id);
    if (row === undefined) return;
    const intent = { ...this.#records.intent(row['intent']), session };
    this.#store.run('UPDATE operations SET intent = ? WHERE id = ?', JSON.stringify(intent), id);
    this.#end(id, { status: 'done' }, now);
  }

  failed(id: number, error: NonNullable<Receipt['error']>, now: number): void {
    this.#end(id, { status: 'failed', error: ledgerRecords.notedError(error) }, now);
  }

  list(filter: ReceiptFilter): readonly Receipt[] {
    const { since, until, limit } = ledgerRecords.receiptWindow(filter);
    const { provider, kind, user, endpoint, status } = filter;
    const wanted = [
      ['provider', provider],
      ['kind', kind],
      ["json_extract(intent, '$.user')", user],
      ["lower(json_extract(intent, '$.session.endpoint'))", endpoint?.toLowerCase()],
      ["coalesce(json_extract(result, '$.status'), 'running')", status],
    ].filter((one): one is [string, string] => one[1] !== undefined);
    const rows = this.#store.all(
      `SELECT id, kind, intent, started_at, ended_at, result FROM operations
       WHERE started_at >= ? AND started_at < ? ${wanted.map(([what]) => `AND ${what} = ?`).join(' ')}
       ORDER BY started_at DESC, id DESC LIMIT ?`,
      since,
      until,
      ...wanted.map(([, value]) => value),
      limit,
    );
    return rows.map((row) => this.#receipt(row));
  }

  #end(id: number, result: Omit<OperationResult, 'operation' | 'entry'>, now: number): void {
    this.#store.run(
      'UPDATE operations SET result = ?, ended_at = ? WHERE id = ?',
      JSON.stringify(result),
      now,
      id,
    );
  }

  #receipt(row: Row): Receipt {
    const kind = KINDS.find((known) => known === row['kind']);
    if (kind === undefined) throw damaged(this.#store.file);
    return {
      operation: String(row['id']),
      kind,
      ...this.#records.intent(row['intent']),
      startedAt: new Date(Number(row['started_at'])).toISOString(),
      ...(row['ended_at'] !== null && { endedAt: new Date(Number(row['ended_at'])).toISOString() }),
      ...(row['result'] !== null && this.#records.result(row['result'])),
    };
  }
}

let user: string | undefined;

/** Looked up once; some containers have no name for their user. */
function userName(): string {
  try {
    user ??= userInfo().username;
  } catch {
    user = `user ${process.geteuid?.() ?? ''}`.trim();
  }
  return user;
}
