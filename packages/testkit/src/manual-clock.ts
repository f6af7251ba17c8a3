import type { Clock } from '@slipline/core';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** How many sleeps and alarms have not ended. */
  readonly sleepers: number;
  /**
   * Moves the clock on. Sleeps end in the order in which they are due, each at its own time, and what waits for one runs
   * before the next ends; so does a sleep that is begun on the way.
   */
  advance(milliseconds: number): Promise<void>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Starts at `start`, in milliseconds since 1970. */
export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  const sleepers = new Set<Sleeper>();
  let now = start;

  async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => () => {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const onAbort = end(() => reject(signal?.reason as Error));
      const sleeper: Sleeper = { due: now + Math.max(0, milliseconds), wake: end(resolve) };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  function after(milliseconds: number, ring: () => void): () => void {
    const wake = (): void => {
      sleepers.delete(sleeper);
      ring();
    };
    const sleeper: Sleeper = { due: now + Math.max(0, milliseconds), wake };
    sleepers.add(sleeper);
    return () => void sleepers.delete(sleeper);
  }

  async function advance(milliseconds: number): Promise<void> {
    const target = now + milliseconds;
    await turn();
    for (let next = firstDue(sleepers, target); next !== undefined; next = firstDue(sleepers, target)) {
      now = Math.max(now, next.due);
      next.wake();
      await turn();
    }
    now = target;
  }

  return {
    now: () => now,
    sleep,
    after,
    advance,
    get sleepers() {
      return sleepers.size;
    },
  };
}

function firstDue(sleepers: Iterable<Sleeper>, until: number): Sleeper | undefined {
  return [...sleepers].filter(({ due }) => due <= until).sort((one, other) => one.due - other.due)[0];
}

/** One turn of the event loop, in which every promise that can settle has done so. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
