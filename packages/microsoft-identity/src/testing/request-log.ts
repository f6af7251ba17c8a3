import type { IncomingHttpHeaders } from 'node:http';

/** A request as the server received it, secrets and all. */
export interface RecordedRequest {
  readonly method: string;
  /** Without query and without a slash at the end. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body's fields, where it is a form. */
  readonly form: URLSearchParams;
  /** The server's time, in milliseconds. */
  readonly at: number;
  /** What was answered; absent while, or if, nothing was. */
  readonly status?: number;
}

export type Recorded = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

/** Which requests are meant; all of them where nothing is said. */
export interface RequestMatch {
  readonly method?: string | undefined;
  /** How the path ends, as in `/oauth2/v2.0/token`. */
  readonly path?: string | undefined;
}

/** Counts every request, and keeps the first `limit` in full. */
export class RequestLog {
  readonly #limit: number;
  readonly #waiting = new Set<{
    readonly match: RequestMatch;
    readonly found: (request: RecordedRequest) => void;
  }>();
  #requests: Recorded[] = [];
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  get total(): number {
    return this.#total;
  }

  add(request: Recorded): void {
    this.#total += 1;
    if (this.#requests.length < this.#limit) this.#requests.push(request);
    for (const waiting of this.#waiting) {
      if (!isMatch(request, waiting.match)) continue;
      this.#waiting.delete(waiting);
      waiting.found(request);
    }
  }

  /** The next request that fits, as soon as it has arrived and before it is answered. */
  next(match: RequestMatch): Promise<RecordedRequest> {
    return new Promise((found) => this.#waiting.add({ match, found }));
  }

  clear(): void {
    this.#requests = [];
    this.#total = 0;
  }
}

export function isMatch(
  request: RecordedRequest,
  { method = request.method, path = '' }: RequestMatch,
): boolean {
  return request.method === method && request.path.endsWith(path);
}
