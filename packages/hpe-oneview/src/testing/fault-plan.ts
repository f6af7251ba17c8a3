import type { Fault } from './faults.ts';

/** Which requests a fault strikes; all of them where nothing is said. */
export interface FaultScope {
  readonly method?: string | undefined;
  /** Without query, as in `/rest/login-sessions`. */
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

/** What `/rest/appliance/progress` counts. */
const COMPONENTS = 60;
const PROGRESS_PATH = '/rest/appliance/progress';

export class PlannedFault implements ActiveFault {
  readonly fault: Fault;
  readonly #scope: FaultScope;
  readonly #plan: Set<PlannedFault>;
  readonly #held = new Set<() => void>();
  #hits = 0;
  #steps = 0;

  constructor(fault: Fault, scope: FaultScope, plan: Set<PlannedFault>) {
    this.fault = fault;
    this.#scope = scope;
    this.#plan = plan;
  }

  get hits(): number {
    return this.#hits;
  }

  /** How many of the components are up, never all of them. */
  get complete(): number {
    return Math.min(
      Math.floor((COMPONENTS * this.#steps) / (this.#scope.times ?? COMPONENTS)),
      COMPONENTS - 1,
    );
  }

  matches(method: string, path: string): boolean {
    const { method: onlyMethod = method, path: onlyPath = path } = this.#scope;
    return (
      onlyMethod === method && onlyPath === path && !(this.fault.kind === 'busy' && path === PROGRESS_PATH)
    );
  }

  strike(): void {
    this.#hits += 1;
    this.step();
  }

  /** A request struck, or for a busy appliance also a look at its progress. */
  step(): void {
    this.#steps += 1;
    if (this.#steps >= (this.#scope.times ?? Infinity)) this.remove();
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

  /** The fault for this request, which thereby counts as struck. */
  take(method: string, path: string): PlannedFault | undefined {
    if (this.#planned.size === 0) return undefined;
    for (const planned of this.#planned) {
      if (!planned.matches(method, path)) continue;
      planned.strike();
      return planned;
    }
    return undefined;
  }

  /** How far the appliance has started up. A busy one gets further with each request it refuses and each look at it. */
  startup(): { complete: number; total: number } {
    for (const planned of this.#planned) {
      if (planned.fault.kind !== 'busy') continue;
      const { complete } = planned;
      planned.step();
      return { complete, total: COMPONENTS };
    }
    return { complete: COMPONENTS, total: COMPONENTS };
  }
}
