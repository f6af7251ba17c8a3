import { DisconnectError } from './errors.ts';
import type { Clock } from './host.ts';

/** How long people have been asked something, in all; a deadline does not count it. */
export class Patience {
  readonly #clock: Clock;
  readonly #asking = new Set<number>();
  #past = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds, questions that are still open included. */
  spent(): number {
    const now = this.#clock.now();
    return [...this.#asking].reduce((sum, since) => sum + (now - since), this.#past);
  }

  async during<T>(question: () => Promise<T>): Promise<T> {
    const since = this.#clock.now();
    this.#asking.add(since);
    try {
      return await question();
    } finally {
      this.#asking.delete(since);
      this.#past += this.#clock.now() - since;
    }
  }
}

/**
 * Runs `work` until it ends, the caller aborts, or `milliseconds` have passed, whichever is first; work that ignores
 * its signal is left behind. Rejects with `aborted` or `timeout`, either of which may have taken effect.
 */
export async function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  patience?: Patience,
): Promise<T> {
  if (outer?.aborted === true) throw aborted(outer, false);
  const inner = new AbortController();
  const timer = new AbortController();
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = (error: DisconnectError): void => {
      reject(error);
      inner.abort(error);
    };
    onAbort = () => stop(aborted(outer, true));
    outer?.addEventListener('abort', onAbort, { once: true });
    waitFor(clock, milliseconds, timer.signal, patience).then(
      () => stop(timedOut(milliseconds)),
      () => undefined,
    );
  });
  try {
    return await Promise.race([work(inner.signal), stopped]);
  } finally {
    if (onAbort !== undefined) outer?.removeEventListener('abort', onAbort);
    timer.abort();
  }
}

async function waitFor(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  patience: Patience | undefined,
): Promise<void> {
  let credited = patience?.spent() ?? 0;
  for (let left = milliseconds; left > 0;) {
    await clock.sleep(left, signal);
    const spent = patience?.spent() ?? 0;
    left = spent - credited;
    credited = spent;
  }
}

function aborted(signal: AbortSignal | undefined, mayHaveTakenEffect: boolean): DisconnectError {
  return new DisconnectError(
    'aborted',
    mayHaveTakenEffect ? 'interrupted while waiting for an answer' : 'interrupted before it was begun',
    {
      cause: signal?.reason,
      mayHaveTakenEffect,
    },
  );
}

function timedOut(milliseconds: number): DisconnectError {
  return new DisconnectError('timeout', `no answer within ${milliseconds / 1000} s`, {
    next: 'try again, or allow more time with --timeout',
    mayHaveTakenEffect: true,
  });
}
