import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { childEnvironment, npmProgram, root } from './environment.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'environment-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("puts the workspace's programs and the Node asked for first, under the name that the variable has", () => {
  const environment = childEnvironment({ Path: 'elsewhere', HOME: '/home/me' }, join('opt', 'node'));
  expect(environment).not.toHaveProperty('PATH');
  expect(environment.Path.split(delimiter)).toEqual([join(root, 'node_modules', '.bin'), 'opt', 'elsewhere']);
  expect(environment.HOME).toBe('/home/me');
});

it('lets a nested npm say why it fails, whatever `npm run -s` asked for', () => {
  expect(childEnvironment({ npm_config_loglevel: 'silent' }).npm_config_loglevel).toBe('warn');
  expect(childEnvironment({ npm_config_loglevel: 'verbose' }).npm_config_loglevel).toBe('verbose');
});

it('keeps Nx at home', () => {
  expect(childEnvironment({})).toMatchObject({ NX_NO_CLOUD: 'true', NX_DAEMON: 'false' });
});

it('takes the npm that started this, or the one beside Node', () => {
  expect(npmProgram({ npm_execpath: '/opt/npm/bin/npm-cli.js' })).toBe('/opt/npm/bin/npm-cli.js');
  const node = join(folder, 'bin', 'node');
  const npm = join(folder, 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  mkdirSync(dirname(npm), { recursive: true });
  writeFileSync(npm, '');
  expect(npmProgram({ npm_execpath: '/opt/yarn.js' }, node)).toBe(npm);
});

it('says how to go on where there is no npm', () => {
  expect(() => npmProgram({}, join(folder, 'bin', 'node'))).toThrow(/start this through npm/);
});
