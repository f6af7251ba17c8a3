import type { Agent, fetch as undiciFetch, Response as UndiciResponse } from 'undici';
import { DisconnectError } from '../errors.ts';
import type { Logger } from '../host.ts';
import { describeThrown } from '../thrown.ts';
import type { Dialer } from './dialer.ts';
import { wordsFor } from './words.ts';

const LARGEST_BODY = 16 * 1024 * 1024;

interface Client {
  readonly agent: Agent;
  readonly fetch: typeof undiciFetch;
}

/** `fetch` over a dialer, with its pool of kept connections; loaded when it is first called. */
export class Fetcher {
  readonly #dialer: Dialer;
  readonly #log: Logger;
  readonly #largestBody: number;
  readonly #skews = new Map<string, number>();
  #loaded: Promise<Client> | undefined;
  readonly #retired = new Set<Promise<Client>>();

  constructor(dialer: Dialer, log: Logger, largestBody = LARGEST_BODY) {
    this.#dialer = dialer;
    this.#log = log;
    this.#largestBody = largestBody;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const [url, options] = readRequest(input, init);
    const { method = 'GET', signal } = options;
    if (signal?.aborted === true) throw DisconnectError.from(signal.reason, { system: url.host });
    this.#loaded ??= this.#load();
    const { agent, fetch } = await this.#loaded;
    const shown = `${url.origin}${url.pathname}`;
    this.#log.debug('http', { method, url: shown });
    try {
      const asked = { redirect: 'manual', ...options, dispatcher: agent } as Parameters<typeof fetch>[1];
      const response = await fetch(url, asked);
      this.#log.debug('http', { url: shown, status: response.status });
      this.#compareClocks(url.host, response.headers.get('date'));
      return readable(bounded(response, url.host, this.#largestBody), url.host, signal ?? undefined);
    } catch (error) {
      throw translate(error, url.host, signal ?? undefined);
    }
  };

  /** Milliseconds by which each system's clock was ahead of this one's when it last answered. */
  get skews(): ReadonlyMap<string, number> {
    return this.#skews;
  }

  #compareClocks(host: string, date: string | null): void {
    const skew = Date.parse(date ?? '') - Date.now();
    // What it says has whole seconds.
    if (!Number.isNaN(skew)) this.#skews.set(host, Math.abs(skew) < 1000 ? 0 : skew);
  }

  /** Later requests use connections of their own; those that are under way keep theirs. */
  renew(): void {
    const old = this.#loaded;
    this.#loaded = undefined;
    if (old === undefined) return;
    this.#retired.add(old);
    void old
      .then(({ agent }) => agent.close())
      .then(
        () => this.#retired.delete(old),
        () => this.#retired.delete(old),
      );
  }

  async close(): Promise<void> {
    for (const loading of [...this.#retired, this.#loaded]) {
      const loaded = await loading?.catch(() => undefined);
      await loaded?.agent.destroy();
    }
  }

  async #load(): Promise<Client> {
    const { Agent, fetch } = await import('./undici.ts');
    const agent = new Agent({
      maxResponseSize: this.#largestBody,
      headersTimeout: 0,
      bodyTimeout: 0,
      // The dialer's own limit applies, and the caller's signal ends the request.
      connectTimeout: 0,
      connect: (options, done) => {
        const { hostname, port, protocol } = options;
        const tls = protocol === 'https:' ? {} : undefined;
        const target = { host: hostname, port: Number(port) || (tls === undefined ? 80 : 443), tls };
        this.#dialer.dial(target, new AbortController().signal).then(
          (socket) => done(null, socket),
          (error: unknown) => done(error as Error, null),
        );
      },
    });
    return { agent, fetch };
  }
}

/** What is asked, in the words of this copy of undici: the `Request` of another one, such as Node's own, is unknown to it. */
function readRequest(...[input, init]: Parameters<typeof fetch>): readonly [URL, RequestInit] {
  // Naming `Request` would load Node's own copy.
  if (typeof input === 'string' || input instanceof URL) return [new URL(input), init ?? {}];
  const { method, body, signal } = input;
  const own = {
    method,
    headers: [...input.headers],
    body,
    signal,
    ...(body !== null && { duplex: 'half' as const }),
  };
  return [new URL(input.url), { ...own, ...init }];
}

