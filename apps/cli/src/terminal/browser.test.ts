import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPage } from './browser.ts';

const URL = 'https://login.test/authorize?client_id=c&state=$(id)';

let folder: string;
let program: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipline-browser-'));
  program = join(folder, 'browser');
  writeFileSync(
    program,
    `#!/bin/sh\nprintf %s "$*" > "${folder}/part" && mv "${folder}/part" "${folder}/shown"\n`,
  );
  chmodSync(program, 0o700);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function shown(): Promise<string> {
  while (!existsSync(join(folder, 'shown'))) await new Promise((resolve) => setTimeout(resolve, 10));
  return readFileSync(join(folder, 'shown'), 'utf8');
}

it('opens a page with the program that BROWSER names, and no shell reads its address', async () => {
  openPage(URL, { BROWSER: program });
  expect(await shown()).toBe(URL);
}, 30_000);

it('opens nothing but pages', async () => {
  openPage(`file://${program}`, { BROWSER: program });
  openPage('javascript:alert(1)', { BROWSER: program });
  openPage('--help', { BROWSER: program });
  openPage('http://localhost:8400/', { BROWSER: program });
  expect(await shown()).toBe('http://localhost:8400/');
}, 30_000);

it('does nothing where nothing is wanted or there', () => {
  openPage(URL, { BROWSER: 'none' });
  openPage(URL, { BROWSER: join(folder, 'absent') });
});
