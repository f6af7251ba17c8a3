import {
  DisconnectError,
  type Clock,
  type Credential,
  type Danger,
  type DisconnectEvent,
  type Logger,
  type Outcome,
  type PlanStep,
  type Slipline,
} from '@slipline/core';
import { keyOf } from '../roster/row.ts';
import type { Target } from '../security/who.ts';
import type { Job } from './job.ts';
import { JobFile, type OpenFile } from './job-file.ts';
import { readHistory, type JobHistory } from './job-history.ts';
import { outcomeFrom, outcomeJson } from './job-lines.ts';

export interface JobRunParts {
  readonly slipline: Slipline;
  readonly clock: Clock;
  readonly log: Logger;
  /** What watches were given for single systems. */
  readonly credentials: (provider: string, endpoint: string) => Credential | undefined;
  /** The job's numbers or state are others. */
  readonly onProgress: (job: Job) => void;
  /** What a job has done may have changed what is known of these; it is over once that is known. */
  readonly onTouched: (targets: readonly Target[]) => Promise<void>;
  readonly openFile?: OpenFile | undefined;
}

const RANKS: Readonly<Record<Danger['level'], number>> = { none: 0, ask: 1, severe: 2 };
/** Receipts beside the job's own that others may have left in the meantime. */
const OTHERS = 10_000;

/** One job from where its file says that it stands to its end, or to where it is stopped. */
export class JobRun {
  readonly #job: Job;
  readonly #path: string;
  readonly #parts: JobRunParts;
  /** Nothing more is begun. */
  readonly #stop = new AbortController();
  /** What is under way is interrupted, too. */
  readonly #abort = new AbortController();
  #isParking = false;
  #isHopeless = false;
  #file: JobFile | undefined;
  #history: JobHistory | undefined;

  constructor(job: Job, path: string, parts: JobRunParts) {
    this.#job = job;
    this.#path = path;
    this.#parts = parts;
  }

  /** Runs the job. Never rejects: what it cannot go on without parks it. */
  async run(): Promise<void> {
    const job = this.#job;
    try {
      await this.#begin();
      await this.#apply();
      await this.#end();
    } catch (error) {
      const known = storeError(error);
      this.#isHopeless = DisconnectError.is(error) || error instanceof SyntaxError;
      job.problems = [...job.problems, known.toJSON()].slice(-20);
      job.state = 'parked';
      this.#parts.log.error('a job is parked', { job: job.head.id, error: known.message });
    } finally {
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
      this.#history = undefined;
      job.tell();
      this.#parts.onProgress(job);
    }
  }

  /** What its file says makes no sense, and will make none later. */
  get isHopeless(): boolean {
    return this.#isHopeless;
  }

  /** The newest event of the job's file, once all up to it can be read. */
  async readable(): Promise<number | undefined> {
    const file = this.#file;
    if (file === undefined) return undefined;
    const { lastId } = file;
    // Where it cannot be written, what is there is read.
    await file.flush().catch(() => undefined);
    return lastId;
  }

  /** What has not begun is left alone, for good. */
  cancel(by: string): void {
    this.#job.cancelledBy = by;
    this.#file?.append('job-cancel', JSON.stringify({ by }));
    this.#stop.abort();
  }

  /** What has not begun is left for later. */
  park(): void {
    this.#isParking = true;
    this.#stop.abort();
  }

  /** What is under way is left for later, too. */
  interrupt(): void {
    this.#abort.abort();
  }

  async #begin(): Promise<void> {
    const job = this.#job;
    const history = await readHistory(this.#path, job.head.id);
    this.#history = history;
    const listener = {
      onGrown: () => job.tell(),
      onFailure: () => this.park(),
    };
    this.#file = await JobFile.resume(this.#path, history, listener, this.#parts.openFile);
    job.recount(history.statuses);
    job.problems = [];
    const { cancelledBy = job.cancelledBy } = history;
    if (cancelledBy !== undefined) this.cancel(cancelledBy);
    if (history.startedAt === undefined) {
      job.startedAt = new Date(this.#parts.clock.now()).toISOString();
      this.#file.append('job-start', JSON.stringify({ startedAt: job.startedAt }));
      // On the disk before anything is begun: what the ledger tells later is asked for from this time on.
      await this.#file.flush();
    } else {
      job.startedAt = history.startedAt;
      await this.#recall(history.startedAt);
    }
    job.state = 'running';
    this.#parts.onProgress(job);
  }

  /** Outcomes that the ledger knows and the file does not: the service died between the two. */
  async #recall(since: string): Promise<void> {
    const left = this.#history?.left ?? new Map<string, unknown>();
    if (left.size === 0) return;
    const ledger = await this.#parts.slipline.ledger();
    const receipts = await ledger.receipts({
      kind: 'disconnect',
      since,
      limit: 2 * this.#job.head.total + OTHERS,
    });
    for (const receipt of receipts) {
      const key = keyOf(receipt.session);
      if (!left.has(key)) continue;
      const outcome = outcomeFrom(receipt);
      if (outcome !== undefined) this.#settle(key, outcome.status, outcome.json);
    }
  }

