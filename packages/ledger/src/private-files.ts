import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { DisconnectError } from '@slipline/core';
import { childProcesses } from './builtin.ts';

const isWindows = process.platform === 'win32';

/**
 * Makes `folder`, for this user alone, where it is missing. Throws `invalid-request` where what is there belongs to
 * somebody else or can be written by others: what lies in it could have been put there.
 */
export function privateFolder(folder: string): void {
  const stats = statsOf(folder);
  if (stats === undefined) return makeFolder(folder);
  if (!stats.isDirectory()) throw unusable(folder, 'is not a folder');
  if (isWindows) return;
  refuseOthers(folder, stats);
  if ((stats.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (statsOf(parent) === undefined) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
    // The umask may have taken too much.
    chmodSync(folder, 0o700);
    if (isWindows) keepToUser(folder);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return privateFolder(folder);
    throw unusable(folder, 'cannot be made', error);
  }
}

/** Takes inherited rights away and gives the user theirs, for the folder and all that will be in it. */
function keepToUser(folder: string): void {
  const user = userInfo().username;
  const { status } = childProcesses().spawnSync(
    'icacls',
    [folder, '/inheritance:r', '/grant:r', `${user}:(OI)(CI)F`],
    {
      windowsHide: true,
    },
  );
  if (status !== 0) throw unusable(folder, 'cannot be kept to this user (icacls failed)');
}

/**
 * Makes `file`, empty and for this user alone, where it is missing. It is looked at without being opened: closing a file
 * drops the locks that SQLite holds on it in this process.
 */
export function privateFile(file: string): void {
  const stats = statsOf(file);
  if (stats === undefined) return makeFile(file);
  if (!stats.isFile()) throw unusable(file, 'is not a file');
  if (isWindows) return;
  refuseOthers(file, stats);
  if ((stats.mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function makeFile(file: string): void {
  try {
    writePrivate(file, new Uint8Array(), 'wx');
    syncFolder(dirname(file));
  } catch (error) {
    if (isCode(error, 'EEXIST')) return privateFile(file);
    throw unusable(file, 'cannot be made', error);
  }
}

/** Writes a small file for this user alone; it is on the disk when this returns, its name too once `syncFolder` has. */
export function writePrivate(file: string, content: Uint8Array, flags: 'w' | 'wx'): void {
  const descriptor = openSync(file, flags, 0o600);
  try {
    if (!isWindows) fchmodSync(descriptor, 0o600);
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Names in `folder`, new and gone ones, are on the disk when this returns. */
export function syncFolder(folder: string): void {
  // Windows opens no folders, and writes names by itself.
  if (isWindows) return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same, beside other work. */
export async function syncFolderBeside(folder: string): Promise<void> {
  if (isWindows) return;
  // Only here: what merely lists does not come here.
  const { open } = await import('node:fs/promises');
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unusable(path, 'cannot be looked at', error);
  }
}

function refuseOthers(path: string, stats: Stats): void {
  if (stats.uid !== process.geteuid?.()) throw unusable(path, 'belongs to another user');
  if ((stats.mode & 0o022) !== 0) throw unusable(path, 'can be written by other users');
}

function unusable(path: string, why: string, cause?: unknown): DisconnectError {
  return new DisconnectError(
    'invalid-request',
    `${path} ${why}${cause === undefined ? '' : ` (${codeOf(cause)})`}`,
    {
      cause,
      next: 'put that right, or set SLIPLINE_HOME to a folder of your own',
    },
  );
}

export function isCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}
