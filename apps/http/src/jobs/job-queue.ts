export interface QueuedWork {
  readonly id: string;
  readonly user: string;
  /** Never rejects. */
  readonly run: () => Promise<void>;
}

export interface QueueLimits {
  readonly atOnce: number;
  readonly atOncePerUser: number;
}

const LIMITS: QueueLimits = { atOnce: 4, atOncePerUser: 2 };

/** Runs some at once; whoever has the fewest running comes next, so that nobody with many keeps the others waiting. */
export class JobQueue {
  readonly #limits: QueueLimits;
  readonly #running = new Map<string, { readonly user: string; readonly ended: Promise<void> }>();
  #waiting: QueuedWork[] = [];
  #isClosed = false;

  constructor(limits: QueueLimits = LIMITS) {
    this.#limits = limits;
  }

  waiting(user?: string): number {
    return this.#waiting.filter((work) => user === undefined || work.user === user).length;
  }

  add(work: QueuedWork): void {
    this.#waiting.push(work);
    this.#begin();
  }

  /** Out of its turn, if it waits still. */
  hasten(id: string): void {
    const work = this.#waiting.find((one) => one.id === id);
    if (work !== undefined && !this.#isClosed) this.#start(work);
  }

  /** Nothing more is begun. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  #begin(): void {
    for (let work = this.#next(); work !== undefined; work = this.#next()) this.#start(work);
  }

  #next(): QueuedWork | undefined {
    if (this.#isClosed || this.#running.size >= this.#limits.atOnce) return undefined;
    const counts = new Map<string, number>();
    for (const { user } of this.#running.values()) counts.set(user, (counts.get(user) ?? 0) + 1);
    const count = ({ user }: QueuedWork): number => counts.get(user) ?? 0;
    return this.#waiting
      .filter((work) => count(work) < this.#limits.atOncePerUser)
      .reduce<QueuedWork | undefined>(
        (best, work) => (best === undefined || count(work) < count(best) ? work : best),
        undefined,
      );
  }

  #start(work: QueuedWork): void {
    this.#waiting = this.#waiting.filter((one) => one !== work);
    const ended = work.run().finally(() => {
      this.#running.delete(work.id);
      this.#begin();
    });
    this.#running.set(work.id, { user: work.user, ended });
  }
}
