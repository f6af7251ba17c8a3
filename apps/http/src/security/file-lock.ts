import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { DisconnectError } from '@slipline/core';

/** Milliseconds between two tries, before giving up, and after which a lock is taken for one that a dead process left. */
const PAUSE = 20;
const PATIENCE = 5000;
const STALE = 10_000;

/** Runs `work`, which changes `file` and takes little time, while no other process does. Throws `timeout`. */
export async function whileLocked<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  await take(lock);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(lock, error);
    }
    await removeStale(lock);
    await wait(PAUSE);
  }
  throw new DisconnectError('timeout', `another process is at work on ${lock.replace(/\.lock$/, '')}`, {
    next: 'try again',
  });
}

async function removeStale(lock: string): Promise<void> {
  const made = await stat(lock).catch(() => undefined);
  if (made !== undefined && Date.now() - made.mtimeMs > STALE) await rm(lock, { force: true });
}

function unwritable(lock: string, cause: unknown): DisconnectError {
  return new DisconnectError('internal', `${lock} cannot be written: ${(cause as Error).message}`, {
    next: 'make room, or make its folder writable',
    cause,
  });
}
