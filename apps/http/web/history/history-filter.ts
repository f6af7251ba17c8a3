import { instant } from '../text/times.ts';

export const HISTORY_FIELDS = ['provider', 'kind', 'status', 'user', 'endpoint', 'since', 'until'] as const;
export type HistoryFilter = Readonly<Record<(typeof HISTORY_FIELDS)[number], string>>;

/** The filter that an address holds. Times are local, as the fields have them. */
export function historyFilterOf(search: URLSearchParams): HistoryFilter {
  const text = (name: string): string => (search.get(name) ?? '').slice(0, 200);
  return {
    provider: text('provider'),
    kind: text('kind'),
    status: text('status'),
    user: text('user'),
    endpoint: text('endpoint'),
    since: text('since'),
    until: text('until'),
  };
}

/** As the API takes it. */
export function receiptQuery(filter: HistoryFilter): Readonly<Record<string, string | undefined>> {
  const { user, endpoint, since, until } = filter;
  return {
    ...filter,
    user: user.trim(),
    endpoint: endpoint.trim(),
    since: instant(since),
    until: instant(until),
  };
}
