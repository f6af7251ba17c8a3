import { closeSync, fstatSync, linkSync, openSync, readSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DisconnectError } from '@slipline/core';
import { codeOf, isCode, privateFolder, syncFolder, writePrivate } from './private-files.ts';

export const KEY_BYTES = 32;
const LONGEST = 1024;

/**
 * A wrapping key in a file: 32 bytes, as they are, in hexadecimal or in base64. `undefined` where there is no such file.
 * Throws `invalid-request` where it is no key, or where others than its user (and a group, if root owns it) can read it.
 */
export function readKeyFile(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw unusable(file, `cannot be read (${codeOf(error)})`, error);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw unusable(file, 'is not a file');
    if (process.platform !== 'win32') refuseOthers(file, stats.uid, stats.mode);
    const content = Buffer.alloc(LONGEST);
    return parseKey(content.subarray(0, readSync(descriptor, content, 0, LONGEST, 0)), file);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the file with a key in it, unless another process has just done so. Whether it was this one. */
export function makeKeyFile(file: string, key: Uint8Array): boolean {
  const folder = dirname(file);
  privateFolder(folder);
  // Whole or not at all: whoever sees the name sees the key.
  const draft = `${file}.${process.pid}`;
  try {
    writePrivate(draft, Buffer.from(`${Buffer.from(key).toString('base64')}\n`), 'w');
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw unusable(file, `cannot be made (${codeOf(error)})`, error);
  } finally {
    rmSync(draft, { force: true });
    syncFolder(folder);
  }
}

function refuseOthers(file: string, owner: number, mode: number): void {
  if (owner !== 0 && owner !== process.geteuid?.()) throw unusable(file, 'belongs to another user');
  // Services are given root's files through their group.
  const others = owner === 0 && process.geteuid?.() !== 0 ? 0o037 : 0o077;
  if ((mode & others) !== 0)
    throw unusable(file, 'can be read by other users', undefined, `chmod 600 ${file}`);
}

function parseKey(content: Buffer, file: string): Buffer {
  if (content.length === KEY_BYTES) return content;
  const text = content.toString('latin1').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return Buffer.from(text, 'base64');
  throw unusable(file, 'holds no key of 32 bytes', undefined, 'head -c 32 /dev/urandom | base64 makes one');
}

function unusable(file: string, why: string, cause?: unknown, next?: string): DisconnectError {
  return new DisconnectError('invalid-request', `the key file ${file} ${why}`, {
    cause,
    next: next ?? 'check its path and its rights',
  });
}
