import { onAbort } from './on-abort.ts';

/** Lets tasks run one after the other. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Runs `task` when those before it have ended, however they have; throws the signal's reason while it waits. */
  async run<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const before = this.#last;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    this.#last = before.then(() => finished);
    let forget: () => void = () => undefined;
    const abandoned = new Promise<never>((_, reject) => {
      forget = onAbort(signal, () => reject(signal.reason as Error));
    });
    try {
      await Promise.race([before, abandoned]);
      return await task();
    } finally {
      forget();
      finish();
    }
  }
}
