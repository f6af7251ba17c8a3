import { parsePlain } from './plain-json.ts';
import type { Me } from './types.ts';

type Query = Readonly<Record<string, string | number | undefined>>;

/** What the service answered instead of what was asked for (RFC 9457); `offline` where it did not answer at all. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly next: string | undefined;
  readonly system: string | undefined;

  constructor(status: number, code: string, message: string, next?: string, system?: string) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.next = next;
    this.system = system;
  }

  /** What was thrown, as something to show. */
  static from(error: unknown): ApiProblem {
    if (error instanceof ApiProblem) return error;
    return new ApiProblem(0, 'internal', error instanceof Error ? error.message : 'something went wrong');
  }
}

/** The service's API under `/v1`, of this page's own origin. Throws `ApiProblem`. */
export class Api {
  readonly #fetch: typeof fetch;
  readonly #onSignedOut: () => void;
  #csrfToken = '';

  /** `onSignedOut` is called whenever the service no longer knows the page's cookie. */
  constructor(fetcher: typeof fetch, onSignedOut: () => void) {
    this.#fetch = fetcher;
    this.#onSignedOut = onSignedOut;
  }

  /** Exchanges a one-time token or an API key for a cookie. */
  async signIn(proof: { readonly token: string } | { readonly key: string }): Promise<Me> {
    return this.#welcome((await this.#send('POST', '/v1/sign-in', proof)) as Me);
  }

  async signOut(): Promise<void> {
    await this.delete('/v1/sign-in');
    this.#csrfToken = '';
  }

  async me(): Promise<Me> {
    return this.#welcome((await this.#send('GET', '/v1/me')) as Me);
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.#asked<T>('GET', search === '' ? path : `${path}?${search}`);
  }

  /** `idempotencyKey`: sent twice under the same one, it is done once. */
  post<T>(path: string, body?: unknown, idempotencyKey?: string): Promise<T> {
    return this.#asked<T>('POST', path, body, idempotencyKey);
  }

  async delete(path: string): Promise<void> {
    await this.#asked('DELETE', path);
  }

  #welcome(me: Me): Me {
    this.#csrfToken = me.csrfToken ?? '';
    return me;
  }

  async #asked<T>(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<T> {
    try {
      return (await this.#send(method, path, body, idempotencyKey)) as T;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) this.#onSignedOut();
      throw error;
    }
  }

  async #send(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<unknown> {
    const headers = new Headers({ accept: 'application/json, application/problem+json' });
    if (method !== 'GET' && this.#csrfToken !== '') headers.set('x-csrf-token', this.#csrfToken);
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
    const answer = await this.#fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(() => {
      const next = 'see whether it runs, and try again';
      throw new ApiProblem(0, 'offline', 'the service does not answer', next);
    });
    const text = await answer.text();
    if (!answer.ok) throw problemOf(answer.status, text);
    return text === '' ? undefined : parsePlain(text);
  }
}

function problemOf(status: number, text: string): ApiProblem {
  const body = tryParse(text);
  const field = (name: string): string | undefined => {
    const value = body[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const message = field('detail') ?? field('title') ?? `the service answered ${status}`;
  return new ApiProblem(status, field('code') ?? 'internal', message, field('next'), field('system'));
}

function tryParse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = parsePlain(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
