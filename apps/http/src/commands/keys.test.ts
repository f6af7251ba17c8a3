import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { parseCommandLine, type KeysLine } from '../command-line.ts';
import { runKeys } from './keys.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipline-keys-command-'));
});

afterEach(() => rm(home, { recursive: true, force: true }));

const keys = (...words: readonly string[]): Promise<string> =>
  runKeys(parseCommandLine(['keys', ...words]) as KeysLine, { SLIPLINE_HOME: home });
const create = (...more: readonly string[]): Promise<string> =>
  keys('create', '--user', 'olga', '--role', 'operator', '--scope', 'wsman:server*', ...more);

it('a key is created, listed and revoked', async () => {
  const key = await create('--expires', '30d');
  expect(key).toMatch(/^slk_[a-z0-9]{12}_[\w-]{43}\n$/);
  const id = key.slice(4, 16);
  const table = await keys('ls');
  expect(table).toMatch(
    new RegExp(`^ID +USER +ROLE +SCOPES +CREATED +EXPIRES\n${id} +olga +operator +wsman:server\\*`),
  );
  expect(table).not.toContain(key.slice(17, 40));
  expect(await readFile(join(home, 'state', 'http', 'keys.json'), 'utf8')).not.toContain(key.slice(17, 40));
  expect(await keys('revoke', id)).toBe('');
  expect(await keys('ls')).not.toContain(id);
});

it.each([
  [['create', '--role', 'operator', '--scope', '*'], /--user/],
  [['create', '--user', 'a\nb', '--role', 'operator', '--scope', '*'], /--user/],
  [['create', '--user', 'olga', '--role', 'owner', '--scope', '*'], /--role is one of/],
  [['create', '--user', 'olga', '--role', 'viewer'], /--scope/],
  [['create', '--user', 'olga', '--role', 'viewer', '--scope', 'wsman'], /is not a scope/],
  [
    ['create', '--user', 'olga', '--role', 'viewer', '--scope', '*', '--expires', 'soon'],
    /--expires is not a duration/,
  ],
  [['create', 'x', '--user', 'olga', '--role', 'viewer', '--scope', '*'], /takes flags/],
  [['revoke'], /say which key/],
  [['revoke', 'abcabcabcabc'], /there is no key "abcabcabcabc"/],
  [['make'], /there is no "keys make"/],
])('%j is refused, and nothing is written', async (words, reason) => {
  await expect(keys(...words)).rejects.toThrow(reason);
  expect(await keys('ls')).not.toContain('olga');
});
