import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Sink } from './sink.ts';

/** The streams of this process, made when they are asked for: making one takes longer than most commands. */
export class StandardStreams {
  readonly #used = new Set<Writable>();
  #stdout: Sink | undefined;
  #stderr: Sink | undefined;

  get stdin(): NodeJS.ReadableStream {
    return process.stdin;
  }

  get stdinIsPiped(): boolean {
    try {
      const stats = fstatSync(0, { bigint: true });
      return stats.isFIFO() || stats.isFile();
    } catch {
      return false;
    }
  }

  get stdout(): Sink {
    return (this.#stdout ??= this.#sink(1, () => process.stdout));
  }

  get stderr(): Sink {
    return (this.#stderr ??= this.#sink(2, () => process.stderr));
  }

  /** Resolves when what was written has left this process. */
  async flush(): Promise<void> {
    for (const stream of this.#used) await new Promise((resolve) => stream.write('', resolve));
  }

  /** A terminal is written to through Node's stream, everything else directly. */
  #sink(descriptor: number, make: () => Writable): Sink {
    const stream = (): Writable => this.#inUse(make());
    // With `bigint`, since Node 20 takes the last other result that was a pipe for one of its own, and resolves no links then.
    const isDevice = fstatSync(descriptor, { bigint: true }).isCharacterDevice();
    return isDevice ? stream() : new DescriptorSink(descriptor, stream);
  }

  /** Whoever writes is told when a reader has gone away; without a listener Node would print a stack as well. */
  #inUse(stream: Writable): Writable {
    this.#used.add(stream);
    return stream.on('error', () => undefined);
  }
}

/** A file or a pipe, written to without a stream while it takes what it is given. */
export class DescriptorSink implements Sink {
  readonly #descriptor: number;
  readonly #makeStream: () => Writable;
  #stream: Writable | undefined;

  constructor(descriptor: number, makeStream: () => Writable) {
    this.#descriptor = descriptor;
    this.#makeStream = makeStream;
  }

  write(text: string, done: (error?: Error | null) => void = () => undefined): void {
    if (this.#stream !== undefined) return void this.#stream.write(text, done);
    let left: Uint8Array = Buffer.from(text);
    try {
      while (left.length > 0) left = left.subarray(writeSync(this.#descriptor, left));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return done(error as Error);
      // A pipe that does not wait, and is full: Node's stream waits for it.
      this.#stream = this.#makeStream();
      return void this.#stream.write(left, done);
    }
    done();
  }
}
