import { randomBytes } from 'node:crypto';
import {
  dangerOf,
  DisconnectError,
  type AnyPlugin,
  type Clock,
  type Danger,
  type Effect,
  type Plan,
  type Session,
  type Slipline,
} from '@slipline/core';
import { keyOf } from '../roster/row.ts';
import type { Roster } from '../roster/roster.ts';
import type { Target, Who } from '../security/who.ts';
import { endpointsIn, withSecrets, type PlainValues } from '../watches/provider-values.ts';
import type { Watches } from '../watches/watches.ts';
import { checkScope } from './scope.ts';

export type PlanRequest =
  | { readonly sessions: readonly string[]; readonly effect?: Effect | undefined }
  | {
      readonly provider: string;
      readonly selector?: PlainValues | undefined;
      readonly effect?: Effect | undefined;
      readonly all?: boolean | undefined;
    };

/** A plan that somebody made and may apply, once, until it expires. */
export interface KeptPlan {
  readonly id: string;
  readonly user: string;
  readonly plan: Plan;
  readonly danger: Danger;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export interface PlansParts {
  readonly slipline: Slipline;
  readonly roster: Roster;
  readonly watches: Watches;
  readonly clock: Clock;
}

const KEPT = 15 * 60_000;
const MOST_PER_USER = 50;
/** As many as core reads back. */
const MOST_IN_ONE = 100_000;
/** Of all plans together. */
const MOST_STEPS = 200_000;

/** Plans of a quarter of an hour. They live in memory: what is applied is written down with its job. */
export class Plans {
  readonly #parts: PlansParts;
  readonly #plans = new Map<string, KeptPlan>();

  constructor(parts: PlansParts) {
    this.#parts = parts;
  }

  /** Throws `OutOfScope` where it would touch what its maker may not, and then nothing is planned. */
  async make(request: PlanRequest, who: Who, signal?: AbortSignal): Promise<KeptPlan> {
    const plan =
      'sessions' in request
        ? await this.#byKeys(request.sessions, request.effect, who, signal)
        : await this.#bySelector(request, who, signal);
    if (plan.steps.length > MOST_IN_ONE) throw tooLarge(plan.steps.length);
    const danger = await this.#dangerOf(plan);
    const { clock } = this.#parts;
    const id = randomBytes(12).toString('base64url');
    const kept = { id, user: who.user, plan, danger, expires: clock.now() + KEPT };
    this.#makeRoom(kept);
    this.#plans.set(id, kept);
    return kept;
  }

  /** Throws `not-found` for a plan that is none, is over, or is somebody else's. */
  get(id: string, who: Who): KeptPlan {
    this.#dropExpired();
    const kept = this.#plans.get(id);
    if (kept !== undefined && kept.user === who.user) return kept;
    throw noPlan();
  }

  /** It becomes a job, and can be applied no more. Throws `not-found` where somebody was faster. */
  take({ id }: KeptPlan): void {
    if (!this.#plans.delete(id)) throw noPlan();
  }

  /** It did not become a job after all. */
  giveBack(kept: KeptPlan): void {
    this.#plans.set(kept.id, kept);
  }

  async #byKeys(
    keys: readonly string[],
    effect: Effect | undefined,
    who: Who,
    signal: AbortSignal | undefined,
  ): Promise<Plan> {
    const { slipline, roster, watches } = this.#parts;
    const known: Session[] = [];
    let missing = 0;
    for (const key of new Set(keys)) {
      const row = roster.row(key);
      if (row === undefined) missing += 1;
      else known.push(row.session);
    }
    checkScope(known, who);
    const references = known.map(({ provider, endpoint, id, fingerprint }) => ({
      provider,
      endpoint,
      id,
      fingerprint,
    }));
    const plan = await slipline.plan(
      { sessions: references, effect },
      { signal, credentials: (provider, endpoint) => watches.credential(provider, endpoint) },
    );
    if (missing === 0) return plan;
    const what = missing === 1 ? 'one session is' : `${missing} sessions are`;
    const error = new DisconnectError('not-found', `${what} not there any more`, {
      next: 'GET /v1/sessions',
    });
    return { ...plan, problems: [...plan.problems, { provider: 'roster', error }] };
  }

  async #bySelector(
    { provider, selector = {}, effect, all }: Exclude<PlanRequest, { readonly sessions: unknown }>,
    who: Who,
    signal: AbortSignal | undefined,
  ): Promise<Plan> {
    const { slipline, watches } = this.#parts;
    const { find } = await slipline.plugin(provider);
    const named = endpointsIn(find, selector).map((endpoint) => ({ provider, endpoint }));
    checkScope(named, who);
    const plan = await slipline.plan(
      { provider, selector: withSecrets(find, selector), effect, all },
      { signal, credentials: (id, endpoint) => watches.credential(id, endpoint) },
    );
    checkScope(touchedBy(plan), who);
    return plan;
  }

  async #dangerOf(plan: Plan): Promise<Danger> {
    const ids = new Set(plan.steps.map(({ session }) => session.provider));
    const plugins = await Promise.all([...ids].map((id) => this.#parts.slipline.plugin(id)));
    const impacts = new Map(
      plugins.map((plugin): [string, AnyPlugin['impact']] => [plugin.id, plugin.impact]),
    );
    return dangerOf(plan, (provider) => impacts.get(provider) ?? 'high');
  }

  /** The oldest of the same user go first, then the oldest of all. */
  #makeRoom({ user, plan }: KeptPlan): void {
    this.#dropExpired();
    const ofUser = [...this.#plans.values()].filter((kept) => kept.user === user);
    for (const { id } of ofUser.slice(0, Math.max(0, ofUser.length + 1 - MOST_PER_USER)))
      this.#plans.delete(id);
    let steps = plan.steps.length;
    for (const kept of this.#plans.values()) steps += kept.plan.steps.length;
    for (const kept of [...ofUser, ...this.#plans.values()]) {
      if (steps <= MOST_STEPS) break;
      if (this.#plans.delete(kept.id)) steps -= kept.plan.steps.length;
    }
  }

  #dropExpired(): void {
    const now = this.#parts.clock.now();
    for (const { id, expires } of this.#plans.values()) if (expires <= now) this.#plans.delete(id);
  }
}

function tooLarge(count: number): DisconnectError {
  return new DisconnectError('quota', `${count} sessions are too many for one plan`, {
    next: `plan ${MOST_IN_ONE} at most`,
  });
}

function noPlan(): DisconnectError {
  return new DisconnectError(
    'not-found',
    'there is no such plan of yours, or it is too old, or was applied',
    {
      next: 'make it anew: POST /v1/plans',
    },
  );
}

/** Everything that a plan is about. */
function* touchedBy({ steps, problems }: Plan): Iterable<Target> {
  for (const { session } of steps) yield session;
  for (const { provider, endpoint } of problems) if (endpoint !== undefined) yield { provider, endpoint };
}

/** As it goes over the wire. */
export function planJson({ id, plan, danger, expires }: KeptPlan): Readonly<Record<string, unknown>> {
  const { steps, problems, createdAt } = plan;
  const people = [...new Set(steps.map(({ session }) => session.principal ?? session.label))];
  return {
    id,
    createdAt,
    steps: steps.map(({ session, effect }) => ({ session, key: keyOf(session), effect })),
    problems: problems.map(({ provider, endpoint, session, error }) => ({
      provider,
      ...(endpoint !== undefined && { endpoint }),
      ...(session !== undefined && { session, key: keyOf(session) }),
      error: error.toJSON(),
    })),
    people,
    danger,
    expiresAt: new Date(expires).toISOString(),
  };
}
