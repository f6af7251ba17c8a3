import type { Clock } from './clock.ts';
import { MsrpcError } from './errors.ts';
import { onAbort } from './on-abort.ts';

export interface Limits {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
  /** What is waited for, for the message. */
  readonly what: string;
}

/**
 * What `start` answers, or the signal's reason, or `timeout`, whichever is first. The signal that `start` is given aborts as
 * soon as nobody waits any more.
 */
export async function within<T>(limits: Limits, start: (stopped: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, signal, timeout } = limits;
  signal.throwIfAborted();
  const stop = new AbortController();
  const ends: (() => void)[] = [];
  const limit = new Promise<never>((_, reject) => {
    const giveUp = (reason: Error) => {
      stop.abort();
      reject(reason);
    };
    ends.push(
      onAbort(signal, () => giveUp(signal.reason as Error)),
      clock.after(timeout, () => giveUp(timedOut(limits))),
    );
  });
  try {
    return await Promise.race([start(stop.signal), limit]);
  } finally {
    stop.abort();
    for (const end of ends) end();
  }
}

function timedOut({ timeout, what }: Limits): MsrpcError {
  return new MsrpcError('timeout', `the server did not answer ${what} within ${timeout} ms`, {
    next: 'check that the server is not overloaded, and that nothing between swallows its answers; then try again',
  });
}
