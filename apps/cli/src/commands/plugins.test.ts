import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readConfig } from '@slipline/config';
import { runCommand } from '../context.test.support.ts';
import { findProviders } from '@slipline/config/plugins';
import { plugins } from './plugins.ts';
import { PROGRAM } from '../own-program.ts';

// npm is a program that needs its time.
jest.setTimeout(60_000);

let place: string;
let folder: string;

beforeEach(async () => {
  place = await realpath(await mkdtemp(join(tmpdir(), 'slipline-plugins-')));
  folder = join(place, 'config');
});

afterEach(() => rm(place, { recursive: true, force: true }));

const run = (positionals: readonly string[], flags: object = {}) =>
  runCommand(plugins, { positionals, flags }, { folder });

/** A tarball of a plugin, as `npm pack` makes it. */
async function pack(name: string, version: string, source: string, manifest: object = {}): Promise<string> {
  const stem = `${name.replace('/', '-')}-${version}`;
  const author = join(place, stem, 'package');
  await mkdir(author, { recursive: true });
  const fields = { name, version, type: 'module', exports: { '.': { import: './main.js' } }, ...manifest };
  await writeFile(join(author, 'package.json'), JSON.stringify(fields));
  await writeFile(join(author, 'main.js'), source);
  execFileSync('tar', ['-czf', `${stem}.tgz`, '-C', stem, 'package'], { cwd: place });
  return join(place, `${stem}.tgz`);
}

const pluginSource = (id: string): string => `
  import { DisconnectError } from '@slipline/core';
  export default (options) => ({ contract: 1, id: '${id}', title: 'T', impact: 'low', find: {}, options,
    error: DisconnectError, create: () => ({}) });`;

const configText = (): Promise<string> => readFile(join(folder, 'config.json'), 'utf8');

/** Everything in the config folder, by path and content. */
async function snapshot(): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = async (file: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  return Object.fromEntries(
    await Promise.all(files.sort().map(async (file) => [file, await hash(file)] as const)),
  );
}

