import type { FaultPlan } from './fault-plan.ts';
import type { Listener } from './listener.ts';
import type { RequestLog, RequestRecord } from './request-log.ts';

/** What a fake is made of. */
export interface FakeServerParts<Recorded extends RequestRecord, Fault> {
  readonly listeners: readonly Listener[];
  readonly log: RequestLog<Recorded>;
  readonly faults: FaultPlan<Recorded, Fault>;
}

/** What a test can do to every fake, and ask of it: look at its requests, lift its faults, end it. */
export abstract class FakeServer<Recorded extends RequestRecord, Fault> implements AsyncDisposable {
  readonly #parts: FakeServerParts<Recorded, Fault>;

  protected constructor(parts: FakeServerParts<Recorded, Fault>) {
    this.#parts = parts;
  }

  /** Closes every connection and every port. Twice is fine. */
  async stop(): Promise<void> {
    await Promise.all(this.#parts.listeners.map((listener) => listener.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  removeFaults(): void {
    this.#parts.faults.clear();
  }

  /** The first requests, oldest first, as many as the log keeps. */
  get requests(): readonly Recorded[] {
    return this.#parts.log.requests;
  }

  get requestCount(): number {
    return this.#parts.log.total;
  }

  /** How many requests came, by their kind: `DELETE /rest/login-sessions`, or what the fake calls it. */
  get requestCounts(): ReadonlyMap<string, number> {
    return this.#parts.log.counts;
  }

  clearRequests(): void {
    this.#parts.log.clear();
  }

  get openConnectionCount(): number {
    return this.#parts.listeners.reduce((sum, listener) => sum + listener.openConnectionCount, 0);
  }

  closeConnections(): void {
    for (const listener of this.#parts.listeners) listener.closeConnections();
  }
}
