import { createHmac, randomBytes } from 'node:crypto';
import type { Clock, Credential } from '@slipline/core';

/** What can be kept open and used again. */
export interface Kept {
  readonly isOpen: boolean;
  close(): Promise<void>;
}

interface Entry<T extends Kept> {
  readonly opened: Promise<T>;
  readonly abort: AbortController;
  users: number;
  isSettled: boolean;
  cancelClosing: (() => void) | undefined;
}

/** Connections by host and credential: one for all that is done at the same time, kept for a while after its last use. */
export class HostPool<T extends Kept> implements AsyncDisposable {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #closing = new Set<Promise<void>>();
  readonly #clock: Clock;
  readonly #idleTimeout: number;
  readonly #key = randomBytes(32);

  constructor(clock: Clock, idleTimeout: number) {
    this.#clock = clock;
    this.#idleTimeout = idleTimeout;
  }

  /** `open` is called where there is no connection yet; its signal is that of everybody who waits for it. */
  async use<R>(
    endpoint: string,
    credential: Credential,
    signal: AbortSignal,
    open: (signal: AbortSignal) => Promise<T>,
    work: (connection: T) => Promise<R>,
  ): Promise<R> {
    signal.throwIfAborted();
    const place = this.#placeOf(endpoint, credential);
    const entry = await this.#taken(place, open);
    try {
      return await work(await raced(entry.opened, signal));
    } finally {
      entry.users--;
      if (entry.users === 0) this.#rest(place, entry);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [place, entry] of this.#entries) this.#drop(place, entry);
    await Promise.all(this.#closing);
  }

  /** Somebody else's password must not find the door open, so it is part of the place. */
  #placeOf(endpoint: string, { userName, password }: Credential): string {
    const proof = createHmac('sha256', this.#key).update(password.reveal()).digest('base64');
    return JSON.stringify([endpoint.toLowerCase(), userName, proof]);
  }

  /** Taken at once, so that nobody lets go of it in between. */
  async #taken(place: string, open: (signal: AbortSignal) => Promise<T>): Promise<Entry<T>> {
    const known = this.#entries.get(place);
    if (known !== undefined) {
      if (
        !known.isSettled ||
        (await known.opened.then(
          ({ isOpen }) => isOpen,
          () => false,
        ))
      )
        return take(known);
      this.#drop(place, known);
    }
    const newer = this.#entries.get(place);
    if (newer !== undefined) return take(newer);
    const abort = new AbortController();
    const entry: Entry<T> = {
      opened: open(abort.signal),
      abort,
      users: 0,
      isSettled: false,
      cancelClosing: undefined,
    };
    this.#entries.set(place, entry);
    entry.opened.then(
      () => (entry.isSettled = true),
      () => this.#drop(place, entry),
    );
    return take(entry);
  }

  /** Nobody uses it: it is closed after a while, or at once where it is not even open yet. */
  #rest(place: string, entry: Entry<T>): void {
    if (!entry.isSettled) return this.#drop(place, entry);
    entry.cancelClosing = this.#clock.after(this.#idleTimeout, () => this.#drop(place, entry));
  }

  #drop(place: string, entry: Entry<T>): void {
    if (this.#entries.get(place) === entry) this.#entries.delete(place);
    entry.cancelClosing?.();
    if (!entry.isSettled) entry.abort.abort();
    const closed = entry.opened.then(
      (connection) => connection.close(),
      () => undefined,
    );
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }
}

function take<T extends Kept>(entry: Entry<T>): Entry<T> {
  entry.users++;
  entry.cancelClosing?.();
  entry.cancelClosing = undefined;
  return entry;
}

/** The same, or the reason why the signal has ended the wait. */
export async function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Where it is not waited for any more, nobody hears of its failure.
  work.catch(() => undefined);
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
