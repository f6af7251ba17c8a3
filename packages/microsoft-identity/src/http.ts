import { setTimeout } from 'node:timers/promises';
import { IdentityError } from './errors.ts';
import { parseObject, type JsonObject } from './json.ts';

/** Milliseconds since 1970, and waiting; replaceable, so that tests do not wait. */
export interface Clock {
  now(): number;
  /** Ends after `milliseconds`, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** This computer's own. */
export const COMPUTER_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await setTimeout(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
  },
};

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/** An answer, read whole. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, where it is a JSON object within bounds. */
  readonly json: JsonObject | undefined;
  /** The server's clock minus ours, in milliseconds; 0 where the answer does not tell. */
  readonly skew: number;
  /** Milliseconds to wait, where the answer says so. */
  readonly retryAfter: number | undefined;
  /** When the request was sent, by our clock. */
  readonly sentAt: number;
}

export interface HttpOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Milliseconds for one request and its answer. */
  readonly timeout: number;
}

const LARGEST_BODY = 1024 * 1024;
const DEEPEST_BODY = 32;

/** Requests over the caller's `fetch`, each bounded in time, size and depth. Follows no redirect. */
export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  async send(url: string, request: HttpRequest, signal: AbortSignal): Promise<Reply> {
    const { timeout, clock } = this.#options;
    const limit = AbortSignal.timeout(timeout);
    const sentAt = clock.now();
    try {
      const response = await this.#fetch(url, request, AbortSignal.any([signal, limit]));
      const text = await readText(response);
      const headers = Object.fromEntries(response.headers);
      return {
        status: response.status,
        headers,
        json: parseObject(text, { length: LARGEST_BODY, depth: DEEPEST_BODY }),
        skew: skewOf(headers['date'], clock.now()),
        retryAfter: secondsOf(headers['retry-after']),
        sentAt,
      };
    } catch (error) {
      throw translate(error, url, signal, limit);
    }
  }

  async #fetch(url: string, { method, headers, body }: HttpRequest, signal: AbortSignal): Promise<Response> {
    const init = {
      method,
      redirect: 'manual',
      signal,
      headers: { accept: 'application/json', ...headers },
    } as const;
    const response = await this.#options.fetch(url, body === undefined ? init : { ...init, body });
    if (response.status < 300 || response.status > 399) return response;
    void response.body?.cancel();
    throw redirected(url, response.headers.get('location'));
  }
}

/** Names the answer's status and kind, and nothing of what it says. */
export function badAnswer(
  url: string,
  { status, headers }: Pick<Reply, 'status' | 'headers'>,
  expected = 'a token',
): IdentityError {
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';', 1);
  const kind = /^[\w.+-]{1,40}\/[\w.+-]{1,60}$/.test(mediaType) ? mediaType : 'no media type';
  return new IdentityError(
    'bad-answer',
    `${hostOf(url)} answered with something else than ${expected} (${status}, ${kind})`,
    {
      next: 'check the environment, and whether a proxy or a captive portal is in between',
    },
  );
}

function hostOf(url: string): string {
  return new URL(url).host;
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  let [text, size] = ['', 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > LARGEST_BODY) {
      void reader.cancel().catch(() => undefined);
      throw new IdentityError('bad-answer', 'the answer is larger than this client accepts', {
        next: 'check the environment, and whether a proxy or a captive portal is in between',
      });
    }
    text += decoder.decode(value, { stream: true });
  }
}

function redirected(url: string, location: string | null): IdentityError {
  const target = location !== null && URL.canParse(location, url) ? new URL(location, url) : undefined;
  const isForeign = target !== undefined && target.host !== hostOf(url);
  return new IdentityError(
    isForeign ? 'foreign-host' : 'bad-answer',
    isForeign
      ? `${hostOf(url)} redirects to another host, which was not followed`
      : `${hostOf(url)} answered with a redirect, which was not followed`,
    { next: 'check the environment, and whether a proxy or a captive portal is in between' },
  );
}

function translate(error: unknown, url: string, signal: AbortSignal, limit: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (limit.aborted) {
    return new IdentityError('timeout', `${hostOf(url)} did not answer in time`, { next: 'try again' });
  }
  // What a bare `fetch` rejects with when the network fails; a `fetch` of the caller's may have better words.
  if (!isTypeError(error)) return error;
  return new IdentityError('unreachable', `${hostOf(url)} cannot be reached`, {
    next: 'check the network and the proxy, then try again',
    cause: error,
  });
}

/** By name, since it may come from another realm. */
function isTypeError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'TypeError';
}

function skewOf(date: string | undefined, now: number): number {
  const server = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(server) ? 0 : server - now;
}

function secondsOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
