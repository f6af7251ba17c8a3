import type { Readable } from 'node:stream';
import type { Clock } from '@slipline/core';

/** Milliseconds between two looks. */
const INTERVAL = 1000;

/** Whoever may not come in any more does not go on listening either: their streams are ended within a second. */
export class OpenStreams {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #refresh: () => Promise<void>;
  readonly #open = new Map<Readable, () => boolean>();
  #cancel: (() => void) | undefined;
  #isStopped = false;

  /** `refresh` is called before each look, to learn what has changed. */
  constructor(clock: Pick<Clock, 'after'>, refresh: () => Promise<void>) {
    this.#clock = clock;
    this.#refresh = refresh;
  }

  add(stream: Readable, isGood: () => boolean): void {
    this.#open.set(stream, isGood);
    stream.once('close', () => this.#open.delete(stream));
    if (!this.#isStopped) this.#cancel ??= this.#later();
  }

  /** Nobody is looked after from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #later(): () => void {
    return this.#clock.after(INTERVAL, () => void this.#look());
  }

  async #look(): Promise<void> {
    // Keys that cannot be read let nobody in, so that nobody is good then.
    await this.#refresh().catch(() => undefined);
    for (const [stream, isGood] of this.#open) if (!isGood()) stream.destroy();
    this.#cancel = this.#isStopped || this.#open.size === 0 ? undefined : this.#later();
  }
}
