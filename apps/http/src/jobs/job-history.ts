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
  readonly statuses: readonly Status[];
  readonly startedAt: string | undefined;
  readonly isCancelled: boolean;
  /** Bytes of complete lines. */
  readonly size: number;
  readonly lastId: number;
}

/** Bytes at the end of a file in which its last line is looked for. */
const TAIL = 65_536;

/** Throws where head or plan cannot be read. Lines of events that were damaged are as good as not written. */
export async function readHistory(file: string, id: string): Promise<JobHistory> {
  const lines = linesOf(file);
  const head = parseHead(await nextText(lines), id);
  const plan = parsePlanLine(await nextText(lines));
  const left = new Map(plan.steps.map((step) => [keyOf(step.session), step]));
  const statuses: Status[] = [];
  let startedAt: string | undefined;
  let isCancelled = false;
  let size = 0;
  let lastId = 0;
  for await (const { text, end } of lines) {
    size = end;
    const line = parseLine(text);
    // An id that is used by a damaged line as well would be one too few.
    lastId = Math.max(lastId + 1, line?.id ?? 0);
    if (line === undefined) continue;
    const { status, key } = line.data;
    if (line.event === 'job-start') startedAt ??= String(line.data['startedAt']);
    if (line.event === 'job-cancel') isCancelled = true;
    if (line.event === 'session-end' && isStatus(status) && left.delete(String(key))) statuses.push(status);
  }
  const { isEverything, createdAt } = plan;
  size = size === 0 ? await headSize(file) : size;
  return { head, isEverything, createdAt, left, statuses, startedAt, isCancelled, size, lastId };
}

/** The head of a job, and how it ended if it has: what is needed to list it. Throws where the head cannot be read. */
export async function readEnds(
  file: string,
  id: string,
): Promise<{ readonly head: JobHead; readonly end: JobSummary | undefined }> {
  const lines = linesOf(file);
  try {
    const head = parseHead(await nextText(lines), id);
    const last = await lastLine(file);
    const end = last?.event === 'job-end' ? (last.data as unknown as JobSummary) : undefined;
    return { head, end };
  } finally {
    await lines.return(undefined);
  }
}

async function headSize(file: string): Promise<number> {
  const lines = linesOf(file);
  await lines.next();
  const second = await lines.next();
  await lines.return(undefined);
  return second.done === true ? 0 : second.value.end;
}

async function nextText(lines: AsyncGenerator<{ readonly text: string }>): Promise<string> {
  const next = await lines.next();
  if (next.done === true) throw new Error('the file ends too early');
  return next.value.text;
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
