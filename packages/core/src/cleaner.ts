import type { ApplyOptions, Disconnector } from './disconnector.ts';
import { DisconnectError } from './errors.ts';
import type { LedgerEntry } from './ledger.ts';
import { hasOpened } from './ledger-rules.ts';
import type { Outcome, Report } from './outcome.ts';
import type { PlanStep } from './plan.ts';
import type { Services } from './services.ts';
import { forgotten } from './settling.ts';
import { sessionKey, type Session } from './session.ts';

export interface CleanupOptions extends Omit<
  ApplyOptions,
  'confirm' | 'includeAdopted' | 'userName' | 'password'
> {
  /** All providers when absent. */
  readonly provider?: string | undefined;
}

/** What may have been opened, and nobody can say. It stays in the ledger. */
export interface KeptSession {
  readonly session: Session;
  /** RFC 3339: when its connect was begun, or given up. */
  readonly since: string;
  /** RFC 3339: when the system ends it by itself, if it has it and nobody uses it. */
  readonly until?: string | undefined;
}

/** What became of what was left behind: ended, forgotten where it was adopted, or still not known. */
export interface CleanupReport extends Report {
  readonly kept: readonly KeptSession[];
}

/** Bounds of what is done unasked, before a connect: sessions, and milliseconds for all of them. */
const MOST_UNASKED = 16;
const LONGEST_UNASKED = 5000;
/** Milliseconds before a disconnect that failed is tried again unasked: its system may be down. */
const PAUSE = 600_000;
/** Milliseconds that a connect may have gone on after its intent was written. */
const SLACK = 600_000;

/** Ends what nobody looks after any more: sessions of processes that are gone, and disconnects that came to no end. */
export class Cleaner {
  readonly #services: Services;
  readonly #disconnector: Disconnector;

  constructor(services: Services, disconnector: Disconnector) {
    this.#services = services;
    this.#disconnector = disconnector;
  }

  async cleanup({ provider, ...options }: CleanupOptions = {}): Promise<CleanupReport> {
    const orphans = await (await this.#services.ledger()).entries({ provider, isOrphan: true });
    return this.#end(orphans, options);
  }

  /** What can be done in a short time, in silence. Never rejects. */
  async tidy(signal: AbortSignal | undefined): Promise<void> {
    const { clock, ledger, log } = this.#services;
    try {
      const orphans = await (await ledger()).entries({ isOrphan: true });
      const due = orphans.filter((entry) => isDueUnasked(entry, clock.now())).slice(0, MOST_UNASKED);
      if (due.length === 0) return;
      const inner = new AbortController();
      const stop = (): void => inner.abort(new DisconnectError('aborted', 'left for a later clean-up'));
      signal?.addEventListener('abort', stop, { once: true });
      const callOff = clock.after(LONGEST_UNASKED, stop);
      try {
        const { outcomes } = await this.#end(due, { signal: inner.signal });
        for (const { session, status } of outcomes) log.info(`left behind: ${session.label}`, { status });
      } finally {
        signal?.removeEventListener('abort', stop);
        callOff();
      }
    } catch (error) {
      log.info('what was left behind could not be looked at', { error: DisconnectError.from(error).message });
    }
  }

  async #end(orphans: readonly LedgerEntry[], options: ApplyOptions): Promise<CleanupReport> {
    const settled = new Map<string, Outcome>();
    const kept: KeptSession[] = [];
    const steps: PlanStep[] = [];
    for (const entry of orphans) {
      const { session } = entry;
      const fate = await this.#fateOf(entry, options);
      if ('since' in fate) {
        kept.push(fate);
        continue;
      }
      if ('status' in fate) settled.set(sessionKey(session), fate);
      steps.push({ session, effect: 'effect' in fate ? fate.effect : 'forget', isNamed: true });
    }
    const { clock } = this.#services;
    const createdAt = new Date(clock.now()).toISOString();
    const plan = { version: 1, createdAt, steps, problems: [], isEverything: false } as const;
    const report = await this.#disconnector.apply(plan, {
      reason: 'left behind',
      ...options,
      settle: (session) => settled.get(sessionKey(session)),
    });
    return { ...report, kept };
  }

  /** What is to be done with an orphan: end it with an effect, take it for settled, or keep it. */
  async #fateOf(
    entry: LedgerEntry,
    options: ApplyOptions,
  ): Promise<KeptSession | Outcome | Pick<PlanStep, 'effect'>> {
    const { session, effect } = entry;
    if (session.ownership === 'adopted' && entry.state === 'open') return forgotten(session);
    if (hasOpened(session)) {
      const [first] = session.effects;
      const chosen = effect !== undefined && session.effects.includes(effect) ? effect : first;
      return chosen === undefined ? forgotten(session) : { effect: chosen };
    }
    // Somebody has asked for it, and did not live to see it.
    if (effect === 'forget') return forgotten(session);
    const kept = await this.#doubt(entry, options.signal);
    if (kept === undefined) return { session, status: 'already-gone' };
    return options.force === true ? forgotten(session) : kept;
  }

  /** What is known of a session that may never have been opened; nothing where it is certain that there is none. */
  async #doubt(entry: LedgerEntry, signal: AbortSignal | undefined): Promise<KeptSession | undefined> {
    const { session, changedAt: since } = entry;
    const { calls, clock, deadlines, log, registry } = this.#services;
    try {
      const { plugin, provider } = await registry.get(session.provider);
      const until = plugin.idleLimit === undefined ? undefined : Date.parse(since) + plugin.idleLimit + SLACK;
      if (until !== undefined && until < clock.now()) return undefined;
      const answer = await deadlines.within(10_000, signal, async (bound) =>
        provider.resolve?.(session, calls.context(session.provider, bound)),
      );
      if (answer === 'gone') return undefined;
      return { session, since, ...(until !== undefined && { until: new Date(until).toISOString() }) };
    } catch (error) {
      log.debug('nobody can say what became of it', {
        session: session.label,
        error: DisconnectError.from(error).code,
      });
      return { session, since };
    }
  }
}

/** What asks for no patience and no second thought. */
function isDueUnasked({ state, effect, changedAt }: LedgerEntry, now: number): boolean {
  switch (state) {
    case 'open':
      return true;
    case 'closing':
      return effect !== 'revoke' && effect !== 'detach' && Date.parse(changedAt) + PAUSE < now;
    case 'opening':
    case 'unknown':
    case 'ended':
      return false;
    default:
      return state satisfies never;
  }
}
