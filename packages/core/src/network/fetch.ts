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
  #loaded: Promise<Client> | undefined;

  constructor(dialer: Dialer, log: Logger, largestBody = LARGEST_BODY) {
    this.#dialer = dialer;
    this.#log = log;
    this.#largestBody = largestBody;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    // Naming `Request` would load Node's own copy of undici.
    const url = new URL(typeof input === 'object' && 'url' in input ? input.url : input);
    this.#loaded ??= this.#load();
    const { agent, fetch } = await this.#loaded;
    this.#log.debug('http', { method: init?.method ?? 'GET', url: `${url.origin}${url.pathname}` });
    try {
      const options = { redirect: 'manual', ...init, dispatcher: agent } as Parameters<typeof fetch>[1];
      const response = await fetch(input as Parameters<typeof fetch>[0], options);
      this.#log.debug('http', { url: `${url.origin}${url.pathname}`, status: response.status });
      return readable(bounded(response, url.host, this.#largestBody), url.host, init?.signal ?? undefined);
    } catch (error) {
      throw translate(error, url.host, init?.signal ?? undefined);
    }
  };

  async close(): Promise<void> {
    const loaded = await this.#loaded?.catch(() => undefined);
    await loaded?.agent.destroy();
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

/** Turns what `fetch` and reading a body reject with into one of our errors; the cause says what happened on the wire. */
export function translate(error: unknown, system: string, signal?: AbortSignal): DisconnectError {
  if (DisconnectError.is(error)) return error;
  if (signal?.aborted === true)
    return DisconnectError.from(signal.reason, { system, mayHaveTakenEffect: true });
  const cause = describeThrown(error).cause ?? error;
  if (DisconnectError.is(cause)) return cause;
  const { name, code } = describeThrown(cause);
  if (name === 'SyntaxError') {
    return new DisconnectError('protocol', 'the answer is not JSON', {
      system,
      cause,
      mayHaveTakenEffect: true,
    });
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(system);
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
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
