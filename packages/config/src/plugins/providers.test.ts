import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DisconnectError } from '@slipline/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.ts';
import type { Program } from './program.ts';
import { findProviders, missingProvider, type Providers } from './providers.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-providers-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o755 });
  await writeFile(file, text, { mode: 0o644 });
}

/** A package as npm puts it beside the config; its modules say on `globalThis` that they ran. */
async function putPackage(name: string, main: string, manifest: object = {}): Promise<void> {
  const exports = { '.': { import: './main.js' }, './testing': { default: './testing.js' } };
  const fields = { name, version: '1.2.3', type: 'module', exports, ...manifest };
  await put(`node_modules/${name}/package.json`, JSON.stringify(fields));
  await put(`node_modules/${name}/main.js`, main);
  await put(`node_modules/${name}/testing.js`, 'export const openBench = async () => "a bench";');
}

const pluginSource = (id: string, extra = ''): string => `
  globalThis.imported = [...(globalThis.imported ?? []), '${id}'];
  export default (options) => ({ contract: 1, id: '${id}', title: 'Title', impact: 'low', find: {}, options,
    create: () => ({}), ${extra} });`;

const oneView = (): object => ({
  contract: 1,
  id: 'hpe-oneview',
  title: 'HPE OneView',
  impact: 'low',
  find: {},
  create: () => ({}),
});

/** A program that has one first-party provider installed. */
const program: Program = {
  resolve: (specifier) => {
    if (specifier.startsWith('@slipline/hpe-oneview')) return `file:///there/${specifier}`;
    throw new Error(`Cannot find package ${specifier}`);
  },
  import: async (specifier) =>
    specifier.endsWith('/testing') ? { openBench: 'a bench' } : { default: oneView },
  installCommand: (name) => `npm install ${name}@1.2.3`,
};

async function providersIn(where: string): Promise<Providers> {
  return findProviders(await readConfig(where), program);
}

async function providersOf(plugins: readonly object[], rest: object = {}): Promise<Providers> {
  await put('config.json', JSON.stringify({ plugins, ...rest }));
  return providersIn(folder);
}

const imported = (): readonly string[] => (globalThis as { imported?: string[] }).imported ?? [];
const idsOf = ({ installed }: Providers): readonly string[] => installed.map(({ id }) => id);

describe('first-party providers', () => {
  it('are those that can be resolved, and load from their package', async () => {
    const { installed, broken } = await providersIn(folder);
    expect([installed.length, broken]).toEqual([1, []]);
    expect(installed[0]).toMatchObject({ module: '@slipline/hpe-oneview', origin: 'first-party' });
    expect(await installed[0]?.load()).toMatchObject({ id: 'hpe-oneview', contract: 1 });
    expect(await installed[0]?.importTesting()).toEqual({ openBench: 'a bench' });
  });

  it('that are not installed name the one command that installs them', async () => {
    const error = missingProvider('entra', await providersIn(folder), program);
    expect(error).toMatchObject({ code: 'unknown-provider', message: 'provider "entra" is not installed' });
    expect(error.next).toBe('npm install @slipline/entra@1.2.3');
  });

  it('may be given options in config.json', async () => {
    const providers = await providersOf([
      { module: '@slipline/hpe-oneview', id: 'hpe-oneview', options: {} },
    ]);
    expect(idsOf(providers)).toEqual(['hpe-oneview']);
    expect(providers.broken).toEqual([]);
    expect(await providers.installed[0]?.load()).toMatchObject({ id: 'hpe-oneview' });
  });

  it('are not mixed up with names that nobody knows', async () => {
    const providers = await providersOf([]);
    for (const name of ['tmux', 'constructor', '__proto__']) {
      expect(missingProvider(name, providers, program)).toMatchObject({
        code: 'unknown-provider',
        message: `there is no provider "${name}"`,
        next: 'use one of: hpe-oneview',
      });
    }
  });
});

