/** More than this client ever uses at once; what a server grants beyond it is left. */
const MOST = 256;
const WANTED = 64;

interface Waiting {
  readonly stopped: AbortSignal;
  readonly go: () => void;
}

/** The requests that the server still takes (MS-SMB2 3.2.4.1.2): one to begin with, more as it grants them. */
export class SmbCredits {
  #available = 1;
  #waiting: Waiting[] = [];

  /** How many to ask for with the next request. */
  get wanted(): number {
    return Math.max(1, WANTED - this.#available);
  }

  /** Ends when a request may be sent, in the order of asking; never, once `stopped`. */
  async take(stopped: AbortSignal): Promise<void> {
    if (this.#available === 0) {
      this.#waiting = this.#waiting.filter((each) => !each.stopped.aborted);
      await new Promise<void>((go) => this.#waiting.push({ stopped, go }));
    } else {
      this.#available -= 1;
    }
  }

  /** Lets everybody go who waits, since there is nothing to wait for any more. */
  release(): void {
    for (const { go } of this.#waiting.splice(0)) go();
  }

  grant(count: number): void {
    this.#available = Math.min(this.#available + count, MOST);
    while (this.#available > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (next.stopped.aborted) continue;
      this.#available -= 1;
      next.go();
    }
  }
}
