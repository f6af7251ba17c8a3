import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CommandLine } from '../command-line.test.support.ts';
import { ENTRY } from '../own-program.ts';

jest.setTimeout(60_000);

let home: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipline-plugins-test-'));
  environment = { PATH: process.env['PATH'], SLIPLINE_HOME: home, SLIPLINE_KEYRING: 'off' };
});

afterEach(() => rm(home, { recursive: true, force: true }));

function slipline(...args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync(process.execPath, [ENTRY, ...args], { env: environment, cwd: home, encoding: 'utf8' });
}

async function put(path: string, text: string): Promise<void> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o755 });
  await writeFile(file, text, { mode: 0o600 });
}

/** A plugin in one file, which leaves a mark when it is imported. */
async function putPlugin(id: string, source = ''): Promise<object> {
  const mark = JSON.stringify(join(home, `imported-${id}`));
  await put(
    `config/${id}.mjs`,
    `import { writeFileSync } from 'node:fs';
     writeFileSync(${mark}, '');
     ${source}
     export default () => ({ contract: 1, id: '${id}', title: 'The ${id}', impact: 'low',
       find: { room: { type: 'string', summary: 'which room', position: 0 } },
       create: () => ({ async *find() {
         yield { provider: '${id}', endpoint: 'here', id: '1', kind: 'seat', label: 'ann', state: 'live', ownership: 'foreign',
           effects: ['end'], fingerprint: 'x', details: {} };
       } }) });`,
  );
  return { module: `./${id}.mjs`, id };
}

const configure = (plugins: readonly object[]): Promise<void> =>
  put('config/config.json', JSON.stringify({ plugins }));
const wasImported = (id: string): boolean => existsSync(join(home, `imported-${id}`));

describe('a plugin that config.json names', () => {
  it('is a provider like any other: in providers, ls, disconnect, help and completion', async () => {
    await configure([await putPlugin('desk')]);
    expect(slipline('providers').stdout).toContain('The desk');
    expect(slipline('ls', 'desk', 'room-1').stdout).toMatch(/^desk:1 +live/m);
    expect(slipline('disconnect', 'desk', 'room-1', '--what-if').stdout).toContain('would end ann (desk:1)');
    expect(slipline('help', 'ls', 'desk').stdout).toContain('--room');
    expect(slipline('help').stdout).toContain('desk');
    expect(slipline('__complete', '--', 'ls', 'd').stdout).toBe('desk\n');
    expect(slipline('__complete', '--', 'ls', 'desk', '--ro').stdout).toBe('--room\twhich room\n');
  });

  it('is not imported by commands that only read what is written down', async () => {
    await configure([await putPlugin('desk')]);
    expect(slipline('ls')).toMatchObject({ status: 0, stdout: '' });
    expect(slipline('ls', 'desk')).toMatchObject({ status: 0, stdout: '' });
    expect(slipline('history')).toMatchObject({ status: 0 });
    expect(slipline('plugins', 'list').stdout).toContain('desk');
    expect(slipline('__complete', '--', 'disconnect', '').stdout).toContain('desk');
    expect(wasImported('desk')).toBe(false);
    slipline('providers');
    expect(wasImported('desk')).toBe(true);
  });

  it('that throws when it is imported is named with what to do, and stands in nobody’s way', async () => {
    await configure([await putPlugin('bad', `throw new Error('no such luck');`), await putPlugin('desk')]);
    expect(slipline('disconnect', 'bad', '--what-if')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^internal: plugin ".\/bad\.mjs" cannot be loaded: no such luck\nnext: .*slipline plugins remove/,
      ),
    });
    expect(slipline('disconnect', 'desk', 'room-1', '--what-if')).toMatchObject({ status: 0 });
    const { status, stdout, stderr } = slipline('providers');
    expect([status, stdout, stderr]).toEqual([
      1,
      expect.stringMatching(/desk[^]*hpe-oneview|hpe-oneview[^]*desk/),
      expect.stringContaining('no such luck'),
    ]);
    expect(slipline('ls')).toMatchObject({ status: 0 });
  });

  it('is not found in the working directory', async () => {
    await put('config.json', JSON.stringify({ plugins: [{ module: './evil.mjs', id: 'evil' }] }));
    await put('evil.mjs', `import { writeFileSync } from 'node:fs'; writeFileSync('imported-evil', '');`);
    expect(slipline('ls', 'evil').stderr).toMatch(/^unknown-provider: there is no provider "evil"/);
    expect(wasImported('evil')).toBe(false);
  });
});

describe('a config.json that cannot be used', () => {
  const isPosix = process.getuid !== undefined;

  it('is refused when others can write to it, before anything of it is run', async () => {
    await configure([await putPlugin('desk')]);
    const file = join(home, 'config/config.json');
    await chmod(file, 0o666);
    const { status, stderr } = slipline('providers');
    expect([status, stderr]).toEqual(
      isPosix ? [2, expect.stringContaining(`next: chmod go-w ${file}`)] : [0, ''],
    );
    expect(wasImported('desk')).toBe(!isPosix);
  });

  it('is named, with what is wrong in it', async () => {
    await put('config/config.json', '{ "plugins": [ }');
    expect(slipline('ls')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^invalid-request: .*config\.json cannot be used: it is not JSON .*\nnext: edit .*config\.json\n$/,
      ),
    });
    expect(slipline('__complete', '--', 'disconnect', '')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('completion', () => {
  it('makes nothing where there is nothing', async () => {
    expect(slipline('__complete', '--', 'disconnect', 'hpe-oneview', '')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(slipline('__complete', '--', 'trust', 'remove', '')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(slipline('__complete')).toMatchObject({ status: 0, stderr: '' });
    expect(await readdir(home)).toEqual([]);
  });

  it('knows the connections in the ledger by number and by name', async () => {
    await using cli = await CommandLine.start(['ov1.example', 'ov2.example']);
    await cli.connect('ov1.example');
    await cli.connect('ov2.example');
    environment = { ...environment, ...cli.environment };
    const before = cli.appliance().requestCount;
    expect(slipline('__complete', '--', 'disconnect', 'hpe-oneview', '').stdout.split('\n')).toEqual([
      '1\tAdministrator on ov1.example',
      '2\tAdministrator on ov2.example',
      'ov1.example',
      'ov2.example',
      '',
    ]);
    expect(slipline('__complete', '--', 'access', 'hpe-oneview:').stdout).toMatch(/^hpe-oneview:1\t/);
    expect(cli.appliance().requestCount).toBe(before);
  });
});
