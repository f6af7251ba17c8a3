import type { ErrorJson, Session } from '@slipline/core';
import type { Who } from '../security/who.ts';
import { cursorAt, orderOf, positionOf, type RosterQuery } from './query.ts';
import { rowOf, keyOf, type Row } from './row.ts';
import { Pages } from './pages.ts';
import { placeAfter, Views } from './views.ts';

/** Something that could not be looked at, so that sessions may be missing or out of date. */
export interface RosterProblem {
  readonly provider: string;
  readonly endpoint?: string | undefined;
  /** The watch that asked. */
  readonly watch?: string | undefined;
  readonly error: ErrorJson;
}

/** A session that has come, changed, or gone (`isGone`: `row` is what it was). */
export interface RosterChange {
  readonly row: Row;
  readonly isGone: boolean;
}

export const LEDGER = 'ledger';

/**
 * The table of all sessions that are known, in memory: those of the ledger, and those that watches found. Reading it asks
 * nobody. Where several know a session, the ledger has the say, then the watch that is older.
 */
export class Roster {
  readonly #onChange: (changes: readonly RosterChange[]) => void;
  readonly #sources = new Map<string, ReadonlyMap<string, Row>>([[LEDGER, new Map()]]);
  readonly #problems = new Map<string, readonly RosterProblem[]>();
  readonly #table = new Map<string, Row>();
  readonly #views = new Views();
  readonly #pages = new Pages();

  constructor(onChange: (changes: readonly RosterChange[]) => void) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#table.size;
  }

  /** All that a source knows now, instead of what it knew before. */
  put(source: string, sessions: readonly Session[], problems: readonly RosterProblem[] = []): void {
    const before = this.#sources.get(source) ?? new Map<string, Row>();
    const now = new Map<string, Row>();
    for (const session of sessions) {
      const row = rowOf(session, keyOf(session));
      const known = before.get(row.key);
      now.set(row.key, known?.json === row.json ? known : row);
    }
    this.#sources.set(source, now);
    this.#problems.set(source, problems);
    this.#pages.clear();
    this.#settle(new Set([...before.keys(), ...now.keys()]));
  }

  /** What a source knew stays, although it cannot be asked now. */
  note(source: string, problems: readonly RosterProblem[]): void {
    this.#problems.set(source, problems);
    this.#pages.clear();
  }

  /** A source is no more. */
  drop(source: string): void {
    const before = this.#sources.get(source);
    this.#sources.delete(source);
    this.#problems.delete(source);
    this.#pages.clear();
    this.#settle(before?.keys() ?? []);
  }

  /** The sessions that a source knows. */
  known(source: string): readonly Session[] {
    return [...(this.#sources.get(source)?.values() ?? [])].map(({ session }) => session);
  }

  /** One session, whoever asks. */
  row(key: string): Row | undefined {
    return this.#table.get(key);
  }

  /** A page of the list as JSON: `{items, nextCursor?, total, problems}`. Throws `invalid-request` for a bad cursor. */
  page(query: RosterQuery, who: Who): string {
    const name = JSON.stringify([who.scopes, query]);
    return this.#pages.get(name, () => this.#page(query, who));
  }

  #page(query: RosterQuery, who: Who): string {
    const { sort, limit, cursor } = query;
    const isSeen = ({ session }: Row): boolean => who.sees(session);
    const scope = JSON.stringify(who.scopes);
    const view = this.#views.view(this.#table, orderOf(sort), query, scope, isSeen);
    const first = cursor === undefined ? 0 : placeAfter(view, positionOf(cursor, sort));
    const end = Math.min(first + limit, view.rows.length);
    const last = view.rows[end - 1];
    const next =
      end < view.rows.length && last !== undefined
        ? cursorAt({ value: view.values[end - 1] ?? '', key: last.key }, sort)
        : undefined;
    const items = view.rows.slice(first, end).map(({ json }) => json);
    const rest = { nextCursor: next, total: view.rows.length, problems: this.problems(who) };
    return `{"items":[${items.join(',')}],${JSON.stringify(rest).slice(1)}`;
  }

  problems(who: Who): readonly RosterProblem[] {
    return [...this.#problems.values()]
      .flat()
      .filter(({ provider, endpoint = '' }) => provider === LEDGER || who.sees({ provider, endpoint }));
  }

  /** Makes the table say what the sources say about `keys`, and tells what that changed. */
  #settle(keys: Iterable<string>): void {
    const changes: RosterChange[] = [];
    for (const key of keys) {
      const before = this.#table.get(key);
      const now = this.#current(key);
      if (before?.json === now?.json) continue;
      if (now === undefined) this.#table.delete(key);
      else this.#table.set(key, now);
      const row = now ?? before;
      if (row !== undefined) changes.push({ row, isGone: now === undefined });
    }
    if (changes.length === 0) return;
    this.#views.clear();
    this.#pages.clear();
    this.#onChange(changes);
  }

  #current(key: string): Row | undefined {
    for (const rows of this.#sources.values()) {
      const row = rows.get(key);
      if (row !== undefined) return row;
    }
    return undefined;
  }
}
