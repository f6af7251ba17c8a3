import { randomUUID } from 'node:crypto';

/** An enumeration that has not ended. */
interface Enumeration {
  readonly rows: readonly string[];
  next: number;
  readonly endsAt: number;
}

/** Enumeration contexts: each lives until its end, its release or its time-out. */
export class Enumerations {
  readonly #now: () => number;
  readonly #timeout: () => number;
  readonly #open = new Map<string, Enumeration>();

  constructor(now: () => number, timeout: () => number) {
    this.#now = now;
    this.#timeout = timeout;
  }

  /** How many there are that a client has neither read to the end nor released. */
  get count(): number {
    for (const [context, { endsAt }] of this.#open) {
      if (endsAt <= this.#now()) this.#open.delete(context);
    }
    return this.#open.size;
  }

  /** A context for `rows` from `next` on. */
  open(rows: readonly string[], next: number): string {
    const context = `uuid:${randomUUID().toUpperCase()}`;
    this.#open.set(context, { rows, next, endsAt: this.#now() + this.#timeout() });
    return context;
  }

  find(context: string): Enumeration | undefined {
    return this.count === 0 ? undefined : this.#open.get(context);
  }

  release(context: string): boolean {
    return this.find(context) !== undefined && this.#open.delete(context);
  }
}
