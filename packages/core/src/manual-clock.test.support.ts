import type { Clock } from './host.ts';

/** A clock that stands still until it is moved; its sleeps end in the order in which they are due. */
export class ManualClock implements Clock {
  readonly #sleepers = new Set<{ readonly due: number; readonly wake: () => void }>();
  #now = Date.UTC(2026, 0, 1);

  /** How many sleeps have not ended. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const onAbort = end(() => reject(signal?.reason as Error));
      const sleeper = { due: this.#now + milliseconds, wake: end(resolve) };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  after(milliseconds: number, ring: () => void): () => void {
    const sleeper = {
      due: this.#now + milliseconds,
      wake: () => {
        this.#sleepers.delete(sleeper);
        ring();
      },
    };
    this.#sleepers.add(sleeper);
    return () => void this.#sleepers.delete(sleeper);
  }

  /** Moves on; between two sleeps that end, everything that waits for the first runs. */
  async advance(milliseconds: number): Promise<void> {
    const target = this.#now + milliseconds;
    for (;;) {
      await turn();
      const [next] = [...this.#sleepers].sort((one, other) => one.due - other.due);
      if (next === undefined || next.due > target) break;
      this.#now = Math.max(this.#now, next.due);
      next.wake();
    }
    this.#now = target;
  }
}

/** One turn of the event loop, in which every promise that can settle has done so. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
