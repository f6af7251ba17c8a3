import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DisconnectError } from '@slipline/core';

// The service's own files: for this user alone. Windows has access lists instead of modes, and those of the user's
// profile are relied on there.

/** Makes a folder for this user alone where it is missing. Throws `invalid-request` where others could have put something into it. */
export async function privateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(folder);
  const user = process.getuid?.();
  if (user === undefined) return;
  if (uid !== user) throw unusable(folder, 'it belongs to another user');
  if ((mode & 0o022) !== 0) throw unusable(folder, 'other users can write to it');
  if ((mode & 0o077) !== 0) await chmod(folder, 0o700);
}

/** The text of one of the service's files; `undefined` where there is none. Throws `internal` for one larger than `largest` bytes. */
export async function readPrivate(file: string, largest: number): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > largest) throw new Error(`it is larger than ${largest} bytes`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DisconnectError('internal', `${file} cannot be read: ${(error as Error).message}`, {
      next: 'put it right or move it away',
      cause: error,
    });
  }
}

/** Writes a file for this user alone, whole or not at all, and on the disk when this returns. */
export async function writePrivate(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(draft, { force: true });
    throw new DisconnectError('internal', `${file} cannot be written: ${(error as Error).message}`, {
      next: 'make room, or make its folder writable',
      cause: error,
    });
  }
}

/** New and changed names in `folder` are on the disk when this returns. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and writes names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unusable(folder: string, why: string): DisconnectError {
  return new DisconnectError('invalid-request', `${folder} is not used: ${why}`, {
    next: 'put that right, or set SLIPLINE_HOME to a folder of your own',
  });
}
