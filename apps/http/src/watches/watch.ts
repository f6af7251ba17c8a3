import {
  DisconnectError,
  type Clock,
  type Credential,
  type Problem,
  type Session,
  type Slipline,
} from '@slipline/core';
import type { Roster, RosterProblem } from '../roster/roster.ts';
import type { PlainValues } from './provider-values.ts';

/** What a watch is asked to do. */
export interface WatchSettings {
  readonly id: string;
  readonly provider: string;
  /** Values of the provider's `find` parameters, secrets as `Secret`. */
  readonly selector: PlainValues;
  /** The systems that the values name. */
  readonly endpoints: readonly string[];
  readonly credential: Credential | undefined;
  /** Seconds. */
  readonly every: number;
  /** Who set it up. */
  readonly user: string;
}

export interface WatchParts {
  readonly slipline: Slipline;
  readonly roster: Roster;
  readonly clock: Clock;
}

/** A watch as people see it: without its values. */
export interface WatchView {
  readonly id: string;
  readonly provider: string;
  readonly endpoints: readonly string[];
  readonly user: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly every: number;
  readonly askedAt?: string;
  readonly count: number;
  readonly problems: readonly Omit<RosterProblem, 'watch' | 'provider'>[];
}

const MOST_SESSIONS = 50_000;

/** Asks a provider again and again for other people's sessions, once at a time, and keeps in the table what it found. */
export class Watch {
  readonly settings: WatchSettings;
  readonly #parts: WatchParts;
  readonly #createdAt: string;
  readonly #stopped = new AbortController();
  /** As they were named, and as the provider calls those where it found something. */
  #endpoints: ReadonlySet<string>;
  #askedAt: string | undefined;
  #count = 0;
  #problems: readonly RosterProblem[] = [];
  #asking: Promise<void> | undefined;
  #isWantedAgain = false;
  #callOff: (() => void) | undefined;

  constructor(settings: WatchSettings, parts: WatchParts) {
    this.settings = settings;
    this.#parts = parts;
    this.#endpoints = lowered(settings.endpoints);
    this.#createdAt = new Date(parts.clock.now()).toISOString();
  }

  get view(): WatchView {
    const { id, provider, endpoints, user, every } = this.settings;
    return {
      id,
      provider,
      endpoints,
      user,
      createdAt: this.#createdAt,
      every,
      ...(this.#askedAt !== undefined && { askedAt: this.#askedAt }),
      count: this.#count,
      problems: this.#problems.map(({ endpoint, error }) => ({
        ...(endpoint !== undefined && { endpoint }),
        error,
      })),
    };
  }

  /** Whether it asks this system, by whatever name. */
  covers(endpoint: string): boolean {
    return this.#endpoints.has(endpoint.toLowerCase());
  }

  /** Asks now; while it is asking already, once more after that. Resolves when the answer is in the table. */
  refresh(): Promise<void> {
    if (this.#asking !== undefined) this.#isWantedAgain = true;
    this.#asking ??= this.#askAll().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** What it found goes from the table. */
  async stop(): Promise<void> {
    this.#callOff?.();
    this.#stopped.abort();
    await this.#asking;
    this.#parts.roster.drop(this.settings.id);
  }

  async #askAll(): Promise<void> {
    do {
      this.#isWantedAgain = false;
      this.#callOff?.();
      await this.#ask();
    } while (this.#isWantedAgain && !this.#stopped.signal.aborted);
    if (this.#stopped.signal.aborted) return;
    this.#callOff = this.#parts.clock.after(1000 * this.settings.every, () => void this.refresh());
  }

  async #ask(): Promise<void> {
    const { slipline, roster, clock } = this.#parts;
    const { provider, selector, id } = this.settings;
    const { signal } = this.#stopped;
    let found: { readonly sessions: readonly Session[]; readonly problems: readonly Problem[] };
    try {
      found = await slipline.sessions({ provider, selector, signal });
    } catch (error) {
      found = { sessions: [], problems: [{ provider, error: DisconnectError.from(error) }] };
    }
    if (signal.aborted) return;
    const now = this.#withOld(found.sessions.filter(isForeign), found.problems);
    this.#problems = found.problems.map((problem) => ({
      provider,
      endpoint: problem.endpoint,
      watch: id,
      error: problem.error.toJSON(),
    }));
    this.#endpoints = lowered([...this.settings.endpoints, ...now.map(({ endpoint }) => endpoint)]);
    this.#askedAt = new Date(clock.now()).toISOString();
    this.#count = Math.min(now.length, MOST_SESSIONS);
    if (now.length > MOST_SESSIONS) this.#problems = [...this.#problems, this.#tooMany(now.length)];
    roster.put(id, now.slice(0, MOST_SESSIONS), this.#problems);
  }

  /** What was found before stays where nobody can say now what there is; nobody knows its state. */
  #withOld(sessions: readonly Session[], problems: readonly Problem[]): readonly Session[] {
    const failed = problems.filter(({ error }) => error.code !== 'not-found');
    if (failed.length === 0) return sessions;
    const isAll = failed.some(({ endpoint }) => endpoint === undefined);
    const places = new Set(failed.map(({ endpoint = '' }) => endpoint.toLowerCase()));
    const well = new Set(
      this.settings.endpoints.map((one) => one.toLowerCase()).filter((one) => !places.has(one)),
    );
    const now = new Set(sessions.map(placeOf));
    // A provider may call a system by another name than it was given: `SERVER01` for `server01:445`.
    const old = this.#parts.roster
      .known(this.settings.id)
      .filter(
        (session) => !now.has(placeOf(session)) && (isAll || !well.has(session.endpoint.toLowerCase())),
      );
    return [...sessions, ...old.map((session): Session => ({ ...session, state: 'unknown' }))];
  }

  #tooMany(count: number): RosterProblem {
    const error = new DisconnectError(
      'quota',
      `${count} sessions were found, of which ${MOST_SESSIONS} are listed`,
      { next: 'watch fewer systems at once' },
    );
    return { provider: this.settings.provider, watch: this.settings.id, error: error.toJSON() };
  }
}

function lowered(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.map((text) => text.toLowerCase()));
}

/** Own sessions are the ledger's to tell. */
function isForeign({ ownership }: Session): boolean {
  return ownership === 'foreign';
}

function placeOf({ endpoint, id, fingerprint }: Session): string {
  return JSON.stringify([endpoint.toLowerCase(), id, fingerprint]);
}
