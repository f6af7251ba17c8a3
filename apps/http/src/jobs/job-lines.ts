import { open } from 'node:fs/promises';
import { DisconnectError, parsePlan, type Outcome, type Plan, type Receipt } from '@slipline/core';
import { keyOf } from '../roster/row.ts';
import type { JobHead } from './job.ts';

// A job's file: a line with its head, a line with its plan, then a line for each event, in the order of their ids.

export type JobEventName = 'job-start' | 'session-start' | 'session-end' | 'job-cancel' | 'job-end';

export interface JobLine {
  readonly id: number;
  readonly event: JobEventName;
  readonly data: Readonly<Record<string, unknown>>;
}

const PORTION = 262_144;
/** A plan of 100,000 sessions fits. */
const LONGEST_LINE = 256 * 1024 * 1024;

export function lineOf(id: number, event: JobEventName, json: string): string {
  return `{"id":${id},"event":"${event}","data":${json}}\n`;
}

/** `undefined` for a line that was damaged. */
export function parseLine(text: string): JobLine | undefined {
  try {
    const { id, event, data } = JSON.parse(text) as Partial<JobLine>;
    const isWhole =
      typeof id === 'number' && typeof event === 'string' && typeof data === 'object' && data !== null;
    return isWhole ? { id, event, data } : undefined;
  } catch {
    return undefined;
  }
}

/** Throws for what is no head of a job. */
export function parseHead(text: string, id: string): JobHead {
  const { version, job } = JSON.parse(text) as {
    readonly version?: unknown;
    readonly job?: Partial<JobHead>;
  };
  const isWhole =
    version === 1 &&
    job?.id === id &&
    typeof job.user === 'string' &&
    typeof job.createdAt === 'string' &&
    Number.isSafeInteger(job.total) &&
    Array.isArray(job.targets);
  if (!isWhole) throw new DisconnectError('internal', 'its first line is not the head of this job');
  return job as JobHead;
}

/** Throws for what is no plan. */
export function parsePlanLine(text: string): Plan {
  return parsePlan((JSON.parse(text) as { readonly plan?: unknown }).plan);
}

export function headLines(head: JobHead, plan: Plan): string {
  const { steps, isEverything, createdAt, version } = plan;
  const kept = { version, createdAt, steps, problems: [], isEverything };
  return `${JSON.stringify({ version: 1, job: head })}\n${JSON.stringify({ plan: kept })}\n`;
}

/** The data of a line that was parsed, as it stands there. */
export function dataText(text: string): string {
  return text.slice(text.indexOf('"data":') + 7, -1);
}

/** Complete lines of a file from byte `from` on, each with the byte after it; what follows the last line break is left out. */
export async function* linesOf(
  file: string,
  from = 0,
): AsyncGenerator<{ readonly text: string; readonly end: number }> {
  const handle = await open(file, 'r');
  try {
    let rest: Buffer[] = [];
    let size = 0;
    let start = from;
    const buffer = Buffer.allocUnsafe(PORTION);
    for (let place = from; ;) {
      const { bytesRead } = await handle.read(buffer, 0, PORTION, place);
      if (bytesRead === 0) return;
      place += bytesRead;
      let begin = 0;
      for (let end = buffer.indexOf(10); end !== -1 && end < bytesRead; end = buffer.indexOf(10, begin)) {
        const piece = buffer.subarray(begin, end);
        const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
        rest = [];
        size = 0;
        start += line.length + 1;
        begin = end + 1;
        yield { text: line.toString('utf8'), end: start };
      }
      size += bytesRead - begin;
      if (size > LONGEST_LINE) throw new DisconnectError('internal', `${file} has a line that is too long`);
      if (begin < bytesRead) rest.push(Buffer.from(buffer.subarray(begin, bytesRead)));
    }
  } finally {
    await handle.close();
  }
}

/** An outcome as it goes over the wire and into the file. */
export function outcomeJson(outcome: Outcome, key: string): string {
  const error = outcome.status === 'failed' ? { error: outcome.error.toJSON() } : {};
  return JSON.stringify({ ...outcome, key, ...error });
}

/** The outcome that a receipt in the ledger tells of; `undefined` where it tells of none. */
export function outcomeFrom(
  receipt: Receipt,
): { readonly status: string; readonly json: string } | undefined {
  const { session, status, effect, verification, residual, skipped, error } = receipt;
  // What was interrupted has no outcome yet: it is done again.
  if (status === undefined || status === 'done' || error?.code === 'aborted') return undefined;
  const facts = {
    disconnected: { effect, verification: verification ?? 'not-checked', residual: residual ?? [] },
    'already-gone': {},
    skipped: { reason: skipped },
    failed: { error },
  }[status];
  return { status, json: JSON.stringify({ session, key: keyOf(session), status, ...facts }) };
}
