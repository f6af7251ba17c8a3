import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Logger } from '@slipline/core';
import { privateFolder, syncFolder } from '../files.ts';
import { Job } from './job.ts';
import { readEnds } from './job-history.ts';

const NAME = /^([0-9a-z]{9,60})\.jsonl$/;
const KEPT = 30 * 24 * 3_600_000;
const MOST_JOBS = 2000;
/** Files that are read at once. */
const AT_ONCE = 16;

/** Where the files of jobs are: of thirty days, and of so many jobs at most. */
export class JobFolder {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: Logger;

  constructor(folder: string, { clock, log }: { readonly clock: Pick<Clock, 'now'>; readonly log: Logger }) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
  }

  pathOf(id: string): string {
    return join(this.#folder, `${id}.jsonl`);
  }

  /** New names are on the disk when this returns. */
  sync(): Promise<void> {
    return syncFolder(this.#folder);
  }

  /** The jobs that there are, oldest first. What cannot be read is set aside as `.damaged`, and said so once. */
  async open(): Promise<readonly Job[]> {
    await privateFolder(this.#folder);
    const ids = (await readdir(this.#folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).sort();
    const jobs: Job[] = [];
    for (let first = 0; first < ids.length; first += AT_ONCE) {
      const some = ids.slice(first, first + AT_ONCE);
      jobs.push(...(await Promise.all(some.map((id) => this.#read(id)))).flat());
    }
    const gone = new Set(await this.tidy(jobs));
    return jobs.filter((job) => !gone.has(job));
  }

  /** Removes the files of those that are over and too old, or too many; answers which. */
  async tidy(jobs: readonly Job[]): Promise<readonly Job[]> {
    const oldest = this.#clock.now() - KEPT;
    const over = jobs.filter((job) => job.isOver);
    const surplus = new Set(over.slice(0, Math.max(0, jobs.length - MOST_JOBS)));
    const gone = over.filter((job) => surplus.has(job) || Date.parse(job.head.createdAt) < oldest);
    for (const { head } of gone) await rm(this.pathOf(head.id), { force: true });
    return gone;
  }

  async #read(id: string): Promise<readonly Job[]> {
    const path = this.pathOf(id);
    try {
      const { head, end } = await readEnds(path, id);
      const job = new Job(head);
      if (end !== undefined) job.ended(end);
      return [job];
    } catch (error) {
      this.#log.error('the file of a job is damaged and set aside', {
        file: `${path}.damaged`,
        error: (error as Error).message,
      });
      await rename(path, `${path}.damaged`).catch(() => undefined);
      return [];
    }
  }
}
