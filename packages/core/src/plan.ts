import type { Clock } from './host.ts';
import type { Effect } from './effect.ts';
import type { Problem } from './outcome.ts';
import type { Session } from './session.ts';

export interface PlanStep {
  readonly session: Session;
  readonly effect: Effect;
  /** Asked for by name rather than found by a filter. */
  readonly isNamed: boolean;
}

/**
 * What would be done: a value that changes nothing, can be shown, kept as JSON and applied later. `apply` reads every
 * session again, so a plan that was kept, edited or made by somebody else can name sessions but not lend them rights.
 */
export interface Plan {
  readonly version: 1;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly steps: readonly PlanStep[];
  readonly problems: readonly Problem[];
  /** Made by asking for everything rather than for something. */
  readonly isEverything: boolean;
}

/** The plan of doing to one session what it offers first; empty where it offers nothing. */
export function planFor(session: Session, clock: Clock): Plan {
  const [effect] = session.effects;
  const steps = effect === undefined ? [] : [{ session, effect, isNamed: true }];
  return {
    version: 1,
    createdAt: new Date(clock.now()).toISOString(),
    steps,
    problems: [],
    isEverything: false,
  };
}
