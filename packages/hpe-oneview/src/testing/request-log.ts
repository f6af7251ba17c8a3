import type { IncomingHttpHeaders } from 'node:http';

/** A request as the appliance received it, secrets and all. */
export interface RecordedRequest {
  readonly method: string;
  /** Without query and without a slash at the end. */
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The appliance's time, in milliseconds. */
  readonly at: number;
  /** What was answered; absent while, or if, nothing was. */
  readonly status?: number;
}

export type Recorded = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

/** Which requests are meant; all of them where nothing is said. */
export interface RequestMatch {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
}

/** At most so many different requests are counted apart; what comes after goes under `other`. */
const COUNTED = 1000;

/** Counts every request, and keeps the first `limit` in full. */
export class RequestLog {
  readonly #limit: number;
  readonly #waiting = new Set<{
    readonly match: RequestMatch;
    readonly found: (request: RecordedRequest) => void;
  }>();
  #requests: Recorded[] = [];
  #counts = new Map<string, number>();
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

  /** By method and path, as in `DELETE /rest/login-sessions`. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  add(request: Recorded): void {
    const key = `${request.method} ${request.path}`;
    const count = this.#counts.get(key);
    if (count !== undefined) this.#counts.set(key, count + 1);
    else if (this.#counts.size < COUNTED) this.#counts.set(key, 1);
    else this.#counts.set('other', (this.#counts.get('other') ?? 0) + 1);
    this.#total += 1;
    if (this.#requests.length < this.#limit) this.#requests.push(request);
    if (this.#waiting.size > 0) this.#tell(request);
  }

  /** The next request that fits, as soon as it has arrived and before it is answered. */
  next(match: RequestMatch): Promise<RecordedRequest> {
    return new Promise((found) => this.#waiting.add({ match, found }));
  }

  clear(): void {
    this.#requests = [];
    this.#counts = new Map();
    this.#total = 0;
  }

  #tell(request: RecordedRequest): void {
    for (const waiting of this.#waiting) {
      const { method = request.method, path = request.path } = waiting.match;
      if (method !== request.method || path !== request.path) continue;
      this.#waiting.delete(waiting);
      waiting.found(request);
    }
  }
}
