import pLimit, { type LimitFunction } from 'p-limit';
import type { Calls, GivenCredential } from './calls.ts';
import { dangerOf, type Danger } from './danger.ts';
import { withDeadline, type Patience } from './deadline.ts';
import { DisconnectError } from './errors.ts';
import type { Clock, Logger } from './host.ts';
import { Journal } from './journal.ts';
import type { Begun, Ledger, OperationResult } from './ledger.ts';
import type { Outcome, Report, SkipReason, Verification } from './outcome.ts';
import type { Plan, PlanStep } from './plan.ts';
import { changed, notOffered } from './planner.ts';
import type { CallContext } from './provider.ts';
import type { Reader } from './reader.ts';
import type { Loaded, Registry } from './registry.ts';
import type { Session } from './session.ts';

export type DisconnectEvent =
  | { readonly type: 'apply-start'; readonly plan: Plan }
  | { readonly type: 'session-start'; readonly session: Session; readonly effect: PlanStep['effect'] }
  | { readonly type: 'verification-start'; readonly session: Session; readonly effect: PlanStep['effect'] }
  | { readonly type: 'session-end'; readonly outcome: Outcome }
  | { readonly type: 'apply-end'; readonly report: Report };

export interface ApplyOptions extends GivenCredential {
  /** Sessions not begun yet are left alone; those in flight end `failed` with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: DisconnectEvent) => void) | undefined;
  /** Ask the server whether the effect took hold; true when absent. */
  readonly verify?: boolean | undefined;
  /** Also sessions that were adopted; they are skipped otherwise. */
  readonly includeAdopted?: boolean | undefined;
  /** Sessions at once, in all and for each endpoint; 16 and 4 when absent. */
  readonly concurrency?: number | undefined;
  readonly concurrencyPerEndpoint?: number | undefined;
  /** Milliseconds one disconnect may take, and after it its verification; 20,000 and 10,000 when absent. */
  readonly timeout?: number | undefined;
  readonly verifyTimeout?: number | undefined;
  /** Asked before anything is sent where the danger is not `none`; false skips every session as `declined`. */
  readonly confirm?: ((danger: Danger, plan: Plan) => Promise<boolean>) | undefined;
  /** Why, for the receipts. */
  readonly reason?: string | undefined;
}

/** Applies plans: one outcome for each session, whatever happens to one of them. */
export class Disconnector {
  readonly #registry: Registry;
  readonly #calls: Calls;
  readonly #reader: Reader;
  readonly #ledger: () => Promise<Ledger>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #patience: Patience;

  constructor(parts: DisconnectorParts) {
    this.#registry = parts.registry;
    this.#calls = parts.calls;
    this.#reader = parts.reader;
    this.#ledger = parts.ledger;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#patience = parts.patience;
  }

  /** Never rejects for one session. Where ends cannot be written down, that is a problem in the report. */
  async apply(plan: Plan, options: ApplyOptions = {}): Promise<Report> {
    const { onEvent = () => undefined } = options;
    onEvent({ type: 'apply-start', plan });
    const current = await this.#confirmed(await this.#readAll(plan.steps, options), plan, options);
    const due = current.filter((step): step is Due => 'loaded' in step);
    const journal = new Journal(
      this.#ledger,
      due.map(({ session, effect }) => ({ kind: 'disconnect', session, effect, reason: options.reason })),
    );
    const places = new Map(due.map((step, place) => [step, place]));
    const { total, perEndpoint } = limits(options);
    const outcomes = await Promise.all(
      current.map(async (step) => {
        const outcome =
          'loaded' in step
            ? await perEndpoint(step.session)(() =>
                total(() => this.#one(step, places.get(step)!, journal, options)),
              )
            : step;
        onEvent({ type: 'session-end', outcome });
        return outcome;
      }),
    );
    const unwritten = await journal.drain();
    const report: Report = {
      outcomes,
      problems: [...plan.problems, ...unwritten.map((error) => ({ provider: 'ledger', error }))],
    };
    onEvent({ type: 'apply-end', report });
    return report;
  }

  /** Asks once for everything that would be touched, as it is now. */
  async #confirmed(
    steps: readonly (Due | Outcome)[],
    plan: Plan,
    { confirm }: ApplyOptions,
  ): Promise<readonly (Due | Outcome)[]> {
    const due = steps.filter((step): step is Due => 'loaded' in step);
    const impact = new Map(due.map(({ loaded }) => [loaded.plugin.id, loaded.plugin.impact]));
    const shown = {
      ...plan,
      steps: due.map(({ session, effect, isNamed }) => ({ session, effect, isNamed })),
    };
    const danger = dangerOf(shown, (provider) => impact.get(provider) ?? 'high');
    if (danger.level === 'none' || confirm === undefined || (await confirm(danger, shown))) return steps;
    return steps.map((step) =>
      'loaded' in step ? { session: step.session, status: 'skipped', reason: 'declined' } : step,
    );
  }

