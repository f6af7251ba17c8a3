import type { ServerResponse } from 'node:http';

/** One request on its way to an answer. */
export interface Exchange<Answer> {
  readonly response: ServerResponse;
  /** Carries the request out. */
  process(): Answer;
  /** Notes the status that is about to be sent. */
  answering(status: number): void;
  /** Resets the connection, so that the client sees neither an answer nor an orderly end. */
  reset(): void;
}

const CHUNK = Buffer.alloc(64 * 1024, ' ');

/** Sends so many blanks, as fast as the client reads, and then ends the response with `body`. Its head must have been written. */
export function endWithBlanks(response: ServerResponse, bytes: number, body: Buffer = Buffer.alloc(0)): void {
  let remaining = bytes;
  const fill = (): void => {
    while (remaining > 0) {
      const chunk = remaining < CHUNK.length ? CHUNK.subarray(0, remaining) : CHUNK;
      remaining -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', fill);
        return;
      }
    }
    response.end(body);
  };
  fill();
}

/** Sends the first half of `body` and resets the connection. The head, which announces all of it, must have been written. */
export function cutOff(exchange: Pick<Exchange<unknown>, 'response' | 'reset'>, body: Buffer): void {
  // A reset discards what the client has not read yet, so it gets a moment to read its half.
  exchange.response.write(body.subarray(0, body.length / 2), () => setTimeout(() => exchange.reset(), 20));
}
