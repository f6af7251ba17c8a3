import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Slipline } from '@slipline/core';

/** Milliseconds for which an answer stands: asking is free for anybody, and looking is not. */
const FRESH = 2000;

/** Whether the service can do its work: read the ledger, and write down what it does. */
export class Readiness {
  readonly #slipline: Slipline;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #folder: string;
  #lookedAt = -Infinity;
  #looking: Promise<string | undefined> = Promise.resolve(undefined);
  #isEnding = false;

  constructor(slipline: Slipline, clock: Pick<Clock, 'now'>, folder: string) {
    this.#slipline = slipline;
    this.#clock = clock;
    this.#folder = folder;
  }

  /** From now on the answer is no. */
  end(): void {
    this.#isEnding = true;
  }

  /** What stands in the way; nothing where all is well. */
  problem(): Promise<string | undefined> {
    if (this.#isEnding) return Promise.resolve('the service is about to end');
    const now = this.#clock.now();
    if (now - this.#lookedAt >= FRESH) {
      this.#lookedAt = now;
      this.#looking = this.#look();
    }
    return this.#looking;
  }

  async #look(): Promise<string | undefined> {
    try {
      await (await this.#slipline.ledger()).revision();
    } catch {
      return 'the ledger cannot be read';
    }
    const file = join(this.#folder, `ready-${randomUUID()}`);
    try {
      const handle = await open(file, 'wx', 0o600);
      try {
        await handle.writeFile('x'.repeat(4096));
      } finally {
        await handle.close();
      }
      return undefined;
    } catch {
      return 'the folder of the service cannot be written';
    } finally {
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
}