  async #readAll(steps: readonly PlanStep[], options: ApplyOptions): Promise<readonly (Due | Outcome)[]> {
    const read = this.#reader.begin(options.signal, options, options.timeout);
    const limit = pLimit(options.concurrency ?? 16);
    return Promise.all(
      steps.map((step) =>
        limit(async (): Promise<Due | Outcome> => {
          const { session, effect } = step;
          try {
            if (options.signal?.aborted === true)
              throw new DisconnectError('aborted', 'interrupted before it was begun');
            const now = await read(session);
            if (now === undefined) return { session, status: 'already-gone' };
            if (now.fingerprint !== session.fingerprint) throw changed(session);
            const reason = skipReason(now, step, options);
            if (reason !== undefined) return { session: now, status: 'skipped', reason };
            if (!now.effects.includes(effect)) throw notOffered(now, effect);
            return {
              session: now,
              effect,
              isNamed: step.isNamed,
              loaded: await this.#registry.get(now.provider),
            };
          } catch (error) {
            return { session, status: 'failed', error: DisconnectError.from(error) };
          }
        }),
      ),
    );
  }

  async #one(step: Due, place: number, journal: Journal, options: ApplyOptions): Promise<Outcome> {
    const { session } = step;
    let begun: Begun;
    try {
      if (options.signal?.aborted === true && !journal.hasBegun(place))
        throw new DisconnectError('aborted', 'interrupted before it was begun');
      begun = await journal.begin(place);
    } catch (error) {
      return { session, status: 'failed', error: DisconnectError.from(error) };
    }
    const outcome =
      begun.before === 'ended'
        ? ({ session, status: 'already-gone' } as const)
        : await this.#attempt(step, options);
    journal.end(resultOf(outcome, begun));
    return outcome;
  }

  async #attempt(step: Due, options: ApplyOptions): Promise<Outcome> {
    const { session, effect, loaded } = step;
    const { signal, onEvent, timeout = 20_000 } = options;
    onEvent?.({ type: 'session-start', session, effect });
    try {
      // One context for disconnect and probe, so that the secret outlives another process that ends the session too.
      const calls = this.#shared(session, options);
      const done = await withDeadline(
        this.#clock,
        timeout,
        signal,
        (bound) => loaded.provider.disconnect(session, effect, calls(bound)),
        this.#patience,
      );
      if (done.wasGone) return { session, status: 'already-gone' };
      const verification = await this.#verify(step, calls, options);
      return { session, status: 'disconnected', effect, verification, residual: done.residual ?? [] };
    } catch (error) {
      const known = DisconnectError.from(error).at(session.endpoint);
      if (await this.#hasEnded(session)) return { session, status: 'already-gone' };
      this.#log.debug('disconnect failed', { session: session.label, error: known.code, cause: known.cause });
      return { session, status: 'failed', error: known };
    }
  }

  #shared(session: Session, given: GivenCredential): (signal: AbortSignal) => CallContext {
    const { secret } = this.#calls.context(session.provider, new AbortController().signal, given);
    return (signal) => ({ ...this.#calls.context(session.provider, signal, given), secret });
  }

  async #verify(
    step: Due,
    calls: (signal: AbortSignal) => CallContext,
    options: ApplyOptions,
  ): Promise<Verification> {
    const { session, effect, loaded } = step;
    const { probe } = loaded.provider;
    if (options.verify === false) return 'not-checked';
    if (probe === undefined) return 'not-possible';
    options.onEvent?.({ type: 'verification-start', session, effect });
    const deadline = this.#clock.now() + (options.verifyTimeout ?? 10_000);
    let stillLive = false;
    for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
      const left = Math.max(1, deadline - this.#clock.now());
      try {
        const answer = await withDeadline(this.#clock, left, options.signal, (bound) =>
          probe.call(loaded.provider, session, effect, calls(bound)),
        );
        if (answer !== 'not-yet') return 'verified';
        stillLive = true;
      } catch (error) {
        if (options.signal?.aborted === true) return 'pending';
        this.#log.debug('probe failed', { session: session.label, error });
      }
      if (this.#clock.now() + pause >= deadline) break;
      await this.#clock.sleep(pause, options.signal).catch(() => undefined);
    }
    if (!stillLive || effect === 'revoke') return 'pending';
    throw new DisconnectError(
      'still-live',
      `the server accepted the disconnect, but the session is still there`,
      {
        system: session.endpoint,
        mayHaveTakenEffect: true,
        next: 'try again, or look at the system itself',
      },
    );
  }

  /** Whether another process has ended this own session in the meantime. */
  async #hasEnded(session: Session): Promise<boolean> {
    if (session.ownership === 'foreign') return false;
    const entries = await this.#calls.entries(session.provider).catch(() => undefined);
    return (
      entries !== undefined && !entries.some((entry) => entry.session.fingerprint === session.fingerprint)
    );
  }
}

