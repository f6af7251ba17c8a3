import { setMaxListeners } from 'node:events';
import { DisconnectError } from './errors.ts';
import type { Clock } from './host.ts';

/** Milliseconds that work has, once its signal is aborted, to say what became of it. */
const LAST_WORDS = 50;

/** Bounds work in time, without counting the time that people take to answer questions. */
export class Deadlines {
  readonly #clock: Clock;
  /** Questions that are open, since when there has been one, and how long there was one before that. */
  #open = 0;
  #since = 0;
  #asked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs a question to a person; while it is open no deadline of this object comes nearer. */
  async asking<T>(question: () => Promise<T>): Promise<T> {
    if (this.#open === 0) this.#since = this.#clock.now();
    this.#open += 1;
    try {
      return await question();
    } finally {
      this.#open -= 1;
      if (this.#open === 0) this.#asked += this.#clock.now() - this.#since;
    }
  }

  /**
   * Runs `work` until it ends, the caller aborts, or `milliseconds` have passed, whichever is first. Rejects with
   * `aborted` or `timeout`, either of which may have taken effect; work that heeds its signal may say at once how far it
   * came instead, by a `DisconnectError` of its own, and work that ignores it is left behind.
   */
  async within<T>(
    milliseconds: number,
    outer: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (outer?.aborted === true) throw notBegun(outer);
    const inner = new AbortController();
    let onAbort: (() => void) | undefined;
    let callOff: (() => void) | undefined;
    // As many listen as there are calls at once, which Node would take for a leak and warn of.
    if (outer !== undefined) setMaxListeners(0, outer);
    const stopped = new Promise<never>((_resolve, reject) => {
      const stop = (error: DisconnectError): void => {
        inner.abort(error);
        void this.#clock.sleep(LAST_WORDS).then(() => reject(error));
      };
      onAbort = () => stop(interrupted(outer));
      outer?.addEventListener('abort', onAbort, { once: true });
      callOff = this.#alarm(milliseconds, () => stop(timedOut(milliseconds)));
    });
    // Work that throws before it returns a promise leaves nobody to hear of it.
    stopped.catch(() => undefined);
    try {
      return await Promise.race([work(inner.signal), stopped]);
    } catch (error) {
      if (inner.signal.aborted && !DisconnectError.is(error)) throw inner.signal.reason;
      throw error;
    } finally {
      if (onAbort !== undefined) outer?.removeEventListener('abort', onAbort);
      callOff?.();
    }
  }

  /** Rings when so much time has passed besides that of questions; a callback, since every call has a deadline. */
  #alarm(milliseconds: number, ring: () => void): () => void {
    let credited = this.#spent();
    const look = (): void => {
      const spent = this.#spent();
      const left = spent - credited;
      credited = spent;
      if (left > 0) callOff = this.#clock.after(left, look);
      else ring();
    };
    let callOff = this.#clock.after(milliseconds, look);
    return () => callOff();
  }

  #spent(): number {
    return this.#open === 0 ? this.#asked : this.#asked + (this.#clock.now() - this.#since);
  }
}

/** The error for something that was never begun because the caller had aborted. */
export function notBegun(signal?: AbortSignal): DisconnectError {
  return new DisconnectError('aborted', 'interrupted before it was begun', { cause: signal?.reason });
}

function interrupted(signal: AbortSignal | undefined): DisconnectError {
  return new DisconnectError('aborted', 'interrupted while waiting for an answer', {
    cause: signal?.reason,
    mayHaveTakenEffect: true,
  });
}

function timedOut(milliseconds: number): DisconnectError {
  return new DisconnectError('timeout', `no answer within ${milliseconds / 1000} s`, {
    next: 'try again, or allow more time with --timeout',
    mayHaveTakenEffect: true,
  });
}
