import type { Fault } from './faults.ts';
import type { Operation } from './namespaces.ts';

/** What a request does; `Authenticate` is one without envelope, or one that is not let in. */
export type RequestKind = Operation | 'Authenticate';

/** Which requests a fault strikes; all of them where nothing is said. */
export interface FaultScope {
  readonly operation?: RequestKind | undefined;
  /** How many requests it leaves alone first; none when absent. */
  readonly skip?: number | undefined;
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
  #seen = 0;
  #hits = 0;

  constructor(fault: Fault, scope: FaultScope, plan: Set<PlannedFault>) {
    this.fault = fault;
    this.#scope = scope;
    this.#plan = plan;
  }

  get hits(): number {
    return this.#hits;
  }

  /** Whether it strikes this request, which then counts. */
  strikes(kind: RequestKind): boolean {
    const { operation = kind, skip = 0, times = Infinity } = this.#scope;
    if (operation !== kind) return false;
    this.#seen += 1;
    if (this.#seen <= skip) return false;
    this.#hits += 1;
    if (this.#hits >= times) this.remove();
    return true;
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
    if (scope.times !== 0) this.#planned.add(planned);
    return planned;
  }

  clear(): void {
    this.#planned.clear();
  }

  take(kind: RequestKind): PlannedFault | undefined {
    return [...this.#planned].find((planned) => planned.strikes(kind));
  }
}
