import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IdentityError } from './errors.ts';
import type { JsonObject } from './json.ts';

const LARGEST_FORM = 64 * 1024;
/** Browsers open a few connections ahead; nobody needs more. */
const CONNECTIONS = 16;
const PATIENCE = 10_000;

/** What the identity system sends a browser back with: `code`, or `error` and its description. */
export type BrowserAnswer = JsonObject;

/**
 * Waits on 127.0.0.1 for the browser to come back. Takes the one answer that carries `state`, by redirect or as a form; all
 * else is refused and waited past, so that no page that the person has open can end the sign-in.
 */
export class Loopback implements AsyncDisposable {
  readonly #server: Server;
  readonly #state: string;
  readonly #answer: Promise<BrowserAnswer>;
  #settle: (answer: BrowserAnswer) => void = () => undefined;

  private constructor(state: string) {
    this.#state = state;
    this.#answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#server = createServer(
      { headersTimeout: PATIENCE, requestTimeout: PATIENCE, keepAlive: false, maxHeaderSize: 16 * 1024 },
      (request, response) => void this.#receive(request, response),
    );
    this.#server.maxConnections = CONNECTIONS;
  }

  static async open(state: string): Promise<Loopback> {
    const loopback = new Loopback(state);
    loopback.#server.listen(0, '127.0.0.1');
    await once(loopback.#server, 'listening').catch((error: unknown) => {
      throw new IdentityError(
        'unsupported',
        'no port can be opened on this computer for the browser to come back to',
        {
          next: 'sign in by device code instead',
          cause: error,
        },
      );
    });
    return loopback;
  }

  /** As registered with the application, but for the port, which Microsoft leaves open for `localhost`. */
  get redirectUri(): string {
    return `http://localhost:${this.#port}`;
  }

  /** The answer, or the signal's reason. */
  async wait(signal: AbortSignal): Promise<BrowserAnswer> {
    signal.throwIfAborted();
    const stop = new AbortController();
    const aborted = once(signal, 'abort', { signal: stop.signal }).then(() => {
      throw signal.reason;
    });
    try {
      return await Promise.race([this.#answer, aborted]);
    } finally {
      aborted.catch(() => undefined);
      stop.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    // What is being sent is small and has left; what hangs on is not worth waiting for.
    setImmediate(() => this.#server.closeAllConnections());
    await closed;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fields = await this.#fieldsOf(request).catch(() => undefined);
    if (fields === undefined) return reply(response, 404, 'There is nothing here.');
    // Another page's guess, or an old window's.
    if (fields.get('state') !== this.#state)
      return reply(response, 400, 'This is not the sign-in that is waited for.');
    if (fields.has('error')) reply(response, 200, 'You have not signed in. You may close this window.');
    else reply(response, 200, 'Signed in as far as the browser goes. You may close this window.');
    this.#settle(Object.fromEntries(fields));
  }

  async #fieldsOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
    const { method, url = '', headers } = request;
    // A name that was made to point here is not ours.
    if (headers.host !== `localhost:${this.#port}` && headers.host !== `127.0.0.1:${this.#port}`)
      return undefined;
    const { pathname, searchParams } = new URL(url, this.redirectUri);
    if (pathname !== '/') return undefined;
    if (method === 'GET') return searchParams;
    return method === 'POST' ? new URLSearchParams(await readForm(request)) : undefined;
  }
}

async function readForm(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LARGEST_FORM) throw new RangeError('the form is too large');
  }
  return text;
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(`<!doctype html><meta charset="utf-8"><title>Sign-in</title><p>${text}</p>`);
}
