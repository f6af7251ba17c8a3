import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig, writePlugins } from './config.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-config-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(value: unknown): Promise<void> {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  await writeFile(join(folder, 'config.json'), text, { mode: 0o600 });
}

describe('reading config.json', () => {
  it('takes plugins and settings, and resolves files against its own folder', async () => {
    await write({
      plugins: [
        { module: 'slipline-provider-tmux', id: 'tmux', options: { socket: '/tmp/x' } },
        { module: './mine.mjs' },
      ],
      output: 'json',
      resolve: ['a.example:127.0.0.1:8443'],
      caFile: 'ca.pem',
      timeout: 30,
    });
    expect(await readConfig(folder)).toEqual({
      folder,
      plugins: [
        { module: 'slipline-provider-tmux', id: 'tmux', options: { socket: '/tmp/x' } },
        { module: './mine.mjs' },
      ],
      settings: {
        output: 'json',
        resolve: ['a.example:127.0.0.1:8443'],
        caFile: [join(folder, 'ca.pem')],
        timeout: 30,
      },
    });
  });

  it('is content with no file, and with no folder', async () => {
    const empty = { plugins: [], settings: {} };
    expect(await readConfig(folder)).toEqual({ folder, ...empty });
    const missing = join(folder, 'none', 'at-all');
    expect(await readConfig(missing)).toEqual({ folder: missing, ...empty });
  });

  it('reads past a byte order mark', async () => {
    await write('\ufeff{"output":"csv"}');
    expect((await readConfig(folder)).settings).toEqual({ output: 'csv' });
  });

  it.each([
    ['{ "plugins": [', /not JSON/],
    [[], /it is not an object/],
    [{ plugins: {} }, /"plugins" is not a list/],
    [{ plugins: Array.from({ length: 101 }, (_, n) => ({ module: `p${n}` })) }, /more than 100/],
    [{ plugins: [7] }, /plugins\[0\] is not an object/],
    [{ plugins: [{ module: 'a' }, { id: 'b' }] }, /plugins\[1\]\.module/],
    [{ plugins: [{ module: 'x'.repeat(1025) }] }, /plugins\[0\]\.module/],
    [{ plugins: [{ module: 'a', id: 'Not An Id' }] }, /plugins\[0\]\.id/],
    [{ plugins: [{ module: 'a', options: [] }] }, /plugins\[0\]\.options is not an object/],
    [{ plugins: [{ module: 'a', path: 'b' }] }, /plugins\[0\] has "path"/],
    [{ plugins: [{ module: 'a' }, { module: 'a' }] }, /"a" twice/],
    [
      `{"plugins":[{"module":"a","options":{"x":${'['.repeat(5000)}${']'.repeat(5000)}}}]}`,
      /nested more than 20/,
    ],
    [{ outptu: 'json' }, /unknown parameter "outptu"/],
    [{ output: 'yaml' }, /output/],
    [{ timeout: 0 }, /timeout is at least 1/],
    [`{"output":"json"}${' '.repeat(1_048_576)}`, /larger than 1048576 bytes/],
  ])('refuses %.60j, saying where and what to do', async (value, message) => {
    await write(value);
    await expect(readConfig(folder)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(message),
      next: expect.stringContaining(folder),
    });
  });
});

const isPosix = process.getuid !== undefined;
const isRoot = process.getuid?.() === 0;

// Windows has no modes and no owners that could be compared: its rule is that of the profile's folder.
describe('whose config.json it is', () => {
  it('refuses a file that others can write', async () => {
    await write({});
    for (const mode of isPosix ? [0o620, 0o602] : []) {
      await chmod(join(folder, 'config.json'), mode);
      await expect(readConfig(folder)).rejects.toMatchObject({
        message: expect.stringContaining('other users can write to it'),
        next: `chmod go-w ${join(folder, 'config.json')}`,
      });
    }
    expect(isPosix || (await readConfig(folder))).toBeTruthy();
  });

  it('refuses a folder that others can write, whether or not it has a file', async () => {
    if (isPosix) await chmod(folder, 0o777);
    const reading = readConfig(folder);
    const next = `chmod go-w ${folder}`;
    await (isPosix ? expect(reading).rejects.toMatchObject({ code: 'invalid-request', next }) : reading);
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses what belongs to another user', async () => {
    await write({});
    // Only root can give a file away, so others look at one that somebody else has: none is theirs to make.
    if (isRoot) await chown(join(folder, 'config.json'), 12345, 12345);
    const reading = readConfig(folder);
    await (isRoot
      ? expect(reading).rejects.toMatchObject({
          message: expect.stringContaining('belongs to another user'),
        })
      : expect(reading).resolves.toMatchObject({ plugins: [] }));
  });

  it('looks at the file behind a link, and never waits for a pipe', async () => {
    const other = join(folder, 'dotfiles');
    await mkdir(other);
    await writeFile(join(other, 'config.json'), '{"output":"none"}', { mode: 0o600 });
    await symlink(join(other, 'config.json'), join(folder, 'config.json'));
    expect((await readConfig(folder)).settings).toEqual({ output: 'none' });
    await rm(join(folder, 'config.json'));
    if (isPosix) execFileSync('mkfifo', ['-m', '600', join(folder, 'config.json')]);
    const reading = readConfig(folder);
    await (isPosix ? expect(reading).rejects.toMatchObject({ code: 'invalid-request' }) : reading);
  });
});

describe('writing the list of plugins', () => {
  it('makes folder and file for this user alone, and leaves no draft', async () => {
    const fresh = join(folder, 'new', 'slipline');
    await writePlugins(fresh, [{ module: 'a', id: 'a' }]);
    expect(JSON.parse(await readFile(join(fresh, 'config.json'), 'utf8'))).toEqual({
      plugins: [{ module: 'a', id: 'a' }],
    });
    expect(await readdir(fresh)).toEqual(['config.json']);
    const modes = [(await stat(fresh)).mode & 0o777, (await stat(join(fresh, 'config.json'))).mode & 0o777];
    expect(modes).toEqual(isPosix ? [0o700, 0o600] : modes);
  });

  it('keeps what else the file says, as it was written', async () => {
    await write({ caFile: 'ca.pem', plugins: [{ module: 'a' }], output: 'json' });
    await writePlugins(folder, []);
    expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toEqual({
      caFile: 'ca.pem',
      plugins: [],
      output: 'json',
    });
  });

  it('does not replace a file that it cannot read', async () => {
    await write('{ "plugins": [');
    await expect(writePlugins(folder, [])).rejects.toMatchObject({ code: 'invalid-request' });
    expect(await readFile(join(folder, 'config.json'), 'utf8')).toBe('{ "plugins": [');
  });
});
