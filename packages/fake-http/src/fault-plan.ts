import type { ServerResponse } from 'node:http';

/** A fault that has been set, as a test holds it. */
export interface ActiveFault {
  /** How many requests it has struck. */
  readonly hits: number;
  /** Answers the requests that a `hang` holds; it goes on to hold later ones. */
  release(): void;
  /** Strikes no further request; those that are held stay held until `release`. */
  remove(): void;
}

/** A fault that has been set, as the fake sees it that misbehaves. */
export class PlannedFault<Fault> implements ActiveFault {
  readonly fault: Fault;
  /** How often it can be used; `Infinity` for one that stays until it is removed. */
  readonly times: number;
  readonly #forget: (self: PlannedFault<Fault>) => void;
  readonly #held = new Set<() => void>();
  #hits = 0;
  #uses = 0;

  /** `forget` takes it out of its plan. */
  constructor(fault: Fault, times: number, forget: (self: PlannedFault<Fault>) => void) {
    this.fault = fault;
    this.times = times;
    this.#forget = forget;
  }

  get hits(): number {
    return this.#hits;
  }

  get uses(): number {
    return this.#uses;
  }

  strike(): void {
    this.#hits += 1;
    this.use();
  }

  /** Uses up one of its times; without a hit, where a request other than those it strikes does so. */
  use(): void {
    this.#uses += 1;
    if (this.#uses >= this.times) this.remove();
  }

  /** Calls `answer` at the next `release`, unless the response is closed by then. */
  hold(response: ServerResponse, answer: () => void): void {
    this.#held.add(answer);
    response.once('close', () => this.#held.delete(answer));
  }

  release(): void {
    for (const answer of this.#held) answer();
    this.#held.clear();
  }

  remove(): void {
    this.#forget(this);
  }
}

/** The faults that are set, oldest first: the first that fits a request strikes it. */
export class FaultPlan<Recorded, Fault> {
  readonly #planned = new Map<PlannedFault<Fault>, (request: Recorded) => boolean>();

  /** `fits` is asked once about each request that no older fault strikes. */
  add(fault: Fault, fits: (request: Recorded) => boolean, times = Infinity): ActiveFault {
    const planned = new PlannedFault(fault, times, (self) => this.#planned.delete(self));
    if (times > 0) this.#planned.set(planned, fits);
    return planned;
  }

  clear(): void {
    this.#planned.clear();
  }

  /** The fault for this request, which thereby counts as struck. */
  take(request: Recorded): PlannedFault<Fault> | undefined {
    for (const [planned, fits] of this.#planned) {
      if (!fits(request)) continue;
      planned.strike();
      return planned;
    }
    return undefined;
  }

  /** The oldest fault that is set and of which `isWanted` holds. */
  find(isWanted: (fault: Fault) => boolean): PlannedFault<Fault> | undefined {
    return [...this.#planned.keys()].find(({ fault }) => isWanted(fault));
  }
}
