import type { Clock } from '@slipline/core';

const WINDOW = 60_000;
const MOST = 10_000;

interface Failures {
  readonly since: number;
  count: number;
}

/** Counts failed attempts by who makes them, and says when somebody has had enough of them for a minute. */
export class Brake {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #most: number;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Pick<Clock, 'now'>, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Seconds to wait before the next attempt is looked at; 0 where it may come. */
  wait(name: string): number {
    const failures = this.#current(name);
    if (failures === undefined || failures.count < this.#most) return 0;
    return Math.ceil((failures.since + WINDOW - this.#clock.now()) / 1000);
  }

  failed(name: string): void {
    const failures = this.#current(name);
    if (failures !== undefined) {
      failures.count += 1;
      return;
    }
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= MOST && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(name, { since: this.#clock.now(), count: 1 });
  }

  #current(name: string): Failures | undefined {
    const failures = this.#failures.get(name);
    if (failures === undefined || this.#clock.now() < failures.since + WINDOW) return failures;
    this.#failures.delete(name);
    return undefined;
  }
}
