import { open } from 'node:fs/promises';
import type { PlanStep } from '@slipline/core';
import { keyOf } from '../roster/row.ts';
import { isStatus, type JobHead, type JobSummary, type Status } from './job.ts';
import { linesOf, parseHead, parseLine, parsePlanLine, type JobLine } from './job-lines.ts';

/** All that the file of an unfinished job says. */
export interface JobHistory {
  readonly head: JobHead;
  readonly isEverything: boolean;
  readonly createdAt: string;
  /** Steps without an outcome, by key. */
  readonly left: Map<string, PlanStep>;
  /** Steps with an outcome, by key. */
  readonly told: ReadonlyMap<string, PlanStep>;
  readonly statuses: readonly Status[];
  readonly startedAt: string | undefined;
  readonly cancelledBy: string | undefined;
  /** Bytes of complete lines. */
  readonly size: number;
  readonly lastId: number;
}

/** Bytes at the end of a file in which its last line is looked for. */
const TAIL = 65_536;

/** Throws where head or plan cannot be read. Lines of events that were damaged are as good as not written. */
export async function readHistory(file: string, id: string): Promise<JobHistory> {
  const lines = linesOf(file);
  try {
    const head = parseHead((await next(lines)).text, id);
    const planLine = await next(lines);
    const plan = parsePlanLine(planLine.text);
    const { isEverything, createdAt, steps } = plan;
    const told = await readEvents(
      lines,
      new Map(steps.map((step) => [keyOf(step.session), step])),
      planLine.end,
    );
    return { head, isEverything, createdAt, ...told };
  } finally {
    await lines.return(undefined);
  }
}

async function readEvents(
  lines: Lines,
  left: Map<string, PlanStep>,
  begin: number,
): Promise<Omit<JobHistory, 'head' | 'isEverything' | 'createdAt'>> {
  const told = new Map<string, PlanStep>();
  const statuses: Status[] = [];
  let startedAt: string | undefined;
  let cancelledBy: string | undefined;
  let size = begin;
  let lastId = 0;
  for await (const { text, end } of lines) {
    size = end;
    const line = parseLine(text);
    // An id that is used by a damaged line as well would be one too few.
    lastId = Math.max(lastId + 1, line?.id ?? 0);
    if (line === undefined) continue;
    const { status } = line.data;
    const key = String(line.data['key']);
    const step = left.get(key);
    if (line.event === 'job-start') startedAt ??= String(line.data['startedAt']);
    if (line.event === 'job-cancel') cancelledBy = String(line.data['by']);
    if (line.event !== 'session-end' || !isStatus(status) || step === undefined) continue;
    left.delete(key);
    told.set(key, step);
    statuses.push(status);
  }
  return { left, told, statuses, startedAt, cancelledBy, size, lastId };
}

/** The head of a job, and how it ended if it has: what is needed to list it. Throws where the head cannot be read. */
export async function readEnds(
  file: string,
  id: string,
): Promise<{ readonly head: JobHead; readonly end: JobSummary | undefined }> {
  const lines = linesOf(file);
  try {
    const head = parseHead((await next(lines)).text, id);
    const last = await lastLine(file);
    const end = last?.event === 'job-end' ? (last.data as unknown as JobSummary) : undefined;
    return { head, end };
  } finally {
    await lines.return(undefined);
  }
}

type Lines = ReturnType<typeof linesOf>;

async function next(lines: Lines): Promise<{ readonly text: string; readonly end: number }> {
  const line = await lines.next();
  if (line.done === true) throw new Error('the file ends too early');
  return line.value;
}

async function lastLine(file: string): Promise<JobLine | undefined> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL);
    const buffer = Buffer.alloc(length);
    await handle.read(buffer, 0, length, size - length);
    const text = buffer.toString('utf8').trimEnd();
    return parseLine(text.slice(text.lastIndexOf('\n') + 1));
  } finally {
    await handle.close();
  }
}
