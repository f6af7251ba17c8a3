import type { Api } from '../api/api.ts';
import { openStream } from '../api/stream.ts';
import type { Items, Job, Outcome, Plan } from '../api/types.ts';
import {
  beginJob,
  beginSessions,
  counted,
  dismiss,
  endSessions,
  sweep,
  type Board,
} from '../sessions/board.ts';
import { createStore, type Store } from '../store.ts';

/** How a plan is confirmed, as its danger asks. */
export interface Confirmation {
  readonly confirmName?: string | undefined;
  readonly reason?: string | undefined;
  readonly verify: boolean;
}

/** Milliseconds that the outcome of what is done stays in the table once its job is over. */
const SEEN = 4000;
const GATHERED = 120;
/** Streams of jobs at once: a browser has six connections to one service. */
const MOST_STREAMS = 3;
const NO_STREAM = (): void => undefined;

export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'cancelled';

/** The jobs that this page follows, and what they have come to. */
export class Desk {
  readonly jobs: Store<readonly Job[]> = createStore<readonly Job[]>([]);
  readonly #api: Api;
  readonly #board: Store<Board>;
  readonly #onEnd: (job: Job) => void;
  readonly #streams = new Map<string, () => void>();

  constructor(api: Api, board: Store<Board>, onEnd: (job: Job) => void) {
    this.#api = api;
    this.#board = board;
    this.#onEnd = onEnd;
  }

  /** Has the plan carried out. `once` names this attempt: sent again under the same name it is done once. */
  async begin(plan: Plan, confirmation: Confirmation, once: string): Promise<void> {
    const { confirmName, reason, verify } = confirmation;
    const body = {
      plan: plan.id,
      confirm: true,
      verify,
      ...(confirmName !== undefined && { confirmName }),
      ...(reason !== undefined && { reason }),
    };
    const job = await this.#api.post<Job>('/v1/disconnections', body, once);
    const keys = plan.steps.map(({ key }) => key);
    this.#board.update((board) => beginJob(board, job.id, keys));
    this.#follow(job);
  }

  /** Follows again what was under way when the page was left. */
  async resume(user: string): Promise<void> {
    const { items } = await this.#api.get<Items<Job>>('/v1/disconnections', { limit: 20 });
    for (const job of items) if (!isOver(job) && job.user === user) this.#follow(job);
  }

  /** What has not begun is not begun any more. */
  cancel(id: string): Promise<void> {
    return this.#api.delete(`/v1/disconnections/${encodeURIComponent(id)}`);
  }

  /** What the job came to has been read. */
  dismiss(id: string): void {
    this.#close(id);
    this.jobs.update((jobs) => jobs.filter((job) => job.id !== id));
    this.#board.update((board) => dismiss(board, id));
  }

  /** A job as the service's events tell it, whose own stream may be late, or is one too many. */
  note(job: Job): void {
    const close = this.#streams.get(job.id);
    if (close === undefined) return;
    if (isOver(job)) void this.#settle(job.id);
    else if (close === NO_STREAM)
      this.jobs.update((jobs) => jobs.map((one) => (one.id === job.id ? job : one)));
  }

  close(): void {
    for (const id of [...this.#streams.keys()]) this.#close(id);
  }

  #follow(job: Job): void {
    if (this.#streams.has(job.id)) return;
    this.jobs.update((jobs) => [job, ...jobs.filter(({ id }) => id !== job.id)]);
    if (this.#streams.size >= MOST_STREAMS) {
      this.#streams.set(job.id, NO_STREAM);
      return;
    }
    let started: string[] = [];
    let ended: Outcome[] = [];
    let timer = 0;
    const flush = (): void => {
      timer = 0;
      const [keys, outcomes] = [started, ended];
      [started, ended] = [[], []];
      this.#board.update((board) => beginSessions(board, job.id, keys));
      this.#take(job.id, outcomes);
    };
    const close = openStream(`/v1/disconnections/${encodeURIComponent(job.id)}/events`, {
      events: {
        'session-start': (data) => {
          started.push((data as { readonly key: string }).key);
          timer ||= setTimeout(flush, GATHERED);
        },
        'session-end': (data) => {
          ended.push(data as Outcome);
          timer ||= setTimeout(flush, GATHERED);
        },
        'job-end': () => {
          if (timer !== 0) clearTimeout(timer);
          flush();
          void this.#settle(job.id);
        },
      },
      onState: (state) => {
        if (state === 'anew') void this.#settle(job.id);
      },
      mayReopen: () => Promise.resolve(this.#streams.has(job.id)),
    });
    this.#streams.set(job.id, () => {
      clearTimeout(timer);
      close();
    });
  }

  #take(id: string, outcomes: readonly Outcome[]): void {
    const { marks } = this.#board.get();
    const fresh = outcomes.filter(({ key }) => {
      const mark = marks.get(key);
      return mark?.job !== id || mark.phase !== 'ended';
    });
    this.#board.update((board) => endSessions(board, id, fresh));
    this.jobs.update((jobs) => jobs.map((job) => (job.id === id ? fresh.reduce(counted, job) : job)));
  }

  /** Reads the whole job: nothing is missing then, whatever the stream missed. */
  async #settle(id: string): Promise<void> {
    const job = await this.#api
      .get<Job>(`/v1/disconnections/${encodeURIComponent(id)}`)
      .catch(() => undefined);
    if (job === undefined || !this.#streams.has(id)) return;
    this.#take(id, job.outcomes ?? []);
    this.jobs.update((jobs) => jobs.map((one) => (one.id === id ? job : one)));
    if (!isOver(job)) return;
    this.#close(id);
    this.#onEnd(job);
    setTimeout(() => this.#board.update((board) => sweep(board, id)), SEEN);
  }

  #close(id: string): void {
    this.#streams.get(id)?.();
    this.#streams.delete(id);
  }
}
