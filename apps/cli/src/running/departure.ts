import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Leaves at the second signal, whatever is still going on; the first one is for what runs to answer. */
export class Departure implements Disposable {
  readonly #onFirst: () => void;
  readonly #leave: (code: number) => void;
  #count = 0;

  constructor(onFirst: () => void, leave: (code: number) => void) {
    this.#onFirst = onFirst;
    this.#leave = leave;
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    this.#count += 1;
    if (this.#count === 1) this.#onFirst();
    else this.#leave(128 + constants.signals[name]);
  };
}
