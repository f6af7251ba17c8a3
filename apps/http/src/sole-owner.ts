import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DisconnectError } from '@slipline/core';

const TRIES = 5;

/**
 * Takes the service's folder for this process alone; answers what gives it free again. Two services that shared it would
 * both go on with the same jobs. Throws `invalid-request` while another process that lives has it.
 */
export async function takeFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'owner');
  const own = await nameOf(process.pid);
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await claimed(file, own)) return () => rm(file, { force: true });
    const owner = await readFile(file, 'utf8').catch(() => '');
    if (await isAlive(owner)) throw taken(folder, owner);
    // Whoever had it is gone, and did not live to give it free.
    await rm(file, { force: true });
  }
  throw taken(folder, '');
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

/** A process, told apart from a later one with the same id where the system says when it started. */
async function nameOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the name, which may hold anything in parentheses, the start is the 20th field.
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${startedAt}`;
}

async function isAlive(owner: string): Promise<boolean> {
  const pid = Number(/^\d{1,10}/.exec(owner)?.[0]);
  if (!Number.isSafeInteger(pid) || pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await nameOf(pid)) === owner;
}

function taken(folder: string, owner: string): DisconnectError {
  const [pid = ''] = owner.split(' ');
  return new DisconnectError(
    'invalid-request',
    `another service${pid === '' ? '' : `, process ${pid},`} is at work in ${folder}`,
    { next: 'use that one, end it first, or set SLIPLINE_HOME to another folder' },
  );
}
