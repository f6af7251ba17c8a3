import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DisconnectError, type Clock, type Credential, type Logger, type Slipline } from '@slipline/core';
import type { EventHub, Listener } from '../events/event-hub.ts';
import type { KeptPlan } from '../plans/plans.ts';
import { ProblemError } from '../problem.ts';
import type { Target, Who } from '../security/who.ts';
import { Job, type JobHead, type JobSummary } from './job.ts';
import { JobFile, type OpenFile } from './job-file.ts';
import { headLines } from './job-lines.ts';
import { JobQueue, type QueueLimits } from './job-queue.ts';
import { JobRun, storeError } from './job-run.ts';
import { JobFolder } from './job-folder.ts';
import { jobEvents, jobJson } from './job-streams.ts';

export interface JobsParts {
  readonly slipline: Slipline;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventHub;
  readonly credentials: (provider: string, endpoint: string) => Credential | undefined;
  /** What a job has done may have changed what is known of these; it is over once that is known. */
  readonly onTouched: (targets: readonly Target[]) => Promise<void>;
  readonly limits?: QueueLimits | undefined;
  readonly openFile?: OpenFile | undefined;
}

export interface JobWishes {
  readonly reason?: string | undefined;
  readonly verify?: boolean | undefined;
  /** The name of the request, where it is to be made once only. */
  readonly request?: string | undefined;
}

export interface JobPage {
  readonly items: readonly JobSummary[];
  readonly nextCursor?: string;
}

const MOST_WAITING = 1000;
const MOST_WAITING_PER_USER = 100;
/** Milliseconds between two events of one job to everybody. */
const PROGRESS_EVERY = 500;
/** Milliseconds after which a job that could not go on is tried again. */
const TRY_AGAIN = 30_000;
/** Milliseconds that what is under way has when the service stops. */
const GRACE = 10_000;

/** Plans that are applied, one after the other and some at once. Each is in a file of its own, from which it goes on after a restart. */
export class Jobs implements AsyncDisposable {
  readonly #parts: JobsParts;
  readonly #folder: JobFolder;
  readonly #queue: JobQueue;
  readonly #jobs = new Map<string, Job>();
  readonly #runs = new Map<string, JobRun>();
  readonly #progress = new Map<string, () => void>();
  readonly #alarms = new Set<() => void>();
  #isParking = false;

  private constructor(folder: JobFolder, parts: JobsParts) {
    this.#folder = folder;
    this.#parts = parts;
    this.#queue = new JobQueue(parts.limits);
  }

