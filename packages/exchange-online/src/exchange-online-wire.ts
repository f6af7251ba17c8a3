import { randomUUID } from 'node:crypto';
import type { Clock, Secret } from '@slipline/core';
import { claimsIn, Cookies, isRedirect, retryAfter, withRegion } from './exchange-online-http.ts';
import { misled, type Asked } from './exchange-online-errors.ts';
import { readReply, type Reply } from './exchange-online-reply.ts';

/** Gives a token that is good at the moment; with `claims`, a new one that meets a challenge of the service. */
export type TokenSource = (asked: {
  readonly claims?: string | undefined;
  readonly signal: AbortSignal;
}) => Promise<Secret>;

export interface WireOptions {
  /** Where the service is: `https://outlook.office365.com`. */
  readonly origin: string;
  /** Whether the token may be sent to this address; the service may lead to a region of its own. */
  readonly isOwnHost: (address: string) => boolean;
  /** A GUID that stays the same for all requests of a connection. */
  readonly connectionId: string;
  /** What the service finds the right server by, as in `UPN:ada@contoso.com`. */
  readonly anchorMailbox: string;
  readonly token: TokenSource;
  readonly fetch: typeof fetch;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Milliseconds for one request; 30 seconds when absent. */
  readonly requestTimeout?: number | undefined;
}

export interface WireRequest {
  /** With query, as in `/adminapi/beta/…`; or a whole address, which must be one of the service's own. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent by POST where there is one. */
  readonly body?: string | undefined;
  readonly cmdlet?: string | undefined;
  /** Whether it can be sent again although it may have been carried out. */
  readonly isRepeatable: boolean;
}

export interface Answered {
  readonly reply: Reply;
  readonly asked: Asked;
}

const MOST_HOPS = 8;
const MOST_ATTEMPTS = 4;
/** Milliseconds. */
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 60_000;

/**
 * Requests to Exchange Online, each with a token and an id of its own. Follows regional redirects by hand, to the service's own hosts
 * only; waits when it is throttled; answers a claims challenge once.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #cookies = new Cookies();
  /** Of the region that the service last led to. */
  #origin: string;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#origin = new URL(options.origin).origin;
  }

  /** Any answer but a redirect; a refusal is the caller's to tell. */
  async send(request: WireRequest, signal: AbortSignal): Promise<Answered> {
    let claims: string | undefined;
    let token = await this.#options.token({ signal });
    for (let attempt = 1; ; attempt += 1) {
      const answered = await this.#reach(request, token, signal);
      const { status, headers } = answered.reply;
      if (status === 401 && claims === undefined) {
        claims = claimsIn(headers.get('www-authenticate'));
        if (claims === undefined) return answered;
        token = await this.#options.token({ claims, signal });
        continue;
      }
      const pause = isTransient(status, request) ? pauseOf(headers, attempt) : undefined;
      if (pause === undefined || attempt >= MOST_ATTEMPTS) return answered;
      await this.#options.clock.sleep(pause, signal);
    }
  }

  /** One request, wherever in the service it leads. */
  async #reach(request: WireRequest, token: Secret, signal: AbortSignal): Promise<Answered> {
    const seen = new Map<string, number>();
    let url = this.#addressOf(request.target);
    for (let hop = 0; ; hop += 1) {
      const asked = { cmdlet: request.cmdlet, system: url.host, requestId: randomUUID(), token };
      if (!this.#isOwn(url))
        throw misled(asked, 'the service leads to a foreign host, which was not followed');
      const times = (seen.get(url.host) ?? 0) + 1;
      if (times > 2 || hop > MOST_HOPS)
        throw misled(asked, 'the service leads from host to host without end');
      seen.set(url.host, times);
      const response = await this.#fetch(url, request, asked, signal);
      this.#cookies.take(url.origin, response.headers);
      if (!isRedirect(response.status)) {
        this.#origin = url.origin;
        return { reply: await readReply(response, url.host, signal), asked };
      }
      void response.body?.cancel().catch(() => undefined);
      const next = withRegion(url, response.headers.get('location'));
      if (next === undefined) throw misled(asked, 'the service leads to nowhere');
      url = next;
    }
  }

  /** Without a user name, which could look like a host. */
  #addressOf(target: string): URL {
    const { origin, pathname, search } = new URL(target, this.#origin);
    return new URL(`${pathname}${search}`, origin);
  }

  #isOwn(url: URL): boolean {
    const { origin, isOwnHost } = this.#options;
    return url.protocol === 'https:' && (url.origin === new URL(origin).origin || isOwnHost(url.href));
  }

  async #fetch(url: URL, request: WireRequest, asked: Asked, signal: AbortSignal): Promise<Response> {
    const { connectionId, anchorMailbox, requestTimeout = 30_000, fetch } = this.#options;
    const { body } = request;
    const cookie = this.#cookies.for(url.origin);
    return fetch(url.href, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeout)]),
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${asked.token.reveal()}`,
        'x-anchormailbox': anchorMailbox,
        'connection-id': connectionId,
        'client-request-id': asked.requestId,
        ...(cookie !== undefined && { cookie }),
        ...request.headers,
      },
      ...(body !== undefined && { body }),
    });
  }
}

/** 500 and its like do not say whether the request was carried out. */
function isTransient(status: number, { isRepeatable }: WireRequest): boolean {
  return status === 429 || status === 503 || (isRepeatable && [500, 502, 504].includes(status));
}

/** In milliseconds; `undefined` where the service asks for more patience than this client has. */
function pauseOf(headers: Headers, attempt: number): number | undefined {
  const pause = retryAfter(headers) ?? FIRST_PAUSE * 2 ** (attempt - 1);
  return pause > LONGEST_PAUSE ? undefined : pause;
}
