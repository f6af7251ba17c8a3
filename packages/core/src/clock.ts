import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './host.ts';

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  sleep: async (milliseconds: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    try {
      await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
});
