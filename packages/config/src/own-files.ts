import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { DisconnectError } from '@slipline/core';

// Files that decide what this process does: only their owner may have written them. Windows has access lists instead of
// modes, and those of the user's profile are relied on there.

/** The text of a file that only this user, or root, can have written; `undefined` where there is none. Throws `invalid-request`. */
export async function readOwnFile(path: string, largest: number): Promise<string | undefined> {
  let file: number;
  try {
    // Not blocking, since opening a pipe would wait for its other end.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw unreadable(path, new Error('it is not a file'));
    checkOwner(path, stats);
    if (stats.size > largest) throw unreadable(path, new Error(`it is larger than ${largest} bytes`));
    const buffer = Buffer.alloc(largest + 1);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, largest + 1, 0));
  } finally {
    closeSync(file);
  }
}

/** Refuses a folder that others could change; one that is not there is fine. Throws `invalid-request`. */
export async function checkFolder(path: string): Promise<void> {
  await checkPath(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Refuses a file or folder that others could change, or that is not there. */
export async function checkPath(path: string): Promise<void> {
  checkOwner(path, statSync(path));
}

/** Writes a file of this user alone, whole or not at all; its folder is made where it is missing. */
export async function writeOwnFile(path: string, text: string): Promise<void> {
  // Only here: reading config.json comes with every command, and needs neither.
  const { mkdir, open, rename, rm } = await import('node:fs/promises');
  const { randomUUID } = await import('node:crypto');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new DisconnectError('internal', `${path} cannot be written: ${wordsOf(error)}`, {
      next: 'make room, or make its folder writable for yourself',
      cause: error,
    });
  }
}

/** A path as it is written in a shell's command. */
export function quoted(path: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function checkOwner(path: string, stats: Stats): void {
  const user = process.getuid?.();
  if (user === undefined) return;
  if (stats.uid !== user && stats.uid !== 0)
    throw refused(path, 'it belongs to another user', `sudo chown "$(id -un)" ${quoted(path)}`);
  if ((stats.mode & 0o022) !== 0)
    throw refused(path, 'other users can write to it', `chmod go-w ${quoted(path)}`);
}

function refused(path: string, why: string, next: string): DisconnectError {
  return new DisconnectError(
    'invalid-request',
    `${path} is not used: ${why}, and it names code that would be run`,
    { next },
  );
}

function unreadable(path: string, cause: unknown): DisconnectError {
  return new DisconnectError('invalid-request', `${path} cannot be read: ${wordsOf(cause)}`, {
    next: `ls -ld ${quoted(path)}`,
    cause,
  });
}

/** Whether a file operation failed since nothing is there. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function wordsOf(error: unknown): string {
  return (error as Error).message;
}