describe('plugins add', () => {
  it('installs a tarball beside config.json, names it there, and it loads with the core of this program', async () => {
    const tarball = await pack('slipline-provider-one', '1.0.0', pluginSource('one'), {
      peerDependencies: { '@slipline/core': '^0.1.0' },
      scripts: { postinstall: `node -e "require('node:fs').writeFileSync('${join(place, 'ran')}', '')"` },
    });
    const { code, stdout } = await run(['add', tarball]);
    expect([code, stdout]).toEqual([0, 'Added provider "one" (slipline-provider-one 1.0.0).\n']);
    expect(JSON.parse(await configText())).toEqual({
      plugins: [{ module: 'slipline-provider-one', id: 'one' }],
    });
    const { installed } = await findProviders(await readConfig(folder), PROGRAM);
    const plugin: unknown = await installed.find(({ id }) => id === 'one')?.load();
    expect(plugin).toMatchObject({ id: 'one', error: expect.any(Function) });
    expect((await readdir(place)).includes('ran')).toBe(false);
    const modes = await Promise.all(
      ['', 'config.json', 'node_modules/slipline-provider-one'].map(
        async (path) => (await stat(join(folder, path))).mode & 0o777,
      ),
    );
    expect(modes).toEqual(process.getuid === undefined ? modes : [0o700, 0o600, 0o700]);
  });

  it('keeps the plugins that are there, also when their tarballs are gone, and the options of the one it replaces', async () => {
    const first = await pack('first', '1.0.0', pluginSource('first'));
    const second = await pack('second', '1.0.0', pluginSource('second'));
    await run(['add', first]);
    await writeFile(
      join(folder, 'config.json'),
      JSON.stringify({ plugins: [{ module: 'first', id: 'first', options: { a: 1 } }], output: 'json' }),
    );
    await rm(first);
    await run(['add', second]);
    await run(['add', await pack('first', '2.0.0', pluginSource('first'))]);
    expect(JSON.parse(await configText())).toEqual({
      plugins: [
        { module: 'second', id: 'second' },
        { module: 'first', id: 'first', options: { a: 1 } },
      ],
      output: 'json',
    });
    const { installed } = await findProviders(await readConfig(folder), PROGRAM);
    const added = installed.filter(({ origin }) => origin === 'config');
    expect(added.map(({ id, version }) => [id, version])).toEqual([
      ['second', '1.0.0'],
      ['first', '2.0.0'],
    ]);
    for (const one of added) expect(await one.load()).toMatchObject({ id: one.id });
  });

  it.each([
    ['throws when it is imported', `throw new Error('boom')`, /boom/],
    ['is no plugin', `export default 1`, /default export/],
    ['takes the id of another', pluginSource('hpe-oneview'), /which is @slipline\/hpe-oneview/],
  ])('puts everything back where a plugin %s', async (_what, source, message) => {
    await run(['add', await pack('good', '1.0.0', pluginSource('good'))]);
    const before = await snapshot();
    await expect(run(['add', await pack('bad', '1.0.0', source)])).rejects.toMatchObject({
      message: expect.stringMatching(message),
    });
    expect(await snapshot()).toEqual(before);
    expect((await findProviders(await readConfig(folder), PROGRAM)).installed.map(({ id }) => id)).toContain(
      'good',
    );
  });

  it('puts everything back where npm fails, and says why', async () => {
    await mkdir(folder, { mode: 0o700 });
    const torn = join(place, 'torn.tgz');
    await writeFile(torn, 'not a tarball');
    await expect(run(['add', torn])).rejects.toMatchObject({
      message: expect.stringContaining('npm could not do it: '),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('fetches one version from a registry', async () => {
    const tarball = await readFile(await pack('@scope/from-afar', '1.2.3', pluginSource('afar')));
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const registry = createServer((request, response) => {
      if (request.url === '/afar.tgz') return void response.end(tarball);
      const { host = '' } = request.headers;
      const version = {
        name: '@scope/from-afar',
        version: '1.2.3',
        dist: { tarball: `http://${host}/afar.tgz`, integrity },
      };
      const versions = { '1.2.3': version, '1.3.0': { ...version, version: '1.3.0' } };
      if (request.url !== '/@scope%2ffrom-afar') return void response.writeHead(404).end();
      response.end(JSON.stringify({ name: '@scope/from-afar', 'dist-tags': { latest: '1.3.0' }, versions }));
    }).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    const environment = {
      ...process.env,
      npm_config_registry: `http://127.0.0.1:${port}`,
      npm_config_cache: join(place, 'cache'),
      npm_config_fetch_retries: '0',
    };
    const addFrom = (spec: string) =>
      runCommand(plugins, { positionals: ['add', spec] }, { folder, environment });
    try {
      await addFrom('@scope/from-afar@1.2.3');
      expect(JSON.parse(await configText())).toEqual({
        plugins: [{ module: '@scope/from-afar', id: 'afar' }],
      });
      const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as object;
      expect(manifest).toMatchObject({ dependencies: { '@scope/from-afar': '1.2.3' } });
      await expect(addFrom('@scope/from-afar@9.9.9')).rejects.toMatchObject({
        code: 'not-found',
        message: 'npm could not do it: No matching version found for @scope/from-afar@9.9.9.',
      });
      await expect(addFrom('no-such-package@1.0.0')).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('Not Found - GET http'),
      });
    } finally {
      registry.close();
    }
    await expect(addFrom('gone@1.0.0')).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('puts everything back when it is interrupted while npm is at work', async () => {
    await run(['add', await pack('good', '1.0.0', pluginSource('good'))]);
    const before = await snapshot();
    const controller = new AbortController();
    const registry = createServer(() => controller.abort(new Error('interrupted'))).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    const environment = { ...process.env, npm_config_registry: `http://127.0.0.1:${port}` };
    const { signal } = controller;
    const stage = { folder, environment, signal };
    await expect(runCommand(plugins, { positionals: ['add', 'a@1.0.0'] }, stage)).rejects.toThrow(
      'interrupted',
    );
    expect(await snapshot()).toEqual(before);
    registry.close().closeAllConnections();
  });

  it('undoes what a process that was killed left behind, and waits for none that is at work', async () => {
    await run(['add', await pack('good', '1.0.0', pluginSource('good'))]);
    const before = await snapshot();
    const copy = join(folder, '.before-plugins');
    const keep = async (pid: number): Promise<void> => {
      await mkdir(copy);
      const names = ['config.json', 'package.json', 'package-lock.json', 'node_modules'];
      for (const name of names)
        await cp(join(folder, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
      await writeFile(join(copy, 'before.json'), JSON.stringify({ pid, names }));
    };
    await keep(process.pid);
    await expect(run(['remove', 'good'])).rejects.toMatchObject({
      message: expect.stringContaining('at work'),
    });
    await rm(copy, { recursive: true });
    await keep(2 ** 30);
    await writeFile(join(folder, 'config.json'), '{"plugins":[]}', { mode: 0o600 });
    await rm(join(folder, 'node_modules'), { recursive: true });
    await expect(run(['add', join(place, 'torn.tgz')])).rejects.toThrow();
    await writeFile(join(place, 'torn.tgz'), 'x');
    await expect(run(['add', join(place, 'torn.tgz')])).rejects.toThrow();
    expect(await snapshot()).toEqual(before);
  });

  it('only says what it would do when asked', async () => {
    const { code, stdout } = await run(['add', 'slipline-provider-tmux@1.0.0'], { whatIf: true });
    expect([code, stdout]).toEqual([
      0,
      `Would install slipline-provider-tmux@1.0.0 into ${folder} and name it in config.json.\n`,
    ]);
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    'slipline-provider-tmux',
    'slipline-provider-tmux@latest',
    'slipline-provider-tmux@^1.0.0',
    'slipline-provider-tmux@1',
    'slipline-provider-tmux@1.x',
    '@scope/name',
    'npm:other@1.0.0',
    'https://example.com/x',
    'git+https://example.com/x.git#1.0.0',
    '../folder',
    '--registry=http://example.com',
    'UPPER@1.0.0',
    'missing.tgz',
  ])('refuses %s, which is not one exact version', async (spec) => {
    await expect(run(['add', spec])).rejects.toMatchObject({
      code: 'invalid-request',
      next: expect.stringContaining('slipline plugins add'),
    });
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('plugins list and remove', () => {
  it('shows what config.json names, with what is wrong', async () => {
    await run(['add', await pack('good', '1.2.3', pluginSource('good'))]);
    const { plugins: entries } = JSON.parse(await configText()) as { plugins: object[] };
    await writeFile(
      join(folder, 'config.json'),
      JSON.stringify({ plugins: [...entries, { module: 'gone', id: 'gone' }] }),
    );
    const { code, stdout, problems } = await runCommand(
      plugins,
      { positionals: ['list'] },
      { folder, format: 'json' },
    );
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual([
      { id: 'good', module: 'good', version: '1.2.3' },
      { id: 'gone', module: 'gone', problem: 'plugin "gone" is named in config.json and not installed' },
    ]);
    expect(problems).toMatchObject([
      { next: 'slipline plugins add gone@VERSION, or: slipline plugins remove gone' },
    ]);
  });

  it('takes a plugin away by id or by module, and leaves the others', async () => {
    await run(['add', await pack('@scope/one', '1.0.0', pluginSource('one'))]);
    await run(['add', await pack('two', '1.0.0', pluginSource('two'))]);
    await writeFile(join(folder, 'mine.mjs'), pluginSource('mine'));
    const { plugins: entries } = JSON.parse(await configText()) as { plugins: object[] };
    await writeFile(
      join(folder, 'config.json'),
      JSON.stringify({ plugins: [...entries, { module: './mine.mjs', id: 'mine' }] }),
    );
    const dry = await run(['remove', 'one'], { whatIf: true });
    expect(dry.stdout).toContain('Would take @scope/one out');
    expect(await run(['remove', 'one'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Removed @scope/one.'),
    });
    await run(['remove', './mine.mjs']);
    expect(JSON.parse(await configText())).toEqual({ plugins: [{ module: 'two', id: 'two' }] });
    expect(await readdir(join(folder, 'node_modules'))).toEqual(expect.arrayContaining(['two']));
    await expect(stat(join(folder, 'node_modules/@scope/one'))).rejects.toMatchObject({ code: 'ENOENT' });
    const { installed } = await findProviders(await readConfig(folder), PROGRAM);
    expect(await installed.find(({ id }) => id === 'two')?.load()).toMatchObject({ id: 'two' });
    expect(await readdir(dirname(join(folder, 'mine.mjs')))).toContain('mine.mjs');
  });

  it('knows what it can do, and what is not there', async () => {
    for (const words of [
      [],
      ['list', 'x'],
      ['add'],
      ['add', 'a@1.0.0', 'b@1.0.0'],
      ['remove'],
      ['rm', 'x'],
    ]) {
      await expect(run(words)).rejects.toMatchObject({
        code: 'invalid-request',
        next: 'slipline plugins list | add NAME@VERSION | add FILE.tgz | remove NAME',
      });
    }
    await expect(run(['remove', 'nobody'])).rejects.toMatchObject({
      code: 'not-found',
      next: 'slipline plugins list',
    });
  });
});
