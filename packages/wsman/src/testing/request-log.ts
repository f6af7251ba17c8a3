import type { IncomingHttpHeaders } from 'node:http';
import type { Scheme } from './authenticator.ts';
import type { RequestKind } from './fault-plan.ts';

/** A request as the service received it, secrets and all. */
export interface RecordedRequest {
  readonly kind: RequestKind;
  readonly transport: 'http' | 'https';
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly body: Buffer;
  /** The envelope in the clear; absent where there is none. */
  readonly soap: string | undefined;
  readonly isSealed: boolean;
  readonly scheme: Scheme | undefined;
  /** `DOMAIN\user` of whoever is signed in. */
  readonly user: string | undefined;
  readonly resourceUri: string | undefined;
  readonly shellId: string | undefined;
  readonly sessionId: string | undefined;
  /** Numbers its connection, from 1. */
  readonly connection: number;
  /** The service's time, in milliseconds. */
  readonly at: number;
  /** What was answered; absent while, or if, nothing was. */
  readonly status?: number;
  /** Why it was not let in. */
  readonly refusal?: string | undefined;
}

export type Recorded = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

/** Counts every request, and keeps the first `limit` in full. */
export class RequestLog {
  readonly #limit: number;
  readonly #waiting = new Set<{
    readonly kind: RequestKind | undefined;
    readonly found: (request: RecordedRequest) => void;
  }>();
  #requests: Recorded[] = [];
  #counts = new Map<RequestKind, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get counts(): ReadonlyMap<RequestKind, number> {
    return this.#counts;
  }

  add(request: Recorded): void {
    this.#counts.set(request.kind, (this.#counts.get(request.kind) ?? 0) + 1);
    if (this.#requests.length < this.#limit) this.#requests.push(request);
    for (const waiting of this.#waiting) {
      if (waiting.kind !== undefined && waiting.kind !== request.kind) continue;
      this.#waiting.delete(waiting);
      waiting.found(request);
    }
  }

  /** The next request of this kind, as soon as it has arrived and before it is answered. */
  next(kind?: RequestKind): Promise<RecordedRequest> {
    return new Promise((found) => this.#waiting.add({ kind, found }));
  }

  clear(): void {
    this.#requests = [];
    this.#counts = new Map();
  }
}
