import type { GivenCredential } from './calls.ts';
import { dangerOf, type Danger } from './danger.ts';
import { notBegun } from './deadline.ts';
import { DisconnectError } from './errors.ts';
import { Journal } from './journal.ts';
import type { Begun } from './ledger.ts';
import { hasOpened } from './ledger-rules.ts';
import { eachWithin, endpointKey, type Limits } from './limits.ts';
import type { Outcome, Report, SkipReason, Verification } from './outcome.ts';
import type { Plan, PlanStep } from './plan.ts';
import { changed, notOffered } from './planner.ts';
import type { Reader } from './reader.ts';
import type { Loaded } from './registry.ts';
import type { Services } from './services.ts';
import type { Session } from './session.ts';
import { forced, forgotten, resultOf } from './settling.ts';
import { describeThrown } from './thrown.ts';
import { Verifier, type Claim, type VerifyOptions } from './verifier.ts';

export type DisconnectEvent =
  | { readonly type: 'apply-start'; readonly plan: Plan }
  | { readonly type: 'session-start'; readonly session: Session; readonly effect: PlanStep['effect'] }
  | { readonly type: 'verification-start'; readonly session: Session; readonly effect: PlanStep['effect'] }
  | { readonly type: 'session-end'; readonly outcome: Outcome }
  | { readonly type: 'apply-end'; readonly report: Report };

export interface ApplyOptions extends GivenCredential, VerifyOptions, Limits {
  /** Sessions not begun yet are left alone; those in flight end `failed` with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Sessions not begun yet are left alone; those in flight come to their end. */
  readonly stop?: AbortSignal | undefined;
  readonly onEvent?: ((event: DisconnectEvent) => void) | undefined;
  /** Ask the server whether the effect took hold; true when absent. */
  readonly verify?: boolean | undefined;
  /** Also sessions that were adopted; they are skipped otherwise. */
  readonly includeAdopted?: boolean | undefined;
  /** Milliseconds one disconnect may take, before its verification; 20,000 when absent. */
  readonly timeout?: number | undefined;
  /** Asked before anything is sent where the danger is not `none`; false skips every session as `declined`. */
  readonly confirm?: ((danger: Danger, plan: Plan) => Promise<boolean>) | undefined;
  /** Own sessions that cannot be ended are forgotten here, in any state; what may live on is said as residual. */
  readonly force?: boolean | undefined;
  /** Why, for the receipts. */
  readonly reason?: string | undefined;
  /** Who asks, for the receipts, where that is not the user of the operating system. */
  readonly user?: string | undefined;
}

/** What core itself may say in addition: what becomes of a session without a word to its provider. */
export interface SettledOptions extends ApplyOptions {
  readonly settle?: ((session: Session) => Outcome | undefined) | undefined;
}

/** Applies plans: one outcome for each session, whatever happens to one of them. */
export class Disconnector {
  readonly #services: Services;
  readonly #reader: Reader;
  readonly #verifier: Verifier;

  constructor(services: Services, reader: Reader) {
    this.#services = services;
    this.#reader = reader;
    this.#verifier = new Verifier(services);
  }

