import { cp, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DisconnectError } from '@slipline/core';
import { isMissing, quoted } from '@slipline/config';

/** What installing a plugin may change in the config folder. */
const NAMES = ['config.json', 'package.json', 'package-lock.json', 'node_modules'];

/** What a copy of the folder is a copy of. */
interface Before {
  /** The process that is at work. */
  readonly pid: number;
  readonly names: readonly string[];
}

/**
 * Runs `work`, which changes the plugins in `folder`; where it fails, everything is as it was before. One process at a time:
 * throws `invalid-request` while another is at work. What a process that was killed left half-done is undone first.
 */
export async function orUndo<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await undoAbandoned(folder);
  await keepCopy(folder);
  try {
    return await work();
  } catch (error) {
    await restore(folder);
    throw error;
  } finally {
    await rm(copyOf(folder), { recursive: true, force: true });
  }
}

function copyOf(folder: string): string {
  return join(folder, '.before-plugins');
}

/** The copy has its name only once it is whole; that name taken means that another process was faster. */
async function keepCopy(folder: string): Promise<void> {
  const draft = `${copyOf(folder)}-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  try {
    const names: string[] = [];
    for (const name of NAMES) {
      const isCopied = await whereThere(
        cp(join(folder, name), join(draft, name), { recursive: true, verbatimSymlinks: true }),
      );
      if (isCopied) names.push(name);
    }
    const before: Before = { pid: process.pid, names };
    await writeFile(join(draft, 'before.json'), JSON.stringify(before));
    await rename(draft, copyOf(folder));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM' ? busy(folder) : error;
  }
}

async function undoAbandoned(folder: string): Promise<void> {
  const before = await readBefore(folder);
  if (before === undefined) return;
  if (isRunning(before.pid)) throw busy(folder);
  await restore(folder);
  await rm(copyOf(folder), { recursive: true, force: true });
}

/** May be broken off and begun again: what is not in the copy any more has been put back. */
async function restore(folder: string): Promise<void> {
  const before = await readBefore(folder);
  for (const name of before === undefined ? [] : NAMES) {
    const place = join(folder, name);
    const copy = join(copyOf(folder), name);
    const wasThere = before?.names.includes(name) === true;
    if (wasThere && !(await whereThere(lstat(copy)))) continue;
    await rm(place, { recursive: true, force: true });
    if (wasThere) await rename(copy, place);
  }
}

async function readBefore(folder: string): Promise<Before | undefined> {
  try {
    return JSON.parse(await readFile(join(copyOf(folder), 'before.json'), 'utf8')) as Before;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** False where there was nothing to do it to. */
async function whereThere(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function busy(folder: string): DisconnectError {
  return new DisconnectError('invalid-request', 'another "slipline plugins" is at work here', {
    next: `wait for it; where there is none: rm -r ${quoted(copyOf(folder))}`,
  });
}
