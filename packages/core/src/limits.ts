import pLimit, { type LimitFunction } from 'p-limit';
import { DisconnectError } from './errors.ts';
import type { SessionRef } from './session.ts';

/** How many sessions at once; whole numbers from 1 on. */
export interface Limits {
  /** In all; 16 when absent. */
  readonly concurrency?: number | undefined;
  /** At each endpoint; 4 when absent. */
  readonly concurrencyPerEndpoint?: number | undefined;
}

/** Throws `invalid-request` for what is no number to go by. */
export function limitsOf({ concurrency, concurrencyPerEndpoint }: Limits): {
  readonly total: LimitFunction;
  readonly perEndpoint: (session: SessionRef) => LimitFunction;
} {
  const total = pLimit(checked(concurrency ?? 16, 'concurrency'));
  const each = checked(concurrencyPerEndpoint ?? 4, 'concurrencyPerEndpoint');
  const places = new Map<string, LimitFunction>();
  const perEndpoint = (session: SessionRef): LimitFunction => {
    const key = endpointKey(session);
    const limit = places.get(key) ?? pLimit(each);
    places.set(key, limit);
    return limit;
  };
  return { total, perEndpoint };
}

/** One string for one endpoint of one provider. */
export function endpointKey({ provider, endpoint }: SessionRef): string {
  return `${provider} ${endpoint.toLowerCase()}`;
}

function checked(count: number, name: string): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new DisconnectError('invalid-request', `${name} is a whole number of at least 1`);
}