  /** Never rejects for one session. Where ends cannot be written down, that is a problem in the report. */
  async apply(plan: Plan, wanted: SettledOptions = {}): Promise<Report> {
    const onEvent = this.#listener(wanted.onEvent);
    const options = { ...wanted, onEvent };
    onEvent({ type: 'apply-start', plan });
    const current = await this.#confirmed(await this.#readAll(plan.steps, options), plan, options);
    const due = current.filter((step): step is Due => 'loaded' in step);
    const { reason, user } = options;
    const journal = new Journal(
      this.#services.ledger,
      due.map(({ session, effect }) => ({ kind: 'disconnect', session, effect, reason, user })),
    );
    const places = new Map(due.map((step, place) => [step, place]));
    const outcomes = await eachWithin(current, options, async (step) => {
      const place = 'loaded' in step ? places.get(step) : undefined;
      const outcome = 'loaded' in step ? await this.#one(step, place ?? 0, journal, options) : step;
      onEvent({ type: 'session-end', outcome });
      return outcome;
    });
    const unwritten = [...(await journal.drain())];
    await this.#eraseCredentials(outcomes).catch((error: unknown) =>
      unwritten.push(DisconnectError.from(error)),
    );
    const report: Report = {
      outcomes,
      problems: [...plan.problems, ...unwritten.map((error) => ({ provider: 'ledger', error }))],
    };
    onEvent({ type: 'apply-end', report });
    return report;
  }

  /** A listener that fails, such as one whose terminal is gone, must not cost an outcome. */
  #listener(onEvent: ApplyOptions['onEvent']): (event: DisconnectEvent) => void {
    return (event) => {
      try {
        onEvent?.(event);
      } catch (error) {
        this.#services.log.error('a listener failed', {
          event: event.type,
          error: describeThrown(error).message,
        });
      }
    };
  }

  /** Asks once for everything that would be touched, as it is now. */
  async #confirmed(
    steps: readonly (Due | Outcome)[],
    plan: Plan,
    { confirm }: ApplyOptions,
  ): Promise<readonly (Due | Outcome)[]> {
    const due = steps.filter((step): step is Due => 'loaded' in step);
    const impact = new Map(
      due.flatMap(({ loaded }) => (loaded === undefined ? [] : [[loaded.plugin.id, loaded.plugin.impact]])),
    );
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

  async #readAll(steps: readonly PlanStep[], options: SettledOptions): Promise<readonly (Due | Outcome)[]> {
    const read = this.#reader.begin(options.signal, options, options.timeout);
    return eachWithin(steps, options, async (step): Promise<Due | Outcome> => {
      const { session, effect, isNamed } = step;
      try {
        const stopped = stopOf(options);
        if (stopped !== undefined) throw notBegun(stopped);
        const now = await read(session);
        if (now === undefined) return { session, status: 'already-gone' };
        if (now.fingerprint !== session.fingerprint) throw changed(session);
        const settled = options.settle?.(now);
        if (settled !== undefined) return { session: now, effect, isNamed, loaded: undefined, settled };
        const reason = skipReason(now, step, options);
        if (reason !== undefined) return { session: now, status: 'skipped', reason };
        if (!now.effects.includes(effect)) throw await this.#notOffered(now, effect);
        return { session: now, effect, isNamed, ...(await this.#loaded(now, options)) };
      } catch (error) {
        return { session, status: 'failed', error: DisconnectError.from(error) };
      }
    });
  }

  async #notOffered(session: Session, effect: PlanStep['effect']): Promise<DisconnectError> {
    return notOffered(session, effect, await this.#services.registry.get(session.provider));
  }

  /** A provider that is not there any more cannot end anything; its sessions can still be forgotten. */
  async #loaded(session: Session, { force }: ApplyOptions): Promise<Pick<Due, 'loaded' | 'settled'>> {
    try {
      return { loaded: await this.#services.registry.get(session.provider) };
    } catch (error) {
      if (force !== true || session.ownership === 'foreign') throw error;
      return { loaded: undefined, settled: forgotten(session) };
    }
  }

  async #one(step: Due, place: number, journal: Journal, options: ApplyOptions): Promise<Outcome> {
    const { session } = step;
    let begun: Begun;
    try {
      const stopped = stopOf(options);
      if (stopped !== undefined && !journal.hasBegun(place)) throw notBegun(stopped);
      begun = await journal.begin(place);
    } catch (error) {
      return { session, status: 'failed', error: DisconnectError.from(error) };
    }
    const outcome =
      begun.before === 'ended'
        ? ({ session, status: 'already-gone' } as const)
        : forced(await this.#attempt(step, options), options);
    journal.end(resultOf(outcome, begun));
    return outcome;
  }

  async #attempt(step: Due, options: ApplyOptions): Promise<Outcome> {
    const { session, effect, loaded, settled } = step;
    const { signal, stop, onEvent, timeout = 20_000 } = options;
    // Written ahead with its neighbours, and not begun: it stays what it was.
    if (stop?.aborted === true) return { session, status: 'failed', error: notBegun(stop) };
    onEvent?.({ type: 'session-start', session, effect });
    if (settled !== undefined) return settled;
    if (loaded === undefined || (session.ownership === 'opened' && !hasOpened(session)))
      return forgotten(session);
    try {
      // One context for disconnect and probe, so that the secret outlives another process that ends the session too.
      const calls = this.#shared(session, options);
      const done = await this.#services.deadlines.within(timeout, signal, (bound) =>
        loaded.provider.disconnect(session, effect, calls(bound)),
      );
      if (done.wasGone) return { session, status: 'already-gone' };
      const verification = await this.#verify({ session, effect, provider: loaded.provider, calls }, options);
      return { session, status: 'disconnected', effect, verification, residual: done.residual ?? [] };
    } catch (error) {
      const known = DisconnectError.from(error).at(session.endpoint);
      if (await this.#hasEnded(session, known)) return { session, status: 'already-gone' };
      this.#services.log.debug('disconnect failed', { session: session.label, error: known.code });
      return { session, status: 'failed', error: known };
    }
  }

  async #verify(claim: Claim, options: ApplyOptions): Promise<Verification> {
    const { session, effect } = claim;
    if (options.verify === false) return 'not-checked';
    if (claim.provider.probe === undefined) return 'not-possible';
    options.onEvent?.({ type: 'verification-start', session, effect });
    return this.#verifier.verify(claim, options);
  }

  #shared(session: Session, given: GivenCredential): Claim['calls'] {
    const shared = this.#services.calls.context(session.provider, new AbortController().signal, given);
    return (signal) => ({
      ...this.#services.calls.context(session.provider, signal, given),
      secret: (ref) => shared.secret(ref),
    });
  }

  /** Whether another process has ended this own session in the meantime, so that its secret was not found. */
  async #hasEnded(session: Session, error: DisconnectError): Promise<boolean> {
    if (session.ownership === 'foreign' || error.code !== 'not-found') return false;
    const entries = await this.#services.calls.allEntries(session.provider, session).catch(() => undefined);
    return entries?.every((entry) => entry.session.fingerprint !== session.fingerprint) ?? false;
  }

  /** A saved credential goes with the last own session of its endpoint. */
  async #eraseCredentials(outcomes: readonly Outcome[]): Promise<void> {
    const gone = outcomes.filter(
      ({ status, session }) => session.ownership !== 'foreign' && ENDED.has(status),
    );
    const places = new Map(gone.map(({ session }) => [endpointKey(session), session]));
    for (const provider of new Set(gone.map(({ session }) => session.provider))) {
      for (const { session } of await this.#services.calls.allEntries(provider))
        places.delete(endpointKey(session));
    }
    if (places.size === 0) return;
    const { credentials } = await this.#services.ledger();
    for (const { provider, endpoint } of places.values()) await credentials.erase(provider, endpoint);
  }
}

const ENDED: ReadonlySet<string> = new Set<Outcome['status']>(['disconnected', 'already-gone']);

interface Due extends PlanStep {
  readonly loaded: Loaded | undefined;
  /** What has become of it, where no provider is asked. */
  readonly settled?: Outcome | undefined;
}

/** The signal that nothing more is to be begun, where it was given. */
function stopOf({ signal, stop }: ApplyOptions): AbortSignal | undefined {
  return [signal, stop].find((one) => one?.aborted === true);
}

function skipReason(session: Session, step: PlanStep, options: ApplyOptions): SkipReason | undefined {
  if (session.ownership === 'adopted' && options.includeAdopted !== true) return 'adopted';
  if (session.isCaller === true && !step.isNamed) return 'own-session';
  return undefined;
}
