/** What is behind one open pipe. */
export interface PipeEnd {
  /** Takes one message of the client; answers those to be sent back, none while a message is incomplete. */
  receive(message: Uint8Array): Promise<readonly Uint8Array[]>;
}

/** Opens a pipe for a client of this name. */
export type PipeService = (userName: string) => PipeEnd;

/** Messages that wait for their reader, and a reader that waits for messages: one direction of one open pipe. */
export class PipeQueue {
  readonly #messages: Buffer[] = [];
  readonly #readers: ((message: Buffer) => void)[] = [];

  push(message: Uint8Array): void {
    const copy = Buffer.from(message);
    const reader = this.#readers.shift();
    if (reader === undefined) this.#messages.push(copy);
    else reader(copy);
  }

  /** Nothing to wait for. */
  get isReady(): boolean {
    return this.#messages.length > 0;
  }

  /** The next message, or so much of it as fits; what is left comes next. */
  async read(atMost: number): Promise<{ readonly data: Buffer; readonly hasMore: boolean }> {
    const message =
      this.#messages.shift() ?? (await new Promise<Buffer>((resolve) => this.#readers.push(resolve)));
    const hasMore = message.length > atMost;
    if (hasMore) this.#messages.unshift(message.subarray(atMost));
    return { data: message.subarray(0, atMost), hasMore };
  }
}
