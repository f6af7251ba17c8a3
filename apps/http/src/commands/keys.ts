import { join } from 'node:path';
import { parseDuration, type Environment } from '@slipline/config';
import { systemClock } from '@slipline/core';
import { usage, type KeysLine } from '../command-line.ts';
import { ownPaths, serviceFolder } from '../composition.ts';
import { privateFolder } from '../files.ts';
import { isUserName } from '../security/key-records.ts';
import { KeyStore } from '../security/key-store.ts';
import { ROLES, type Role } from '../security/who.ts';

/** `keys create|ls|revoke`: a service that runs notices within a second. Answers what is printed. */
export async function runKeys(line: KeysLine, environment: Environment): Promise<string> {
  const [verb, ...words] = line.words;
  const folder = serviceFolder(ownPaths(environment));
  await privateFolder(folder);
  const keys = await KeyStore.open(join(folder, 'keys.json'), systemClock);
  switch (verb) {
    case 'create':
      if (words.length > 0) throw usage(`keys create takes flags, not "${words[0]}"`);
      return create(line, keys);
    case 'ls':
    case undefined:
      return list(keys);
    case 'revoke':
      if (words.length === 0) throw usage('say which key to revoke');
      for (const id of words) await keys.revoke(id);
      return '';
    default:
      throw usage(`there is no "keys ${verb.slice(0, 40)}"`);
  }
}

async function create({ user, role, scope, expires }: KeysLine, keys: KeyStore): Promise<string> {
  if (user === undefined || !isUserName(user))
    throw usage('--user is the name that receipts and the audit show');
  if (!ROLES.some((one) => one === role)) throw usage(`--role is one of: ${ROLES.join(', ')}`);
  if (scope === undefined)
    throw usage('--scope says what the key is for: wsman:server*, or * for everything');
  const lifetime = expires === undefined ? undefined : parseDuration(expires, '--expires');
  const { key } = await keys.create({ user, role: role as Role, scopes: scope, lifetime });
  return `${key}\n`;
}

async function list(keys: KeyStore): Promise<string> {
  const rows = (await keys.list()).map(({ id, user, role, scopes, createdAt, expiresAt }) => [
    id,
    user,
    role,
    scopes.join(','),
    createdAt.slice(0, 10),
    expiresAt === undefined ? 'never' : expiresAt.slice(0, 10),
  ]);
  const table = [['ID', 'USER', 'ROLE', 'SCOPES', 'CREATED', 'EXPIRES'], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((text) => `${text.trimEnd()}\n`).join('');
}