describe('plugins of config.json', () => {
  it('are found beside it, known by id without being imported, and made with their options', async () => {
    await putPackage('slipline-provider-lazy', pluginSource('lazy'));
    const providers = await providersOf([
      { module: 'slipline-provider-lazy', id: 'lazy', options: { socket: 'x' } },
    ]);
    expect(idsOf(providers)).toEqual(['hpe-oneview', 'lazy']);
    expect(imported()).not.toContain('lazy');
    const [, lazy] = providers.installed;
    expect(await lazy?.load()).toMatchObject({ id: 'lazy', options: { socket: 'x' } });
    expect(imported()).toContain('lazy');
    const testing = (await lazy?.importTesting()) as { openBench(): Promise<unknown> };
    expect(await testing.openBench()).toBe('a bench');
  });

  it('are imported for their id where the file does not say it', async () => {
    await putPackage('@scope/eager', pluginSource('eager'));
    expect(idsOf(await providersOf([{ module: '@scope/eager' }]))).toEqual(['hpe-oneview', 'eager']);
  });

  it('may be one file, or a package without exports and without a fake', async () => {
    await put('mine.mjs', pluginSource('mine'));
    await putPackage('old', pluginSource('old'), { exports: undefined, main: 'main.js' });
    const providers = await providersOf([
      { module: './mine.mjs', id: 'mine' },
      { module: 'old', id: 'old' },
    ]);
    expect(providers.broken).toEqual([]);
    for (const id of ['mine', 'old']) {
      const found = providers.installed.find((one) => one.id === id);
      expect(await found?.load()).toMatchObject({ id });
      expect(await found?.importTesting()).toBeUndefined();
    }
  });

  it.each([
    ['throws', `throw new Error('boom\\u001b[31m');`, 'internal', /cannot be loaded: boom$/],
    ['does not parse', `export default (;`, 'internal', /cannot be loaded/],
    ['needs what is missing', `import 'not-there-at-all';`, 'internal', /not-there-at-all/],
    ['has no factory', `export const plugin = {};`, 'unsupported', /default export/],
    ['makes nothing', `export default () => undefined;`, 'unsupported', /no provider plugin/],
    ['throws in its factory', `export default () => { throw new Error('bang') };`, 'internal', /bang/],
    ['has another contract', pluginSource('bad', 'contract: 2'), 'unsupported', /contract 2 .* contract 1/],
    ['has no id', pluginSource('bad', 'id: "A B"'), 'unsupported', /its id/],
    [
      'is not whole',
      pluginSource('bad', 'create: undefined'),
      'unsupported',
      /needs title, impact, find and create/,
    ],
    ['has another id', pluginSource('other'), 'unsupported', /is provider "other", not "bad"/],
  ])('one that %s is named when it is used, and the others work', async (_what, source, code, message) => {
    await putPackage('bad', source);
    await putPackage('good', pluginSource('good'));
    const providers = await providersOf([
      { module: 'bad', id: 'bad' },
      { module: 'good', id: 'good' },
    ]);
    expect(idsOf(providers)).toEqual(['hpe-oneview', 'bad', 'good']);
    const error: unknown = await providers.installed[1]?.load().catch((thrown: unknown) => thrown);
    expect(DisconnectError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message),
      next: expect.any(String),
    });
    expect((error as DisconnectError).message).toContain('"bad"');
    expect(await providers.installed[2]?.load()).toMatchObject({ id: 'good' });
  });

  it('that have no id and do not load are set aside, and named by module', async () => {
    await putPackage('bad', `throw new Error('boom');`);
    const providers = await providersOf([{ module: 'bad' }]);
    expect(idsOf(providers)).toEqual(['hpe-oneview']);
    expect(providers.broken).toMatchObject([{ module: 'bad', error: { code: 'internal' } }]);
    expect(missingProvider('bad', providers, program)).toMatchObject({ code: 'internal' });
  });

  it('cannot take the id of another provider, installed or not', async () => {
    for (const name of ['one', 'two', 'three', 'four']) await putPackage(name, pluginSource(name));
    const providers = await providersOf([
      { module: 'one', id: 'hpe-oneview' },
      { module: 'two', id: 'wsman' },
      { module: 'three', id: 'three' },
      { module: 'four', id: 'three' },
    ]);
    expect(idsOf(providers)).toEqual(['hpe-oneview', 'three']);
    expect(providers.installed[0]).toMatchObject({ module: '@slipline/hpe-oneview' });
    expect(providers.broken.map(({ error }) => [error.message, error.next])).toEqual([
      [
        'plugin "one" calls itself "hpe-oneview", which is @slipline/hpe-oneview',
        'slipline plugins remove one',
      ],
      ['plugin "two" calls itself "wsman", which is @slipline/wsman', 'slipline plugins remove two'],
      ['plugin "four" calls itself "three", which is three', 'slipline plugins remove four'],
    ]);
  });

  it('are looked for nowhere else', async () => {
    await put('outside.mjs', pluginSource('outside'));
    const inner = join(folder, 'inner');
    await mkdir(inner);
    for (const module of [
      '../outside.mjs',
      './../outside.mjs',
      join(folder, 'outside.mjs'),
      'jest',
      'not-there',
    ]) {
      await writeFile(join(inner, 'config.json'), JSON.stringify({ plugins: [{ module, id: 'outside' }] }));
      const providers = await providersIn(inner);
      expect(idsOf(providers)).toEqual(['hpe-oneview']);
      expect(providers.broken).toMatchObject([{ module, error: { code: 'invalid-request' } }]);
    }
    expect(imported()).not.toContain('outside');
  });

  it('are refused where others could have written them', async () => {
    await putPackage('loose', pluginSource('loose'));
    const isPosix = process.getuid !== undefined;
    for (const path of ['', '/package.json', '/main.js']) {
      const place = join(folder, 'node_modules/loose', path);
      await chmod(place, 0o777);
      const { broken } = await providersOf([{ module: 'loose', id: 'loose' }]);
      expect(broken.map(({ error }) => error.next)).toEqual(isPosix ? [`chmod go-w ${place}`] : []);
      await chmod(place, 0o755);
    }
  });

  it('with a broken package.json are named', async () => {
    await putPackage('torn', '');
    await put('node_modules/torn/package.json', '{ "name": ');
    const { broken } = await providersOf([{ module: 'torn', id: 'torn' }]);
    expect(broken).toMatchObject([
      {
        id: 'torn',
        error: { code: 'invalid-request', message: expect.stringContaining('"torn"') },
      },
    ]);
  });
});
