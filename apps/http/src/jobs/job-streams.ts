import { Readable } from 'node:stream';
import type { Clock } from '@slipline/core';
import { frameOf } from '../events/frame.ts';
import type { Job, JobSummary } from './job.ts';
import { dataText, linesOf, parseLine, type JobEventName } from './job-lines.ts';

/** Bytes that are handed on at once, about. */
const PORTION = 65_536;
const HEARTBEAT_EVERY = 15_000;
/** Milliseconds between two looks at a file that grows. */
const GATHER = 50;
const TOLD: ReadonlySet<JobEventName> = new Set(['session-start', 'session-end', 'job-end']);

/** A job as JSON, with all its outcomes up to event `last`, or all there are: read from its file as it is sent. */
export function jobJson(summary: JobSummary, file: string, last = Infinity): Readable {
  return Readable.from(portions(jobParts(summary, file, last)), { objectMode: false });
}

async function* jobParts(summary: JobSummary, file: string, last: number): AsyncGenerator<string> {
  yield `${JSON.stringify(summary).slice(0, -1)},"outcomes":[`;
  let isFirst = true;
  for await (const { text } of linesOf(file)) {
    const line = parseLine(text);
    if (line?.event !== 'session-end') continue;
    if (line.id > last) break;
    yield `${isFirst ? '' : ','}${dataText(text)}`;
    isFirst = false;
  }
  yield ']}';
}

/** The events of a job after `after`, until its end or until it is parked: read from its file as it grows. */
export function jobEvents(job: Job, file: string, after: number, clock: Clock): Readable {
  return Readable.from(portions(eventFrames(job, file, after, clock)), { objectMode: false });
}

async function* eventFrames(
  job: Job,
  file: string,
  after: number,
  clock: Clock,
): AsyncGenerator<Buffer | undefined> {
  yield frameOf('heartbeat', '{}');
  for (let place = 0; ;) {
    // In this order: what comes while the file is read is news.
    const isOver = job.isOver || job.state === 'parked';
    const news = job.news();
    for await (const { text, end } of linesOf(file, place)) {
      place = end;
      const line = parseLine(text);
      if (line !== undefined && line.id > after && TOLD.has(line.event))
        yield frameOf(line.event, dataText(text), line.id);
    }
    if (isOver) return;
    yield undefined;
    if (await isQuiet(news, clock)) yield frameOf('heartbeat', '{}');
    // What comes next mostly comes at once, and is read together.
    await new Promise((resolve) => setTimeout(resolve, GATHER));
  }
}

/** Whether there has been no news for so long that a sign of life is due. */
async function isQuiet(news: Promise<void>, clock: Clock): Promise<boolean> {
  let callOff: (() => void) | undefined;
  const due = new Promise<boolean>((resolve) => {
    callOff = clock.after(HEARTBEAT_EVERY, () => resolve(true));
  });
  const isDue = await Promise.race([news.then(() => false), due]);
  callOff?.();
  return isDue;
}

/** Small pieces put together; `undefined` says not to wait for more. */
async function* portions(pieces: AsyncIterable<string | Buffer | undefined>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    if (piece !== undefined) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      waiting.push(bytes);
      size += bytes.length;
    }
    if (size < PORTION && piece !== undefined) continue;
    if (size > 0) yield Buffer.concat(waiting, size);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}
