import { Readable } from 'node:stream';
import type { Who } from '../security/who.ts';
import { frameOf } from './frame.ts';
import type { Ring } from './ring.ts';

const HEARTBEAT = frameOf('heartbeat', '{}');
/** Bytes that wait for a listener outside the ring; Node's own number differs by version. */
const BUFFERED = 16_384;

/**
 * What one listener gets of the ring. It holds no queue: whoever reads slowly is behind in the ring, and cut off when the
 * events that come next are not there any more.
 */
export class EventStream extends Readable {
  readonly who: Who;
  readonly #ring: Ring;
  #next: number;
  #isWaiting = false;
  #isUnread = false;

  /** `greeting` goes first; then the events from `next` on. */
  constructor(ring: Ring, who: Who, next: number, greeting: Buffer) {
    super({ highWaterMark: BUFFERED });
    this.who = who;
    this.#ring = ring;
    this.#next = next;
    this.push(greeting);
  }

  override _read(): void {
    this.#isUnread = false;
    this.#pump();
  }

  /** There are new events. */
  wake(): void {
    if (this.#isWaiting) this.#pump();
  }

  /** Shows that the stream lives; one that has not been read since the last time, although there was something, ends. */
  beat(): void {
    if (this.#isWaiting) this.push(HEARTBEAT);
    else if (this.#isUnread) this.destroy();
    this.#isUnread = !this.#isWaiting;
  }

  #pump(): void {
    if (this.#next < this.#ring.oldest) {
      this.destroy();
      return;
    }
    const { bytes, next } = this.#ring.portion(this.#next, this.who);
    this.#next = next;
    this.#isWaiting = bytes.length === 0;
    if (bytes.length > 0) this.push(bytes);
  }
}
