import { DisconnectError } from '@slipline/core';
import { makeWho, ROLES, type Role } from './who.ts';

/** A key as it is written down: nothing of it can be used to sign in. */
export interface KeyRecord {
  readonly id: string;
  readonly user: string;
  readonly role: Role;
  readonly scopes: readonly string[];
  /** SHA-256 of the secret part, hexadecimal. */
  readonly hash: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly expiresAt?: string | undefined;
}

const USER = /^[^\p{Cc}\p{Cf}]{1,128}$/u;

/** Whether this can be the name of a key's user. */
export function isUserName(text: string): boolean {
  return USER.test(text) && text.trim() === text;
}

/** Throws `internal` for what no version of this service writes. */
export function parseKeys(file: string, text: string | undefined): readonly KeyRecord[] {
  if (text === undefined) return [];
  try {
    const { version, keys } = JSON.parse(text) as { readonly version: unknown; readonly keys: unknown };
    if (version !== 1 || !Array.isArray(keys)) throw new Error('it is not a list of keys');
    return keys.map(parseKey);
  } catch (cause) {
    throw new DisconnectError('internal', `${file} is damaged: ${(cause as Error).message.slice(0, 200)}`, {
      next: 'put a copy back, or move it away and create the keys anew',
      cause,
    });
  }
}

function parseKey(value: unknown): KeyRecord {
  const record = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { id, user, role, scopes, hash, createdAt, expiresAt } = record;
  const isWhole =
    typeof id === 'string' &&
    /^[a-z0-9]{12}$/.test(id) &&
    typeof user === 'string' &&
    isUserName(user) &&
    ROLES.some((one) => one === role) &&
    Array.isArray(scopes) &&
    scopes.every((scope) => typeof scope === 'string') &&
    typeof hash === 'string' &&
    /^[0-9a-f]{64}$/.test(hash) &&
    isTime(createdAt) &&
    (expiresAt === undefined || isTime(expiresAt));
  if (!isWhole) throw new Error('it holds what is no key');
  makeWho(user, role as Role, scopes);
  return record as unknown as KeyRecord;
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
