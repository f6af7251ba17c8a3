import type { Danger, ErrorJson } from '@slipline/core';
import type { Target, Who } from '../security/who.ts';

/** queued → running → done, or cancelled: what had not begun is left alone. parked: stopped half-way, and goes on by itself later. */
export type JobState = 'queued' | 'running' | 'done' | 'cancelled' | 'parked';

export interface Counts {
  readonly disconnected: number;
  readonly alreadyGone: number;
  readonly skipped: number;
  readonly failed: number;
  /** Sessions without an outcome yet. */
  readonly waiting: number;
}

export type Status = 'disconnected' | 'already-gone' | 'skipped' | 'failed';

/** What a job is from its beginning on: the first line of its file. */
export interface JobHead {
  readonly id: string;
  readonly user: string;
  readonly reason?: string | undefined;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly total: number;
  readonly verify: boolean;
  /** What its user has confirmed: nothing more dangerous is done. */
  readonly danger: Danger['level'];
  /** The request it was made by, as it is known where requests are made once only. */
  readonly request?: string | undefined;
  /** Each system that it touches, once. */
  readonly targets: readonly Target[];
}

/** A job as it goes over the wire, without its outcomes. */
export interface JobSummary {
  readonly id: string;
  readonly state: JobState;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly user: string;
  readonly reason?: string;
  readonly total: number;
  readonly counts: Counts;
  /** Why it is parked, or what went wrong around it. */
  readonly problems?: readonly ErrorJson[];
}

const COUNTED = {
  disconnected: 'disconnected',
  'already-gone': 'alreadyGone',
  skipped: 'skipped',
  failed: 'failed',
} as const satisfies Record<Status, keyof Counts>;

export function isStatus(value: unknown): value is Status {
  return typeof value === 'string' && Object.hasOwn(COUNTED, value);
}

/** Where a job stands. */
export class Job {
  readonly head: JobHead;
  state: JobState = 'queued';
  startedAt: string | undefined;
  endedAt: string | undefined;
  /** Who said that nothing more is to be begun. */
  cancelledBy: string | undefined;
  problems: readonly ErrorJson[] = [];
  #counts: Counts;
  #waiters: (() => void)[] = [];

  constructor(head: JobHead) {
    this.head = head;
    this.#counts = noneOf(head.total);
  }

  get isOver(): boolean {
    return this.state === 'done' || this.state === 'cancelled';
  }

  get summary(): JobSummary {
    const { id, createdAt, user, reason, total } = this.head;
    return {
      id,
      state: this.state,
      createdAt,
      ...(this.startedAt !== undefined && { startedAt: this.startedAt }),
      ...(this.endedAt !== undefined && { endedAt: this.endedAt }),
      user,
      ...(reason !== undefined && { reason }),
      total,
      counts: this.#counts,
      ...(this.problems.length > 0 && { problems: this.problems }),
    };
  }

  get waiting(): number {
    return this.#counts.waiting;
  }

  count(status: Status): void {
    const name = COUNTED[status];
    const { waiting } = this.#counts;
    this.#counts = { ...this.#counts, [name]: this.#counts[name] + 1, waiting: Math.max(0, waiting - 1) };
  }

  recount(statuses: Iterable<Status>): void {
    this.#counts = noneOf(this.head.total);
    for (const status of statuses) this.count(status);
  }

  /** As its file says that it ended. */
  ended({ state, startedAt, endedAt, counts, problems = [] }: JobSummary): void {
    this.state = state;
    this.startedAt = startedAt;
    this.endedAt = endedAt;
    this.problems = problems;
    this.#counts = counts;
  }

  /** Resolves when its file has grown, or its state is another. */
  news(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  tell(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** Whoever sees a job sees all its numbers, and so has to see all that it touches. */
  isSeenBy(who: Who): boolean {
    return this.head.targets.every((target) => who.sees(target));
  }
}

function noneOf(total: number): Counts {
  return { disconnected: 0, alreadyGone: 0, skipped: 0, failed: 0, waiting: total };
}
