import { Agent, request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { DisconnectError } from '@slipline/core';

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** The values of WWW-Authenticate, one for each time the header stands there. */
  readonly challenges: readonly string[];
  readonly location: string | undefined;
  /** When the server says it answered, in milliseconds since 1970. */
  readonly date: number | undefined;
  readonly body: Buffer;
}

export interface HttpPost {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Enough for an envelope of 4 MiB in UTF-8 with its seals. */
const LARGEST_BODY = 6 * 1024 * 1024;
const LARGEST_HEADERS = 64 * 1024;

/**
 * HTTP/1.1 over one connection and no other, since Windows signs in connections and not requests. Owns the socket. One request at a time.
 * Throws `DisconnectError`; what went wrong on the way closes the connection.
 */
export class HttpConnection implements Disposable {
  readonly #socket: Duplex;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
  #isOpen = true;
  #isTaken = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    const close = (): void => this[Symbol.dispose]();
    socket.on('error', close).on('close', close).on('end', close);
    this.#agent.createConnection = () => {
      // A second one would be another connection, which nobody has signed in.
      if (this.#isTaken) throw new Error('the server closed the connection');
      this.#isTaken = true;
      return socket;
    };
  }

  /** Whether another request may be sent: neither side has closed it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  post(post: HttpPost, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { path, headers, body } = post;
      const fail = (error: unknown): void => {
        this[Symbol.dispose]();
        reject(signal.aborted ? (signal.reason as Error) : failure(error));
      };
      if (signal.aborted || !this.#isOpen) return fail(new Error('the connection is closed'));
      const call = request({
        method: 'POST',
        path,
        headers: { ...headers, 'Content-Length': body.byteLength },
        setHost: false,
        agent: this.#agent,
        maxHeaderSize: LARGEST_HEADERS,
        signal,
      });
      call.on('error', fail);
      call.on('response', (answer) => {
        if (answer.headers.connection?.toLowerCase() === 'close') this.#isOpen = false;
        read(answer).then(resolve, fail);
      });
      call.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#isOpen = false;
    this.#agent.destroy();
    this.#socket.destroy();
  }
}

async function read(answer: IncomingMessage): Promise<HttpAnswer> {
  const { headers, headersDistinct, statusCode = 0 } = answer;
  const chunks: Buffer[] = [];
  let size = Number(headers['content-length'] ?? 0);
  if (size > LARGEST_BODY) throw tooLarge();
  size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw tooLarge();
    chunks.push(chunk);
  }
  const date = Date.parse(headers.date ?? '');
  return {
    status: statusCode,
    contentType: headers['content-type'] ?? '',
    challenges: headersDistinct['www-authenticate'] ?? [],
    location: headers.location,
    date: Number.isNaN(date) ? undefined : date,
    body: Buffer.concat(chunks),
  };
}

function tooLarge(): DisconnectError {
  return new DisconnectError('protocol', 'the answer is larger than this client accepts', {
    next: 'ask for less, or look at the computer itself',
    mayHaveTakenEffect: true,
  });
}

const NO_HTTP = /^(HPE_|ERR_HTTP)/;

function failure(error: unknown): DisconnectError {
  if (DisconnectError.is(error)) return error;
  const { code = '' } = error as { readonly code?: string };
  if (NO_HTTP.test(code)) {
    return new DisconnectError('protocol', 'the answer is not HTTP that this client accepts', {
      next: 'check that WinRM answers at this port: 5985 without TLS, 5986 with it',
      cause: error,
      mayHaveTakenEffect: true,
    });
  }
  return new DisconnectError('unreachable', 'the connection was lost before the answer was complete', {
    next: 'check that the computer is up, then try again',
    cause: error,
    mayHaveTakenEffect: true,
  });
}
