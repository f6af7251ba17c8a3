import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { EOL, tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { bundle, pruneOutput } from './bundle.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof text === 'string' ? text : JSON.stringify(text));
}

function vendor(name, text) {
  write(`node_modules/${name}/package.json`, {
    name,
    version: '1.0.0',
    license: 'MIT',
    main: 'index.js',
    type: 'module',
  });
  write(`node_modules/${name}/index.js`, text);
}

const published = { exports: { '.': { types: './dist/index.d.ts', default: './bundle/index.js' } } };

it('takes development dependencies in, with their licences, and leaves the others out', async () => {
  vendor('inside', 'export const inside = "from inside";');
  write('node_modules/inside/LICENSE', 'Permission is granted.');
  vendor('outside', 'export const outside = "from outside";');
  write('package.json', {
    publishConfig: published,
    dependencies: { outside: '1' },
    peerDependencies: { '@slipline/core': '1' },
    devDependencies: { inside: '1' },
  });
  write(
    'dist/index.js',
    "export { inside } from 'inside'; export { outside } from 'outside'; export { Secret } from '@slipline/core';",
  );
  await bundle(folder);
  const text = readFileSync(join(folder, 'bundle/index.js'), 'utf8');
  expect(text).toContain('from inside');
  expect(text).not.toContain('from outside');
  expect(text).toMatch(/from ?"outside"/);
  expect(text).toMatch(/from ?"@slipline\/core"/);
  const notices = readFileSync(join(folder, 'bundle/THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(notices).toContain('inside 1.0.0 (MIT)\n\nPermission is granted.');
});

it('refuses to pass on a package without its licence', async () => {
  vendor('inside', 'export const inside = 1;');
  write('package.json', { publishConfig: published });
  write('dist/index.js', "export { inside } from 'inside';");
  await expect(bundle(folder)).rejects.toThrow(/inside has no licence file/);
});

it('keeps what is imported lazily lazy, and nothing of an earlier bundle', async () => {
  write('package.json', { publishConfig: published });
  write('dist/index.js', "export const load = () => import('./rare.js');");
  write('dist/rare.js', 'export const rare = "seldom needed";');
  write('bundle/old.js', '');
  await bundle(folder);
  expect(readFileSync(join(folder, 'bundle/index.js'), 'utf8')).not.toContain('seldom needed');
  expect(readdirSync(join(folder, 'bundle')).some((name) => name.startsWith('rare'))).toBe(true);
  expect(existsSync(join(folder, 'bundle/old.js'))).toBe(false);
});

it('makes one file of a program, in which what is imported lazily is run lazily', async () => {
  write('package.json', { publishConfig: {}, bin: { tool: './bin/tool.cjs' } });
  write('node_modules/other/package.json', { name: 'other', exports: './index.js' });
  write('node_modules/other/index.js', '');
  write(
    'dist/main.js',
    `const rare = () => import('./rare.js');
    globalThis.ran = [import.meta.url, import.meta.resolve('other')];
    globalThis.goOn = rare;`,
  );
  write('dist/rare.js', 'export const rare = globalThis.ran.push("rare");');
  await bundle(folder);
  expect(readdirSync(join(folder, 'bundle'))).toEqual(['main.cjs']);
  const program = `require('./bundle/main.cjs');
    const early = [...globalThis.ran];
    globalThis.goOn().then(() => console.log(JSON.stringify({ early, late: globalThis.ran })));`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' });
  const { early, late } = JSON.parse(stdout);
  const urls = ['bundle/main.cjs', 'node_modules/other/index.js'].map(
    (path) => pathToFileURL(join(realpathSync(folder), path)).href,
  );
  expect(early).toEqual(urls);
  expect(late).toEqual([...urls, 'rare']);
});

it("looks up what is used of Node's own modules, without importing them", async () => {
  write('package.json', { publishConfig: published });
  write(
    'dist/index.js',
    `import path, { join } from 'node:path'; import * as os from 'node:os'; import { inspect } from 'node:util';
    export const answer = [path.sep, join('a', 'b'), os.EOL, typeof inspect];
    export const lazy = () => import('node:zlib');`,
  );
  await bundle(folder);
  expect(readFileSync(join(folder, 'bundle/index.js'), 'utf8')).not.toMatch(
    /from ?['"]node:|zlib.{0,5}getBuiltin/,
  );
  const { answer, lazy } = await import(join(folder, 'bundle/index.js'));
  expect(answer).toEqual([sep, join('a', 'b'), EOL, 'function']);
  expect(typeof (await lazy()).gzipSync).toBe('function');
});

it('refuses a lazy import of CommonJS, whose names would be lost', async () => {
  vendor('inside', 'module.exports.inside = 1;');
  write('node_modules/inside/LICENSE', 'Permission is granted.');
  write('node_modules/inside/package.json', {
    name: 'inside',
    version: '1.0.0',
    license: 'MIT',
    main: 'index.js',
  });
  write('package.json', { publishConfig: published });
  write('dist/index.js', "export const load = async () => (await import('inside')).inside;");
  await expect(bundle(folder)).rejects.toThrow(/import\('inside'\), which is CommonJS/);
  write('dist/index.js', "export const load = async () => (await import('./inside.js')).inside;");
  write('dist/inside.js', "export { inside } from 'inside';");
  await bundle(folder);
  const { load } = await import(join(folder, 'bundle/index.js'));
  await expect(load()).resolves.toBe(1);
});

it('deletes output whose source is gone', () => {
  for (const name of ['kept', 'gone']) {
    for (const ending of ['.js', '.js.map', '.d.ts', '.d.ts.map']) write(`dist/deep/${name}${ending}`, '');
  }
  write('dist/.tsbuildinfo', '');
  write('src/deep/kept.ts', '');
  pruneOutput(folder);
  expect(readdirSync(join(folder, 'dist/deep')).sort()).toEqual([
    'kept.d.ts',
    'kept.d.ts.map',
    'kept.js',
    'kept.js.map',
  ]);
  expect(existsSync(join(folder, 'dist/.tsbuildinfo'))).toBe(true);
});
