import type { Who } from '../security/who.ts';

/** One event as it goes over the wire, made once for all who listen. */
export interface RingEvent {
  readonly frame: Buffer;
  isFor(who: Who): boolean;
}

export interface RingLimits {
  readonly events: number;
  readonly bytes: number;
}

/** The newest events, by ids that rise one by one; the oldest are let go of. */
export class Ring {
  readonly #limits: RingLimits;
  readonly #events = new Map<number, RingEvent>();
  #oldest: number;
  #next: number;
  #bytes = 0;

  constructor(first: number, limits: RingLimits) {
    this.#oldest = first;
    this.#next = first;
    this.#limits = limits;
  }

  /** The id of the oldest event that is kept, or would be the next. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The id that the next event will have. */
  get next(): number {
    return this.#next;
  }

  get(id: number): RingEvent | undefined {
    return this.#events.get(id);
  }

  add(event: RingEvent): void {
    this.#events.set(this.#next, event);
    this.#next += 1;
    this.#bytes += event.frame.length;
    while (this.#events.size > this.#limits.events || this.#bytes > this.#limits.bytes) this.#drop();
  }

  #drop(): void {
    this.#bytes -= this.#events.get(this.#oldest)?.frame.length ?? 0;
    this.#events.delete(this.#oldest);
    this.#oldest += 1;
  }
}
