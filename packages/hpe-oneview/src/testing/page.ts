import { invalidRequest } from './appliance-errors.ts';
import { json, type Answer, type Call } from './call.ts';
import type { ApplianceState } from './appliance-state.ts';

/** The part of a list that `?start=&count=` asks for; a count of -1 asks for all from `start` on. */
export function page<T>(
  call: Call,
  { settings }: ApplianceState,
  type: string,
  all: readonly T[],
  render: (member: T) => unknown,
): Answer {
  const query = new URLSearchParams(call.query);
  const start = integer(query.get('start'), 0);
  const wanted = integer(query.get('count'), settings.pageSize);
  if (!(start >= 0) || !(wanted >= -1))
    return invalidRequest('The query parameters start and count must be numbers.');
  const end = wanted === -1 ? all.length : Math.min(start + wanted, all.length);
  const members = all.slice(start, end);
  return json({
    type,
    uri: `${call.path}?start=${start}&count=${wanted}`,
    start,
    count: members.length,
    total: all.length,
    nextPageUri: end < all.length && members.length > 0 ? `${call.path}?start=${end}&count=${wanted}` : null,
    prevPageUri: null,
    members: members.map(render),
  });
}

function integer(text: string | null, fallback: number): number {
  if (text === null) return fallback;
  return /^-?\d{1,9}$/.test(text) ? Number(text) : NaN;
}
