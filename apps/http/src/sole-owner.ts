import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DisconnectError, type Opener } from '@slipline/core';
import { isGone, thisProcess } from '@slipline/ledger';

const TRIES = 5;

/**
 * Takes the service's folder for this process alone; answers what gives it free again. Two services that shared it would
 * both go on with the same jobs. Throws `invalid-request` while another process that lives has it.
 */
export async function takeFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'owner');
  const own = JSON.stringify(thisProcess());
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await claimed(file, own)) return () => rm(file, { force: true });
    const owner = parseOwner(await readFile(file, 'utf8').catch(() => ''));
    if (owner !== undefined && !isGone(owner)) throw taken(folder, owner);
    // Whoever had it is gone, and did not live to give it free.
    await rm(file, { force: true });
  }
  throw taken(folder, undefined);
}

/** The file appears with its content or not at all, and never in place of another. */
async function claimed(file: string, own: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, own, { flag: 'wx', mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Nothing where it is not a process that is named. */
function parseOwner(text: string): Opener | undefined {
  try {
    const { pid, startedAt, bootId, space } = JSON.parse(text) as Partial<Record<keyof Opener, unknown>>;
    const isWhole =
      Number.isSafeInteger(pid) &&
      Number(pid) > 0 &&
      typeof startedAt === 'string' &&
      typeof bootId === 'string';
    return isWhole
      ? { pid: Number(pid), startedAt, bootId, ...(typeof space === 'string' && { space }) }
      : undefined;
  } catch {
    return undefined;
  }
}

function taken(folder: string, owner: Opener | undefined): DisconnectError {
  return new DisconnectError(
    'invalid-request',
    `another service${owner === undefined ? '' : `, process ${owner.pid},`} is at work in ${folder}`,
    { next: 'use that one, end it first, or set SLIPLINE_HOME to another folder' },
  );
}