  async #apply(): Promise<void> {
    const history = this.#history;
    if (history === undefined) return;
    const { head } = this.#job;
    const { slipline, credentials } = this.#parts;
    const { createdAt, isEverything } = history;
    const steps = [...history.left.values(), ...(await this.#unfinished(history))];
    if (steps.length === 0) return;
    const report = await slipline.apply(
      { version: 1, createdAt, isEverything, steps, problems: [] },
      {
        user: head.user,
        reason: head.reason,
        verify: head.verify,
        credentials,
        signal: this.#abort.signal,
        stop: this.#stop.signal,
        // Things are not what they were when it was confirmed.
        confirm: async ({ level }) => RANKS[level] <= RANKS[head.danger],
        onEvent: (event) => this.#hear(event),
      },
    );
    const errors = report.problems.map(({ error }) => error);
    if (history.startedAt !== undefined && report.outcomes.some(isRefused)) errors.unshift(credentialsLost());
    this.#job.problems = errors.slice(0, 20).map((error) => error.toJSON());
  }

  /** Own sessions that the file says are gone and the ledger does not: the service died between the two. They have their
   *  outcome; applied again, they go from the ledger, too. */
  async #unfinished({ told }: JobHistory): Promise<readonly PlanStep[]> {
    if (told.size === 0) return [];
    const ledger = await this.#parts.slipline.ledger();
    const entries = await ledger.entries({ states: ['closing'], isOrphan: true, ofOthers: true });
    return entries.flatMap(({ session }) => told.get(keyOf(session)) ?? []);
  }

  #hear(event: DisconnectEvent): void {
    if (event.type === 'session-start') {
      const key = keyOf(event.session);
      if (this.#history?.left.has(key) === true) this.#file?.append('session-start', JSON.stringify({ key }));
    }
    if (event.type === 'session-end') {
      const { outcome } = event;
      const key = keyOf(outcome.session);
      // One that was only interrupted has no outcome yet.
      if (this.#isParking && isInterrupted(outcome)) return;
      this.#settle(key, outcome.status, outcomeJson(outcome, key));
      this.#parts.onProgress(this.#job);
    }
  }

  #settle(key: string, status: string, json: string): void {
    if (this.#history?.left.delete(key) !== true) return;
    this.#file?.append('session-end', json);
    this.#job.count(status as Outcome['status']);
  }

  async #end(): Promise<void> {
    const job = this.#job;
    // What could not be written down is not so.
    await this.#file?.flush();
    if (job.waiting > 0) {
      job.state = 'parked';
      return;
    }
    await this.#parts.onTouched(job.head.targets);
    job.state = job.cancelledBy === undefined ? 'done' : 'cancelled';
    job.endedAt = new Date(this.#parts.clock.now()).toISOString();
    this.#file?.append('job-end', JSON.stringify(job.summary));
    await this.#file?.flush();
  }
}

function isInterrupted(outcome: Outcome): boolean {
  return outcome.status === 'failed' && outcome.error.code === 'aborted';
}

function isRefused(outcome: Outcome): boolean {
  return outcome.status === 'failed' && outcome.error.code === 'unauthenticated';
}

function credentialsLost(): DisconnectError {
  return new DisconnectError(
    'unauthenticated',
    'the service was started again in the middle of this job, and what watches were given to sign in with went with it',
    { next: 'set up the watch again, and disconnect what is left' },
  );
}

/** What went wrong with the files of jobs, in words. */
export function storeError(error: unknown): DisconnectError {
  if (DisconnectError.is(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new DisconnectError(
    'internal',
    isFull ? 'the disk of the service is full' : `a file of the service cannot be used: ${code ?? message}`,
    { next: isFull ? 'make room on it' : 'look at the log of the service', cause: error },
  );
}
