import type { ListedSession } from '../api/types.ts';

export const COLUMNS = ['state', 'principal', 'label', 'endpoint', 'age', 'idle', 'ownership'] as const;
export type Column = (typeof COLUMNS)[number];

/** What the table shows, and in which order; an empty text asks for nothing. */
export interface Filter {
  readonly text: string;
  readonly provider: string;
  readonly state: string;
  readonly ownership: string;
  readonly sort: Column;
  readonly isDescending: boolean;
}

export const EVERYTHING: Filter = {
  text: '',
  provider: '',
  state: '',
  ownership: '',
  sort: 'age',
  isDescending: false,
};

/** Seconds that nobody has used a session, as its system says. */
export function idleSeconds({ details }: ListedSession): number | undefined {
  const seconds = details['idleSeconds'];
  return typeof seconds === 'number' && seconds >= 0 ? seconds : undefined;
}

/** The sessions that match, in order. */
export function arrange(sessions: Iterable<ListedSession>, filter: Filter): readonly ListedSession[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [...sessions].filter((session) => isMatch(session, filter, words));
  const direction = filter.isDescending ? -1 : 1;
  const keyed = found.map((session) => ({ session, value: sortValue(session, filter.sort) }));
  keyed.sort((one, other) => {
    // What has no value is last in either direction.
    if (one.value === undefined || other.value === undefined)
      return Number(one.value === undefined) - Number(other.value === undefined);
    return compare(one.value, other.value) * direction || compare(one.session.key, other.session.key);
  });
  return keyed.map(({ session }) => session);
}

function isMatch(session: ListedSession, filter: Filter, words: readonly string[]): boolean {
  if (filter.provider !== '' && session.provider !== filter.provider) return false;
  if (filter.state !== '' && session.state !== filter.state) return false;
  if (filter.ownership !== '' && session.ownership !== filter.ownership) return false;
  if (words.length === 0) return true;
  const { label, principal = '', endpoint, kind, provider, id } = session;
  const text = `${label}\n${principal}\n${endpoint}\n${kind}\n${provider}\n${id}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function sortValue(session: ListedSession, column: Column): string | number | undefined {
  if (column === 'idle') return idleSeconds(session);
  if (column === 'age') {
    const at = Date.parse(session.openedAt ?? '');
    return Number.isNaN(at) ? undefined : -at;
  }
  return session[column]?.toLowerCase();
}

const compare = (one: string | number, other: string | number): number =>
  one < other ? -1 : one > other ? 1 : 0;

/** The filter that an address holds; what makes no sense in it is left out. */
export function filterOf(search: URLSearchParams): Filter {
  const sort = search.get('sort') ?? '';
  const name = sort.replace(/^-/, '');
  const column = COLUMNS.find((one) => one === name);
  const text = (key: string): string => (search.get(key) ?? '').slice(0, 200);
  return {
    text: text('q'),
    provider: text('provider'),
    state: text('state'),
    ownership: text('ownership'),
    sort: column ?? EVERYTHING.sort,
    isDescending: column !== undefined && sort.startsWith('-'),
  };
}

/** As `filterOf` reads it; what is as usual is left out. */
export function searchOf(filter: Filter): Readonly<Record<string, string>> {
  const sort = `${filter.isDescending ? '-' : ''}${filter.sort}`;
  return {
    q: filter.text,
    provider: filter.provider,
    state: filter.state,
    ownership: filter.ownership,
    sort: sort === EVERYTHING.sort ? '' : sort,
  };
}

/** The order after a click on a column: the other way round where it is sorted by already. */
export function sortedBy(filter: Filter, column: Column): Filter {
  return { ...filter, sort: column, isDescending: filter.sort === column && !filter.isDescending };
}
