import type { Readable } from 'node:stream';
import { DisconnectError, type Clock } from '@slipline/core';
import type { Who } from '../security/who.ts';
import { EventStream } from './event-stream.ts';
import { frameOf } from './frame.ts';
import { Ring, type RingLimits } from './ring.ts';

export interface EventHubOptions {
  readonly clock: Clock;
  /** What is kept for those who come back. */
  readonly kept?: RingLimits | undefined;
  /** Streams that one user may have open, of all kinds. */
  readonly streamsPerUser?: number | undefined;
}

/** Somebody who listens, for as long as they may. */
export interface Listener {
  readonly who: Who;
  /** Whether they would still be let in. */
  readonly isGood?: (() => boolean) | undefined;
}

const KEPT: RingLimits = { events: 32_768, bytes: 32 * 1024 * 1024 };
const STREAMS_PER_USER = 100;
const HEARTBEAT_EVERY = 15_000;

/** Hands events to everybody who listens and may see them. */
export class EventHub {
  readonly #clock: Clock;
  readonly #ring: Ring;
  readonly #streamsPerUser: number;
  readonly #streams = new Set<EventStream>();
  /** All that are open, also those of other kinds. */
  readonly #open = new Map<Readable, Listener>();
  #waking: NodeJS.Immediate | undefined;
  #callOff: (() => void) | undefined;
  #isEnded = false;

  constructor({ clock, kept = KEPT, streamsPerUser = STREAMS_PER_USER }: EventHubOptions) {
    this.#clock = clock;
    this.#streamsPerUser = streamsPerUser;
    // Ids rise over restarts as well: nothing makes a thousand events in each millisecond.
    this.#ring = new Ring(clock.now() * 1000, kept);
  }

  /** Streams that are open, of all kinds. */
  get streams(): number {
    return this.#open.size;
  }

  /** `json` is the event's data, without line breaks. */
  publish(type: string, json: string, isFor: (who: Who) => boolean): void {
    this.#ring.add({ frame: frameOf(type, json, this.#ring.next), isFor });
    if (this.#streams.size === 0) return;
    this.#waking ??= setImmediate(() => {
      this.#waking = undefined;
      for (const stream of this.#streams) stream.wake();
    });
  }

  /** Everything the listener may see from now on, or from `after` on; begins with `reset` where that is too long ago.
   *  Throws `quota` where the user has too many streams. */
  open(listener: Listener, after?: number): Readable {
    const { oldest, next } = this.#ring;
    const isKnown = after !== undefined && after >= oldest - 1 && after < next;
    const isReset = after !== undefined && !isKnown;
    const greeting = isKnown
      ? frameOf('heartbeat', '{}')
      : frameOf(isReset ? 'reset' : 'heartbeat', '{}', next - 1);
    const stream = new EventStream(this.#ring, listener.who, isKnown ? after + 1 : next, greeting);
    this.hold(listener, stream);
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  /** Counts a stream as one of the listener's user, and ends it with the others. */
  hold<T extends Readable>(listener: Listener, stream: T): T {
    const { user } = listener.who;
    const count = [...this.#open.values()].filter(({ who }) => who.user === user).length;
    if (this.#isEnded || count >= this.#streamsPerUser) {
      stream.destroy();
      throw this.#isEnded ? stopping() : tooMany(this.#streamsPerUser);
    }
    this.#open.set(stream, listener);
    stream.once('close', () => this.#open.delete(stream));
    this.#callOff ??= this.#beatLater();
    return stream;
  }

  /** Ends every stream; there will be no more. */
  end(): void {
    this.#isEnded = true;
    this.#callOff?.();
    if (this.#waking !== undefined) clearImmediate(this.#waking);
    for (const stream of this.#open.keys()) stream.destroy();
  }

  #beatLater(): () => void {
    return this.#clock.after(HEARTBEAT_EVERY, () => {
      for (const [stream, { isGood }] of this.#open) if (isGood?.() === false) stream.destroy();
      for (const stream of this.#streams) stream.beat();
      this.#callOff = this.#open.size === 0 || this.#isEnded ? undefined : this.#beatLater();
    });
  }
}

function tooMany(most: number): DisconnectError {
  return new DisconnectError('quota', `one user may have ${most} event streams open`, {
    next: 'close one',
  });
}

function stopping(): DisconnectError {
  return new DisconnectError('aborted', 'the service is stopping', { next: 'try again in a moment' });
}
