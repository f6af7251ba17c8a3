import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { plainText, type Clock } from '@slipline/core';
import { ProblemError } from '../problem.ts';
import { linesBackwards } from './lines-backwards.ts';

/** What is noted: who did or tried what, and to what. Texts may come from outside; they are cleaned and cut here. */
export interface AuditNote {
  readonly user: string;
  /** Noun and what became of it: `sign-in`, `sign-in refused`, `disconnect refused`. */
  readonly what: string;
  readonly target?: { readonly provider: string; readonly endpoint?: string | undefined } | undefined;
  readonly detail?: string | undefined;
}

export interface AuditEntry {
  /** Rises by one with each entry. */
  readonly number: number;
  /** RFC 3339. */
  readonly at: string;
  readonly user: string;
  readonly what: string;
  readonly provider?: string;
  readonly endpoint?: string;
  readonly detail?: string;
}

export interface AuditOptions {
  /** Bytes after which a new file is begun; 8 MiB when absent. */
  readonly largestFile?: number | undefined;
}

const LARGEST_FILE = 8 * 1024 * 1024;
/** How many full files are kept beside the one that is written. */
const KEPT_FILES = 4;

/**
 * Who did what, in a file of this user alone: one line of JSON each, on the disk when `note` has returned. Bounded: of what
 * is older than five full files nothing is kept.
 */
export class Audit implements AsyncDisposable {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #largestFile: number;
  #file: FileHandle;
  #size: number;
  #last: number;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;

  private constructor(
    folder: string,
    clock: Pick<Clock, 'now'>,
    options: AuditOptions,
    file: FileHandle,
    start: { readonly size: number; readonly last: number },
  ) {
    this.#folder = folder;
    this.#clock = clock;
    this.#largestFile = options.largestFile ?? LARGEST_FILE;
    this.#file = file;
    this.#size = start.size;
    this.#last = start.last;
  }

  static async open(folder: string, clock: Pick<Clock, 'now'>, options: AuditOptions = {}): Promise<Audit> {
    const file = await open(nameOf(folder, 0), 'a+', 0o600);
    const size = await endLine(file);
    let last = 0;
    for await (const entry of entriesIn(folder)) {
      last = entry.number;
      break;
    }
    return new Audit(folder, clock, options, file, { size, last });
  }

  /** Throws a 503 where it cannot be written down. */
  async note({ user, what, target, detail }: AuditNote): Promise<void> {
    this.#last += 1;
    const entry: AuditEntry = {
      number: this.#last,
      at: new Date(this.#clock.now()).toISOString(),
      user: plainText(user, 200),
      what: plainText(what, 100),
      ...(target !== undefined && { provider: plainText(target.provider, 100) }),
      ...(target?.endpoint !== undefined && { endpoint: plainText(target.endpoint, 300) }),
      ...(detail !== undefined && { detail: plainText(detail, 1000) }),
    };
    this.#waiting.push(`${JSON.stringify(entry)}\n`);
    // What is noted meanwhile goes into the next write, and one wait for the disk serves all of it.
    const before = this.#writing;
    this.#writing = (async () => {
      await before?.catch(() => undefined);
      await this.#write();
    })();
    await this.#writing;
  }

  /** Newest first; those before the entry of that number, where one is given. */
  async read(limit: number, before = Infinity): Promise<readonly AuditEntry[]> {
    const found: AuditEntry[] = [];
    for await (const entry of entriesIn(this.#folder)) {
      if (entry.number >= before) continue;
      found.push(entry);
      if (found.length >= limit) break;
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing?.catch(() => undefined);
    await this.#file.close();
  }

  async #write(): Promise<void> {
    const text = this.#waiting.join('');
    this.#waiting = [];
    if (text === '') return;
    try {
      if (this.#size >= this.#largestFile) await this.#rotate();
      await this.#file.appendFile(text);
      await this.#file.datasync();
      this.#size += Buffer.byteLength(text);
    } catch (cause) {
      throw new ProblemError(503, 'internal', 'the audit cannot be written', {
        next: 'make room on the disk of the service',
        cause,
      });
    }
  }

  async #rotate(): Promise<void> {
    await rm(nameOf(this.#folder, KEPT_FILES), { force: true });
    for (let age = KEPT_FILES - 1; age >= 0; age--) {
      await rename(nameOf(this.#folder, age), nameOf(this.#folder, age + 1)).catch(ignoreMissing);
    }
    const old = this.#file;
    this.#file = await open(nameOf(this.#folder, 0), 'a+', 0o600);
    this.#size = 0;
    await old.close();
  }
}

/** A line that a crash cut short is ended, so that the next one stands by itself. Answers the size. */
async function endLine(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  if (size === 0) return 0;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] === 0x0a) return size;
  await file.appendFile('\n');
  return size + 1;
}

async function* entriesIn(folder: string): AsyncGenerator<AuditEntry> {
  for (let age = 0; age <= KEPT_FILES; age++) {
    const name = nameOf(folder, age);
    if ((await stat(name).catch(ignoreMissing)) === undefined) continue;
    for await (const line of linesBackwards(name)) {
      const entry = parseEntry(line);
      if (entry !== undefined) yield entry;
    }
  }
}

/** A line that was cut short, or damaged otherwise, is left out. */
function parseEntry(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<AuditEntry> | null;
    const { number, at, user, what } = entry ?? {};
    const isWhole =
      Number.isSafeInteger(number) &&
      typeof at === 'string' &&
      typeof user === 'string' &&
      typeof what === 'string';
    return isWhole ? (entry as AuditEntry) : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(folder: string, age: number): string {
  return join(folder, age === 0 ? 'audit.jsonl' : `audit.${age}.jsonl`);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
