import { open, rm, type FileHandle } from 'node:fs/promises';
import { lineOf, type JobEventName } from './job-lines.ts';

/** How files are opened: `open` of `node:fs/promises`, or what stands for a disk with troubles. */
export type OpenFile = (path: string, flags: string, mode?: number) => Promise<FileHandle>;

/** Milliseconds after which what was written is on the disk, too. What the disk then loses, the ledger knows. */
const SYNC_EVERY = 500;
/** Milliseconds that an event waits for others to be written with it. */
const GATHER = 20;

/** The file of a job that runs: grows by a line for each event, many lines in one write. */
export class JobFile {
  readonly #handle: FileHandle;
  readonly #onGrown: () => void;
  readonly #onFailure: (error: Error) => void;
  #size: number;
  #lastId: number;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #synced = performance.now();
  #failure: Error | undefined;

  private constructor(handle: FileHandle, from: JobFilePlace, listener: JobFileListener) {
    this.#handle = handle;
    this.#size = from.size;
    this.#lastId = from.lastId;
    this.#onGrown = listener.onGrown;
    this.#onFailure = listener.onFailure;
  }

  /** Makes the file of a new job; it is on the disk when this returns, or there is none. */
  static async create(path: string, text: string, openFile: OpenFile = open): Promise<void> {
    const handle = await openFile(path, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  }

  /** Goes on after `from.size` bytes; what a crash left behind them is cut off. */
  static async resume(
    path: string,
    from: JobFilePlace,
    listener: JobFileListener,
    openFile: OpenFile = open,
  ): Promise<JobFile> {
    const handle = await openFile(path, 'r+');
    try {
      await handle.truncate(from.size);
      return new JobFile(handle, from, listener);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The id of the newest event, written or about to be. */
  get lastId(): number {
    return this.#lastId;
  }

  append(event: JobEventName, json: string): void {
    if (this.#failure !== undefined) return;
    this.#lastId += 1;
    this.#waiting.push(lineOf(this.#lastId, event, json));
    this.#timer ??= setTimeout(() => this.#write(), GATHER);
  }

  /** What was appended so far can be read in the file. Rejects where it cannot be written. */
  async flush(): Promise<void> {
    this.#write();
    while (this.#writing !== undefined) await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** All of it is on the disk, and the file closed, also where that rejects. */
  async close(): Promise<void> {
    try {
      await this.flush();
      await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0 && this.#failure === undefined) {
      const bytes = Buffer.from(this.#waiting.join(''));
      this.#waiting = [];
      try {
        await this.#writeBytes(bytes);
        this.#onGrown();
        if (performance.now() - this.#synced < SYNC_EVERY) continue;
        await this.#handle.datasync();
        this.#synced = performance.now();
      } catch (error) {
        this.#failure = error as Error;
        this.#waiting = [];
        await this.#handle.truncate(this.#size).catch(() => undefined);
        this.#onFailure(error as Error);
      }
    }
  }

  async #writeBytes(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size + done);
      done += bytesWritten;
    }
    this.#size += bytes.length;
  }
}

export interface JobFilePlace {
  readonly size: number;
  readonly lastId: number;
}

export interface JobFileListener {
  /** There is more to be read. */
  readonly onGrown: () => void;
  /** From now on nothing more is written. */
  readonly onFailure: (error: Error) => void;
}
