import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ENTRY, installCommand, ownVersion } from './own-program.ts';

it('knows its own file', () => {
  expect(existsSync(ENTRY)).toBe(true);
});

it('installs packages where it is installed itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipline-program-'));
  try {
    const entry = join(folder, 'node_modules', '@slipline', 'cli', 'bin', 'slipline.cjs');
    const name = `@slipline/wsman@${ownVersion()}`;
    expect(installCommand('@slipline/wsman', entry)).toBe(`npm install --global ${name}`);
    await writeFile(join(folder, 'package.json'), '{}');
    expect(installCommand('@slipline/wsman', entry)).toBe(`npm install ${name}`);
    expect(installCommand('@slipline/wsman', join(folder, 'apps', 'cli', 'bin', 'slipline.cjs'))).toBe(
      `npm install ${name}`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
