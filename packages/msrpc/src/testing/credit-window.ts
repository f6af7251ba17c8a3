import { Malformed } from './bytes.ts';

const MOST_AT_ONCE = 64;

/** The message ids a client may use (MS-SMB2 3.3.1.1): each once, and no more than it was granted. */
export class CreditWindow {
  readonly #used = new Set<bigint>();
  #low = 0n;
  #end = 1n;

  use(id: bigint): void {
    if (id < this.#low || id >= this.#end || this.#used.has(id))
      throw new Malformed('a message id that was not granted, or was used before');
    this.#used.add(id);
    while (this.#used.delete(this.#low)) this.#low++;
  }

  /** Answers how many more the client may use from now on. */
  grant(wanted: number): number {
    const open = Number(this.#end - this.#low) - this.#used.size;
    const granted = Math.min(wanted, Math.max(open === 0 ? 1 : 0, MOST_AT_ONCE - open));
    this.#end += BigInt(granted);
    return granted;
  }
}
