import { matcher, type Order, type Position, type RosterFilter } from './query.ts';
import { sortValue, type Row } from './row.ts';

/** Rows as one list shows them, with the value that each is sorted by. */
export interface View {
  readonly rows: readonly Row[];
  readonly values: readonly string[];
  readonly isDescending: boolean;
}

const MOST_VIEWS = 64;

/** Lists of a table, sorted and filtered once for as long as the table stays as it is. */
export class Views {
  readonly #views = new Map<string, View>();

  clear(): void {
    this.#views.clear();
  }

  /** `scope` is one text for those who see the same. */
  view(
    table: ReadonlyMap<string, Row>,
    order: Order,
    filter: RosterFilter,
    scope: string,
    isSeen: (row: Row) => boolean,
  ): View {
    const { provider, endpoint, state, ownership, kind, principal, q } = filter;
    const { field, isDescending } = order;
    const name = JSON.stringify([
      scope,
      field,
      isDescending,
      provider,
      endpoint,
      state,
      ownership,
      kind,
      principal,
      q,
    ]);
    const known = this.#views.get(name);
    if (known !== undefined) return known;
    const made = this.#make(table, order, filter, isSeen);
    const [oldest] = this.#views.keys();
    if (this.#views.size >= MOST_VIEWS && oldest !== undefined) this.#views.delete(oldest);
    this.#views.set(name, made);
    return made;
  }

  #make(
    table: ReadonlyMap<string, Row>,
    { field, isDescending }: Order,
    filter: RosterFilter,
    isSeen: (row: Row) => boolean,
  ): View {
    const matches = matcher(filter);
    const sorted: { readonly row: Row; readonly value: string }[] = [];
    for (const row of table.values())
      if (isSeen(row) && matches?.(row) !== false) sorted.push({ row, value: sortValue(row, field) });
    const direction = isDescending ? -1 : 1;
    sorted.sort(
      (one, other) => direction * (compared(one.value, other.value) || compared(one.row.key, other.row.key)),
    );
    return {
      rows: sorted.map(({ row }) => row),
      values: sorted.map(({ value }) => value),
      isDescending,
    };
  }
}

/** The place of the first row after a position, whether or not what was there is there still. */
export function placeAfter({ rows, values, isDescending }: View, position: Position): number {
  const direction = isDescending ? -1 : 1;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order =
      direction *
      (compared(values[middle] ?? '', position.value) || compared(rows[middle]?.key ?? '', position.key));
    if (order <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compared(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
