import { DisconnectError, type Session } from '@slipline/core';
import { searchText, SORTS, type Row, type SortField } from './row.ts';

/** What a list is to show. Texts compare without regard to case. */
export interface RosterFilter {
  readonly provider?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly state?: string | undefined;
  readonly ownership?: string | undefined;
  readonly kind?: string | undefined;
  readonly principal?: string | undefined;
  /** Words, each of which is somewhere in what people see of a session. */
  readonly q?: string | undefined;
}

export interface RosterQuery extends RosterFilter {
  readonly limit: number;
  /** A field, with `-` before it for the other way round. */
  readonly sort: string;
  readonly cursor?: string | undefined;
}

export interface Order {
  readonly field: SortField;
  readonly isDescending: boolean;
}

/** A place in a sorted list that stays one while sessions come and go: right after this value and key. */
export interface Position {
  readonly value: string;
  readonly key: string;
}

const FIELDS = ['provider', 'endpoint', 'state', 'ownership', 'kind', 'principal'] as const;
const LONGEST_CURSOR = 512;

/** Every value that `sort` may have. */
export const SORT_NAMES: readonly string[] = SORTS.flatMap((field) => [field, `-${field}`]);

export function orderOf(sort: string): Order {
  const isDescending = sort.startsWith('-');
  const name = isDescending ? sort.slice(1) : sort;
  const field = SORTS.find((known) => known === name);
  if (field === undefined)
    throw new DisconnectError('invalid-request', 'sessions cannot be sorted like that', {
      next: `use one of: ${SORTS.join(', ')}, or - and one of them`,
    });
  return { field, isDescending };
}

/** Whether a row is to be shown; `undefined` where all are. */
export function matcher(filter: RosterFilter): ((row: Row) => boolean) | undefined {
  const tests: ((session: Session) => boolean)[] = [];
  for (const field of FIELDS) {
    const wanted = filter[field]?.toLowerCase();
    if (wanted !== undefined) tests.push((session) => (session[field] ?? '').toLowerCase() === wanted);
  }
  for (const word of filter.q?.toLowerCase().split(/\s+/) ?? [])
    if (word !== '') tests.push((session) => searchText(session).includes(word));
  return tests.length === 0 ? undefined : ({ session }) => tests.every((test) => test(session));
}

export function cursorAt({ value, key }: Position, sort: string): string {
  return Buffer.from(JSON.stringify([sort, value, key])).toString('base64url');
}

/** Throws `invalid-request` for what is no cursor of a list sorted like this one. */
export function positionOf(cursor: string, sort: string): Position {
  try {
    const parts: unknown =
      cursor.length <= LONGEST_CURSOR && JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 3 && parts.every((part) => typeof part === 'string')) {
      const [sorted, value, key] = parts;
      if (sorted === sort && value !== undefined && key !== undefined) return { value, key };
    }
  } catch {
    // Said below.
  }
  throw new DisconnectError('invalid-request', 'the cursor is not one of a list that is sorted like this', {
    next: 'begin without a cursor',
  });
}