// `maxResponseSize` counts bytes on the wire; what is compressed can grow beyond it when it is unpacked.
function bounded(response: UndiciResponse, system: string, largest: number): UndiciResponse {
  const announced = Number(response.headers.get('content-length') ?? 0);
  if (announced > largest) {
    void response.body?.cancel();
    throw tooLarge(system);
  }
  return response.headers.has('content-encoding') && response.body !== null
    ? unpacked(response, system, largest)
    : response;
}

// A body can fail after `fetch` has returned; its readers must fail in our words as well.
function readable(response: UndiciResponse, system: string, signal: AbortSignal | undefined): Response {
  for (const reader of ['text', 'json', 'arrayBuffer'] as const) {
    const read: () => Promise<unknown> = response[reader];
    const value = (): Promise<unknown> =>
      read.call(response).catch((error: unknown) => Promise.reject(translate(error, system, signal)));
    Object.defineProperty(response, reader, { value });
  }
  return response;
}

function unpacked(response: UndiciResponse, system: string, largest: number): UndiciResponse {
  let size = 0;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      size += chunk.byteLength;
      if (size > largest) controller.error(tooLarge(system));
      else controller.enqueue(chunk);
    },
  });
  const body = (response.body as ReadableStream<Uint8Array>).pipeThrough(limit);
  const { status, statusText } = response;
  return new Response(body, {
    status,
    statusText,
    headers: [...response.headers],
  }) as unknown as UndiciResponse;
}

function tooLarge(system: string): DisconnectError {
  return new DisconnectError('protocol', 'the answer is larger than this client accepts', {
    system,
    mayHaveTakenEffect: true,
  });
}

/** Codes of answers that break the rules of HTTP, or of what their body is packed with. */
const NO_HTTP = /^(Z_|ERR__ERROR_|UND_ERR_(HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)$)/;

const HEADER = /invalid header|ByteString/;

/** Turns what `fetch` and reading a body reject with into one of our errors; the cause says what happened on the wire. */
function translate(error: unknown, system: string, signal?: AbortSignal): DisconnectError {
  if (DisconnectError.is(error)) return error;
  if (signal?.aborted === true)
    return DisconnectError.from(signal.reason, { system, mayHaveTakenEffect: true });
  const cause = describeThrown(error).cause ?? error;
  if (DisconnectError.is(cause)) return cause;
  const { name, code, message } = describeThrown(cause);
  // What is wrong with a header is said by repeating it, and it may be a token.
  if (name === 'TypeError' && HEADER.test(message))
    return new DisconnectError('internal', 'a header of the request has characters that cannot be sent', {
      system,
    });
  // Fetch §2.9 (https://fetch.spec.whatwg.org/#port-blocking).
  if (message === 'bad port')
    return new DisconnectError(
      'invalid-request',
      'HTTP is not spoken to this port, which is that of another protocol',
      {
        system,
        next: 'give the port of the system itself',
      },
    );
  if (name === 'SyntaxError') {
    return new DisconnectError('protocol', 'the answer is not JSON', {
      system,
      cause,
      mayHaveTakenEffect: true,
    });
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(system);
  if (name === 'HTTPParserError' || NO_HTTP.test(code)) {
    return new DisconnectError('protocol', 'the answer is not HTTP that this client accepts', {
      system,
      cause,
      mayHaveTakenEffect: true,
    });
  }
  // What failed on the wire has a code; the rest is a fault of ours or of the caller's.
  if (code === '') return DisconnectError.from(cause, { system, mayHaveTakenEffect: true });
  return new DisconnectError('unreachable', wordsFor(cause), {
    system,
    cause,
    mayHaveTakenEffect: true,
    next: 'check that the system is up, then try again',
  });
}