export interface DisconnectorParts {
  readonly registry: Registry;
  readonly calls: Calls;
  readonly reader: Reader;
  readonly ledger: () => Promise<Ledger>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly patience: Patience;
}

interface Due extends PlanStep {
  readonly loaded: Loaded;
}

function skipReason(session: Session, step: PlanStep, options: ApplyOptions): SkipReason | undefined {
  if (session.ownership === 'adopted' && options.includeAdopted !== true) return 'adopted';
  if (session.isCaller === true && !step.isNamed) return 'own-session';
  return undefined;
}

function limits(options: ApplyOptions): {
  total: LimitFunction;
  perEndpoint: (session: Session) => LimitFunction;
} {
  const total = pLimit(options.concurrency ?? 16);
  const places = new Map<string, LimitFunction>();
  const perEndpoint = (session: Session): LimitFunction => {
    const key = `${session.provider} ${session.endpoint.toLowerCase()}`;
    const limit = places.get(key) ?? pLimit(options.concurrencyPerEndpoint ?? 4);
    places.set(key, limit);
    return limit;
  };
  return { total, perEndpoint };
}

/** Codes after which nobody can say that the session lives: its entry stays `closing`, for a later run to finish. */
const UNSETTLED: ReadonlySet<string> = new Set([
  'unreachable',
  'untrusted',
  'timeout',
  'protocol',
  'internal',
  'still-live',
  'quota',
]);

function resultOf(outcome: Outcome, { operation, before }: Begun): OperationResult {
  const status = outcome.status;
  const entry = before === undefined || before === 'ended' ? undefined : entryAfter(outcome);
  switch (status) {
    case 'disconnected':
      return { operation, status, entry, verification: outcome.verification, residual: outcome.residual };
    case 'already-gone':
      return { operation, status, entry };
    case 'skipped':
      return { operation, status, entry, skipped: outcome.reason };
    case 'failed':
      return { operation, status, entry, error: outcome.error.toJSON() };
    default:
      return status satisfies never;
  }
}

function entryAfter(outcome: Outcome): OperationResult['entry'] {
  switch (outcome.status) {
    case 'disconnected':
      if (outcome.effect === 'detach') return 'open';
      return outcome.verification === 'pending' && outcome.effect !== 'revoke' ? 'closing' : 'ended';
    case 'already-gone':
      return 'ended';
    case 'skipped':
      return 'open';
    case 'failed':
      return outcome.error.mayHaveTakenEffect || UNSETTLED.has(outcome.error.code) ? 'closing' : 'open';
    default:
      return outcome satisfies never;
  }
}
