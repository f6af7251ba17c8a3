import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPLICATION, Clouds } from './clouds.test.support.ts';

// Which files a process loads, as V8 itself tells.
jest.setTimeout(60_000);

const TENANT = 'contoso.onmicrosoft.com';
/** What fetches tokens, and what reads certificates: neither is quick to load. */
const LATE = ['@azure/msal-node', '@azure/msal-common', 'node-forge'];

let clouds: Clouds;
beforeEach(async () => {
  clouds = await Clouds.start();
});
afterEach(() => clouds[Symbol.asyncDispose]());

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The files that a command line loads; it must end well. */
async function loadedBy(...argv: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(clouds.lab.home, 'loaded-'));
  const ran = await clouds.spawn(argv, { NODE_V8_COVERAGE: folder }).ended;
  expect([argv, ran.code]).toEqual([argv, 0]);
  return readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Coverage;
    return result.map(({ url }) => url);
  });
}

const late = (files: readonly string[]) =>
  LATE.filter((name) => files.some((file) => file.includes(`/node_modules/${name}/`)));

it.each([
  ['entra', [TENANT]],
  ['exchange-online', ['--organization', TENANT]],
])('%s is listed and forgotten without what fetches tokens', async (provider, place) => {
  // What is looked for can be found.
  expect(late(await loadedBy('connect', provider, ...place, ...APPLICATION))).toContain('@azure/msal-node');
  for (const line of [
    ['ls'],
    ['ls', provider, '-o', 'json'],
    ['disconnect', provider, '--what-if'],
    ['disconnect', provider, '--yes'],
    ['history'],
  ]) {
    const files = await loadedBy(...line);
    expect([line, late(files)]).toEqual([line, []]);
    expect(files.some((file) => file.includes('/dist/main.js'))).toBe(true);
  }
});
