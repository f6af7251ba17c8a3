import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { ESLint } from 'eslint';

const root = resolve(import.meta.dirname, '../../..');
const eslint = new ESLint({ cwd: root });
const ERROR = 2;

/** The rules that stop a change to the file, of those named. */
async function enforced(file, ...rules) {
  const config = await eslint.calculateConfigForFile(join(root, file));
  return rules.filter((rule) => config.rules[rule]?.[0] === ERROR);
}

const everywhere = [
  '@typescript-eslint/no-explicit-any',
  '@nx/enforce-module-boundaries',
  'slipline/container-only',
  'slipline/house-words',
  'slipline/inject-every-parameter',
  'slipline/no-barrel-but-index',
  'slipline/no-default-export-but-plugin',
  'slipline/no-enum',
  'slipline/no-late-import-in-decorated-class',
  'slipline/private-fields',
];
const [console, length, idle] = [
  'slipline/no-console-or-exit',
  'slipline/file-length',
  'slipline/no-idle-test',
];
const all = [...everywhere, console, length, idle];

it.each([
  ['packages/hpe-oneview/src/plugin.ts', [...everywhere, console, length]],
  ['packages/hpe-oneview/src/testing/index.ts', [...everywhere, console, length]],
  ['packages/hpe-oneview/src/plugin.test.ts', [...everywhere, console, idle]],
  ['apps/cli/src/main.ts', [...everywhere, length]],
  ['tools/tasks/src/pack.mjs', ['slipline/house-words', length]],
])('enforces the house rules in %s', async (file, rules) => {
  expect(await enforced(file, ...all)).toEqual(rules);
});
