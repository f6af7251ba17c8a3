import type { Fault } from './faults.ts';

/** Which requests a fault strikes; all of them where nothing is said. */
export interface FaultScope {
  readonly method?: string | undefined;
  /** How the path ends, as in `/oauth2/v2.0/token`. */
  readonly path?: string | undefined;
  /** How many requests it strikes; until it is removed when absent. */
  readonly times?: number | undefined;
}

/** A fault that has been set. */
export interface ActiveFault {
  /** How many requests it has struck. */
  readonly hits: number;
  /** Answers the requests that a `hang` holds; it goes on to hold later ones. */
  release(): void;
  /** Strikes no further request; those that are held stay held until `release`. */
  remove(): void;
}

export class PlannedFault implements ActiveFault {
  readonly fault: Fault;
  readonly #scope: FaultScope;
  readonly #plan: Set<PlannedFault>;
  readonly #held = new Set<() => void>();
  #hits = 0;

  constructor(fault: Fault, scope: FaultScope, plan: Set<PlannedFault>) {
    this.fault = fault;
    this.#scope = scope;
    this.#plan = plan;
  }

  get hits(): number {
    return this.#hits;
  }

  matches(method: string, path: string): boolean {
    const { method: onlyMethod = method, path: ending = '' } = this.#scope;
    return onlyMethod === method && path.endsWith(ending);
  }

  strike(): void {
    this.#hits += 1;
    if (this.#hits >= (this.#scope.times ?? Infinity)) this.remove();
  }

  hold(answer: () => void): () => void {
    this.#held.add(answer);
    return () => this.#held.delete(answer);
  }

  release(): void {
    for (const answer of this.#held) answer();
    this.#held.clear();
  }

  remove(): void {
    this.#plan.delete(this);
  }
}

/** The faults that are set, oldest first: the first that fits a request strikes it. */
export class FaultPlan {
  readonly #planned = new Set<PlannedFault>();

  add(fault: Fault, scope: FaultScope): ActiveFault {
    const planned = new PlannedFault(fault, scope, this.#planned);
    this.#planned.add(planned);
    return planned;
  }

  clear(): void {
    this.#planned.clear();
  }

  /** The fault for this request, which thereby counts as struck. */
  take(method: string, path: string): PlannedFault | undefined {
    for (const planned of this.#planned) {
      if (!planned.matches(method, path)) continue;
      planned.strike();
      return planned;
    }
    return undefined;
  }
}
