import type { Who } from '../security/who.ts';

/** One event as it goes over the wire, made once for all who listen. */
export interface RingEvent {
  readonly frame: Buffer;
  /** The same for all of the same scopes. */
  isFor(who: Who): boolean;
}

/** Events in one piece, and the id to go on from. */
export interface Portion {
  readonly bytes: Buffer;
  readonly next: number;
}

export interface RingLimits {
  readonly events: number;
  readonly bytes: number;
}

/** Bytes of one portion, about. */
const PORTION = 65_536;
const MOST_PORTIONS = 64;

/** The newest events, by ids that rise one by one; the oldest are let go of. */
export class Ring {
  readonly #limits: RingLimits;
  readonly #events = new Map<number, RingEvent>();
  /** Made once for all who are at the same place and see the same. */
  readonly #portions = new Map<string, Portion>();
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

  /** What `who` may see of the events from `from` on; no bytes where that is nothing. */
  portion(from: number, who: Who): Portion {
    const name = `${from} ${who.scopes.join(' ')}`;
    const known = this.#portions.get(name);
    if (known !== undefined) return known;
    const frames: Buffer[] = [];
    let size = 0;
    let next = from;
    for (; next < this.#next && size < PORTION; next += 1) {
      const event = this.#events.get(next);
      if (event?.isFor(who) !== true) continue;
      frames.push(event.frame);
      size += event.frame.length;
    }
    const made = { bytes: Buffer.concat(frames, size), next };
    if (this.#portions.size >= MOST_PORTIONS) this.#portions.clear();
    this.#portions.set(name, made);
    return made;
  }

  add(event: RingEvent): void {
    this.#events.set(this.#next, event);
    this.#portions.clear();
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
