/** What is recorded of a request, at the least. */
export interface RequestRecord {
  /** What was answered; absent while, or if, nothing was. */
  readonly status?: number;
}

/** At most so many kinds of requests are counted apart; what comes after goes under `other`. */
const KINDS = 1000;

/** Counts every request, and keeps the first `limit` in full. */
export class RequestLog<Recorded extends RequestRecord> {
  readonly #limit: number;
  readonly #kindOf: (request: Recorded) => string;
  readonly #waiting = new Map<(request: Recorded) => void, (request: Recorded) => boolean>();
  #requests: Recorded[] = [];
  #counts = new Map<string, number>();
  #total = 0;

  /** `kindOf` says as what a request is counted. */
  constructor(limit: number, kindOf: (request: Recorded) => string) {
    this.#limit = limit;
    this.#kindOf = kindOf;
  }

  /** The first ones, oldest first. */
  get requests(): readonly Recorded[] {
    return this.#requests;
  }

  get total(): number {
    return this.#total;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Notes a request that has arrived. */
  add(request: Recorded): void {
    this.#total += 1;
    this.#count(this.#kindOf(request));
    if (this.#requests.length < this.#limit) this.#requests.push(request);
    for (const [found, fits] of this.#waiting) {
      if (!fits(request)) continue;
      this.#waiting.delete(found);
      found(request);
    }
  }

  /** Notes what is answered to a request, on the object that was added. */
  answered(request: Recorded, status: number): void {
    const noted: { status?: number } = request;
    noted.status = status;
  }

  /** The next request that fits, as soon as it has arrived and before it is answered. */
  next(fits: (request: Recorded) => boolean): Promise<Recorded> {
    return new Promise((found) => this.#waiting.set(found, fits));
  }

  clear(): void {
    this.#requests = [];
    this.#counts = new Map();
    this.#total = 0;
  }

  #count(kind: string): void {
    const counted = this.#counts.has(kind) || this.#counts.size < KINDS ? kind : 'other';
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
  }
}
