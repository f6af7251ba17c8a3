import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { DescriptorSink } from './standard-streams.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipline-sink-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** How a write ended. */
function written(sink: DescriptorSink, text: string): Promise<Error | null | undefined> {
  return new Promise((resolve) => sink.write(text, resolve));
}

const noStream = (): never => {
  throw new Error('No stream is needed.');
};

describe('a file or a pipe', () => {
  it('is written to without a stream', async () => {
    const path = join(folder, 'file');
    const descriptor = openSync(path, 'w');
    const sink = new DescriptorSink(descriptor, noStream);
    const text = 'äöü\n'.repeat(100_000);
    expect([await written(sink, text), await written(sink, 'end')]).toEqual([undefined, undefined]);
    closeSync(descriptor);
    expect(readFileSync(path, 'utf8')).toBe(`${text}end`);
  });

  it('says why it cannot be written', async () => {
    const path = join(folder, 'file');
    closeSync(openSync(path, 'w'));
    const descriptor = openSync(path, 'r');
    expect(await written(new DescriptorSink(descriptor, noStream), 'text')).toMatchObject({ code: 'EBADF' });
    closeSync(descriptor);
  });

  it('is left to a stream once it is full and does not wait', async () => {
    if (process.platform === 'win32') return; // It has no such pipes.
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    fill(pipe);
    readSync(pipe, Buffer.alloc(4096));
    const stream = new PassThrough();
    const sink = new DescriptorSink(pipe, () => stream);
    expect(await written(sink, 'x'.repeat(10_000))).toBeFalsy();
    expect(await written(sink, 'more')).toBeFalsy();
    closeSync(pipe);
    stream.end();
    const left = Buffer.concat(await stream.toArray()).toString();
    expect(left).toMatch(/^x+more$/);
    expect(left.length).toBe(10_000 - 4096 + 'more'.length);
  });
});

function fill(pipe: number): void {
  try {
    for (;;) writeSync(pipe, '.'.repeat(512));
  } catch {
    // It is full.
  }
}
