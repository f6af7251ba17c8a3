import { createHmac, randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@slipline/core';
import { privateFolder, readPrivate, writePrivate } from '../files.ts';
import { ProblemError } from '../problem.ts';

/** An answer as it was sent, and is sent again. */
export interface Answer {
  readonly status: number;
  readonly location?: string | undefined;
  /** JSON. */
  readonly body: string;
}

/** A request that is to be carried out at most once. */
export interface OnceRequest {
  readonly user: string;
  readonly route: string;
  /** What the caller named it by. */
  readonly key: string;
  readonly body: unknown;
}

/** What has become of an earlier request of the same name. */
export type Earlier =
  | { readonly state: 'none'; readonly name: string }
  | { readonly state: 'answered'; readonly answer: Answer }
  /** The service died while it was at it. */
  | { readonly state: 'lost'; readonly name: string };

interface Entry {
  readonly version: 1;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly body: string;
  readonly answer?: Answer | undefined;
}

const KEPT = 24 * 3_600_000;
const MOST_ENTRIES = 10_000;
const MOST_BYTES = 256 * 1024 * 1024;
const LARGEST_ENTRY = 64 * 1024 * 1024;
/** Requests after which what is too old is looked for. */
const SWEEP_AFTER = 500;
const NAME = /^[0-9a-f]{64}\.json$/;

/**
 * Requests that brought an `Idempotency-Key`, and their answers: a file each, for 24 hours. Bodies are kept as keyed hashes
 * only, since they may hold passwords.
 */
export class IdempotencyStore {
  readonly #folder: string;
  readonly #key: Buffer;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #running = new Set<string>();
  #begun = 0;

  private constructor(folder: string, key: Buffer, clock: Pick<Clock, 'now'>) {
    this.#folder = folder;
    this.#key = key;
    this.#clock = clock;
  }

  static async open(folder: string, clock: Pick<Clock, 'now'>): Promise<IdempotencyStore> {
    const own = join(folder, 'idempotency');
    await privateFolder(own);
    const store = new IdempotencyStore(own, await serviceKey(join(folder, 'service.key')), clock);
    void store.#sweep().catch(() => undefined);
    return store;
  }

  /** Notes that a request is begun, unless it was before. Throws a 422 for another body, a 409 while the first is at work. */
  async begin({ user, route, key, body }: OnceRequest): Promise<Earlier> {
    const name = this.#hash(JSON.stringify([user, route, key]));
    const bodyHash = this.#hash(JSON.stringify(body ?? null));
    if (this.#running.has(name)) throw atWork();
    this.#running.add(name);
    try {
      const earlier = await this.#read(name);
      if (earlier !== undefined && earlier.body !== bodyHash) throw otherBody();
      if (earlier?.answer !== undefined) {
        this.#running.delete(name);
        return { state: 'answered', answer: earlier.answer };
      }
      if (earlier !== undefined) {
        this.#running.delete(name);
        return { state: 'lost', name };
      }
      await this.#write(name, { version: 1, at: this.#clock.now(), body: bodyHash });
      return { state: 'none', name };
    } catch (error) {
      this.#running.delete(name);
      throw error;
    }
  }

  /** The request has come to its end; from now on the answer is given again. */
  async finish(name: string, body: unknown, answer: Answer): Promise<void> {
    try {
      const bodyHash = this.#hash(JSON.stringify(body ?? null));
      await this.#write(name, { version: 1, at: this.#clock.now(), body: bodyHash, answer });
    } finally {
      this.#running.delete(name);
    }
  }

  /** Nothing has come of the request: it may be made again. */
  async release(name: string): Promise<void> {
    try {
      await rm(this.#pathOf(name), { force: true });
    } finally {
      this.#running.delete(name);
    }
  }

  async #read(name: string): Promise<Entry | undefined> {
    const text = await readPrivate(this.#pathOf(name), LARGEST_ENTRY);
    const entry = text === undefined ? undefined : parseEntry(text);
    // What was damaged cannot be believed, and is written anew.
    return entry === undefined || entry.at + KEPT <= this.#clock.now() ? undefined : entry;
  }

  async #write(name: string, entry: Entry): Promise<void> {
    this.#begun += 1;
    if (this.#begun % SWEEP_AFTER === 0) await this.#sweep();
    try {
      await writePrivate(this.#pathOf(name), JSON.stringify(entry));
    } catch (cause) {
      throw new ProblemError(503, 'internal', 'the request cannot be written down', {
        next: 'make room on the disk of the service',
        retryAfter: 30,
        cause,
      });
    }
  }

  /** Lets go of what is too old, and of the oldest where there is too much. */
  async #sweep(): Promise<void> {
    const files: { readonly path: string; readonly size: number; readonly at: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined) files.push({ path, size: found.size, at: found.mtimeMs });
    }
    files.sort((one, other) => other.at - one.at);
    let bytes = 0;
    for (const [place, { path, size, at }] of files.entries()) {
      bytes += size;
      const isDraft = !NAME.test(path.slice(this.#folder.length + 1));
      const isOld = at < Date.now() - (isDraft ? 3_600_000 : KEPT);
      if (isOld || place >= MOST_ENTRIES || bytes > MOST_BYTES) await rm(path, { force: true });
    }
  }

  #pathOf(name: string): string {
    return join(this.#folder, `${name}.json`);
  }

  #hash(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }
}

function parseEntry(text: string): Entry | undefined {
  try {
    const entry = JSON.parse(text) as Partial<Entry> | null;
    const { version, at, body } = entry ?? {};
    const isWhole = version === 1 && typeof at === 'number' && typeof body === 'string';
    return isWhole ? (entry as Entry) : undefined;
  } catch {
    return undefined;
  }
}

/** A key of this service's own, made where there is none that could be one. */
async function serviceKey(file: string): Promise<Buffer> {
  const key = Buffer.from((await readPrivate(file, 1000)) ?? '', 'hex');
  if (key.length === 32) return key;
  const made = randomBytes(32);
  await writePrivate(file, made.toString('hex'));
  return made;
}

function atWork(): ProblemError {
  return new ProblemError(409, 'changed', 'the request with this Idempotency-Key is still at work', {
    next: 'ask again in a moment',
    retryAfter: 1,
  });
}

function otherBody(): ProblemError {
  return new ProblemError(422, 'invalid-request', 'this Idempotency-Key was used with another body', {
    next: 'use a new key for a new request',
  });
}
