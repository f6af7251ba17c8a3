import { DisconnectError } from '@slipline/core';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_CODES;

/** Ctrl-C and SIGTERM: the first one asks the command to come to its end, the second one does not wait for it. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #leave: (code: number) => void;
  #exitCode: number = EXIT_CODES.SIGINT;
  #isHandedOver = false;

  constructor(leave: (code: number) => void) {
    this.#leave = leave;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the process answers once it was interrupted. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /** From now on signals are answered by somebody else. */
  handOver(): void {
    this.#isHandedOver = true;
  }

  stop(signal: StopSignal): void {
    if (this.#isHandedOver) return;
    if (this.signal.aborted) return this.#leave(EXIT_CODES[signal]);
    this.#exitCode = EXIT_CODES[signal];
    this.#controller.abort(new DisconnectError('aborted', 'interrupted'));
  }
}
