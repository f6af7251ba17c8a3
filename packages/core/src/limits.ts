import { DisconnectError } from './errors.ts';
import type { SessionRef } from './session.ts';

/** How many sessions at once; whole numbers from 1 on. */
export interface Limits {
  /** In all; 16 when absent. */
  readonly concurrency?: number | undefined;
  /** At each endpoint; 4 when absent. */
  readonly concurrencyPerEndpoint?: number | undefined;
}

/** One endpoint: its items by place, how many of them have begun, and how many are under way. */
interface Lane {
  readonly places: number[];
  begun: number;
  running: number;
}

/**
 * What `work` makes of each item, in their order; endpoints take turns, and an item that waits holds nothing but its
 * place. Rejects with what `work` rejects with first, and with `invalid-request` for limits that are no numbers to go by.
 */
export async function eachWithin<T extends { readonly session: SessionRef }, R>(
  items: readonly T[],
  { concurrency = 16, concurrencyPerEndpoint = 4 }: Limits,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  checked(concurrency, 'concurrency');
  checked(concurrencyPerEndpoint, 'concurrencyPerEndpoint');
  const results = new Array<R>(items.length);
  /** Endpoints that have room and items left. */
  const ready = new Set(lanesOf(items));
  let running = 0;
  return new Promise((resolve, reject) => {
    const begin = (): void => {
      for (let [lane] = ready; lane !== undefined && running < concurrency; [lane] = ready) start(lane);
      if (running === 0 && ready.size === 0) resolve(results);
    };
    const start = (lane: Lane): void => {
      const place = lane.places[lane.begun] as number;
      lane.begun += 1;
      lane.running += 1;
      running += 1;
      queue(lane);
      work(items[place] as T).then((result) => {
        results[place] = result;
        lane.running -= 1;
        running -= 1;
        queue(lane);
        begin();
      }, reject);
    };
    const queue = (lane: Lane): void => {
      ready.delete(lane);
      if (lane.begun < lane.places.length && lane.running < concurrencyPerEndpoint) ready.add(lane);
    };
    begin();
  });
}

function lanesOf(items: readonly { readonly session: SessionRef }[]): Iterable<Lane> {
  const lanes = new Map<string, Lane>();
  for (const [place, { session }] of items.entries()) {
    const key = endpointKey(session);
    const lane = lanes.get(key) ?? { places: [], begun: 0, running: 0 };
    lane.places.push(place);
    lanes.set(key, lane);
  }
  return lanes.values();
}

/** One string for one endpoint of one provider. */
export function endpointKey({ provider, endpoint }: SessionRef): string {
  return `${provider} ${endpoint.toLowerCase()}`;
}

function checked(count: number, name: string): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new DisconnectError('invalid-request', `${name} is a whole number of at least 1`);
}