  /** Reads what there is; nothing runs before `start`. */
  static async open(folder: string, parts: JobsParts): Promise<Jobs> {
    const jobs = new Jobs(new JobFolder(join(folder, 'jobs'), parts), parts);
    for (const job of await jobs.#folder.open()) jobs.#jobs.set(job.head.id, job);
    return jobs;
  }

  /** Goes on with what an earlier process left. */
  start(): void {
    for (const job of this.#jobs.values()) if (!job.isOver) this.#enqueue(job);
    this.#tidyLater();
  }

  /** How many are in each state. */
  counts(): Readonly<Record<Job['state'], number>> {
    const counts = { queued: 0, running: 0, done: 0, cancelled: 0, parked: 0 };
    for (const { state } of this.#jobs.values()) counts[state] += 1;
    return counts;
  }

  /** It is written down when this returns, and begun then. Throws a 503 where it cannot be, a 429 where too many wait. */
  async create(kept: KeptPlan, { reason, verify = true, request }: JobWishes): Promise<JobSummary> {
    const { user, plan, danger } = kept;
    if (this.#isParking) throw new DisconnectError('aborted', 'the service is stopping');
    if (this.#queue.waiting() >= MOST_WAITING || this.#queue.waiting(user) >= MOST_WAITING_PER_USER)
      throw new ProblemError(429, 'quota', 'too many jobs wait already', { retryAfter: 10 });
    const now = this.#parts.clock.now();
    const head: JobHead = {
      id: `${now.toString(36).padStart(9, '0')}${randomBytes(10).toString('hex')}`,
      user,
      reason,
      createdAt: new Date(now).toISOString(),
      total: plan.steps.length,
      verify,
      danger: danger.level,
      request,
      targets: targetsOf(plan.steps.map(({ session }) => session)),
    };
    try {
      await JobFile.create(this.#folder.pathOf(head.id), headLines(head, plan), this.#parts.openFile);
      await this.#folder.sync();
    } catch (error) {
      const { message, next } = storeError(error);
      throw new ProblemError(503, 'internal', message, { next, cause: error, retryAfter: 30 });
    }
    const job = new Job(head);
    this.#jobs.set(head.id, job);
    this.#enqueue(job);
    return job.summary;
  }

  /** The job that this request made, if it came so far. */
  ofRequest(name: string): JobSummary | undefined {
    return [...this.#jobs.values()].find(({ head }) => head.request === name)?.summary;
  }

  /** Newest first. */
  list(who: Who, limit: number, cursor?: string): JobPage {
    const ids = [...this.#jobs.keys()].sort().reverse();
    const items: JobSummary[] = [];
    for (const id of ids) {
      const job = this.#jobs.get(id);
      if (job === undefined || (cursor !== undefined && id >= cursor) || !job.isSeenBy(who)) continue;
      if (items.length === limit) return { items, nextCursor: items.at(-1)?.id ?? id };
      items.push(job.summary);
    }
    return { items };
  }

  /** Throws `not-found` for a job that is none, or out of scope. */
  get(id: string, who: Who): Job {
    const job = this.#jobs.get(id);
    if (job?.isSeenBy(who) === true) return job;
    throw new DisconnectError('not-found', 'there is no such job', { next: 'GET /v1/disconnections' });
  }

  /** A job with its outcomes as JSON. */
  async read(id: string, who: Who): Promise<Readable> {
    const { summary, head } = this.get(id, who);
    // What comes after this is not in it, so that numbers and outcomes agree.
    const last = await this.#runs.get(id)?.readable();
    return jobJson(summary, this.#folder.pathOf(head.id), last);
  }

  /** Its events after that with the id `after`. */
  events(id: string, listener: Listener, after = 0): Readable {
    const job = this.get(id, listener.who);
    return this.#parts.events.hold(
      listener,
      jobEvents(job, this.#folder.pathOf(job.head.id), after, this.#parts.clock),
    );
  }

  /** What has not begun is left alone. Throws `changed` for a job that is over. */
  cancel(id: string, who: Who): JobSummary {
    const job = this.get(id, who);
    if (job.isOver)
      throw new DisconnectError('changed', 'the job is over', { next: `GET /v1/disconnections/${id}` });
    const run = this.#runs.get(id);
    if (run === undefined) job.cancelledBy = who.user;
    else run.cancel(who.user);
    if (job.state === 'parked') this.#enqueue(job);
    this.#queue.hasten(id);
    return job.summary;
  }

  /** Begins nothing more, lets what is under way come to its end for ten seconds, and leaves the rest to a later start. */
  async park(): Promise<void> {
    this.#isParking = true;
    this.#queue.close();
    for (const callOff of [...this.#alarms, ...this.#progress.values()]) callOff();
    for (const run of this.#runs.values()) run.park();
    const callOff = this.#parts.clock.after(GRACE, () => {
      for (const run of this.#runs.values()) run.interrupt();
    });
    await this.#queue.idle();
    callOff();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.park();
  }

  #enqueue(job: Job): void {
    const { id, user } = job.head;
    job.state = 'queued';
    this.#tell(job);
    this.#queue.add({ id, user, run: () => this.#run(job) });
  }

  async #run(job: Job): Promise<void> {
    const { id } = job.head;
    const run = new JobRun(job, this.#folder.pathOf(id), {
      ...this.#parts,
      onProgress: () => this.#tellSoon(job),
    });
    this.#runs.set(id, run);
    await run.run();
    this.#runs.delete(id);
    this.#progress.get(id)?.();
    this.#progress.delete(id);
    this.#tell(job);
    if (job.state === 'parked' && !run.isHopeless)
      this.#later(TRY_AGAIN, () => job.state === 'parked' && this.#enqueue(job));
  }

  #tellSoon(job: Job): void {
    const { id } = job.head;
    if (this.#progress.has(id) || this.#isParking) return;
    const callOff = this.#parts.clock.after(PROGRESS_EVERY, () => {
      this.#progress.delete(id);
      this.#tell(job);
    });
    this.#progress.set(id, callOff);
  }

  #tell(job: Job): void {
    this.#parts.events.publish('job', JSON.stringify(job.summary), (who) => job.isSeenBy(who));
  }

  #tidyLater(): void {
    this.#later(3_600_000, () => {
      void this.#folder
        .tidy([...this.#jobs.values()])
        .then((gone) => gone.forEach(({ head }) => this.#jobs.delete(head.id)));
      this.#tidyLater();
    });
  }

  #later(milliseconds: number, work: () => unknown): void {
    if (this.#isParking) return;
    const callOff = this.#parts.clock.after(milliseconds, () => {
      this.#alarms.delete(callOff);
      work();
    });
    this.#alarms.add(callOff);
  }
}

function targetsOf(sessions: readonly Target[]): readonly Target[] {
  const places = new Map(
    sessions.map(({ provider, endpoint }) => [
      `${provider} ${endpoint.toLowerCase()}`,
      { provider, endpoint },
    ]),
  );
  return [...places.values()];
}
