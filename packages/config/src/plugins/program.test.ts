import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { installCommand } from './program.ts';

it('installs packages where it is installed itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipline-program-'));
  try {
    const entry = join(folder, 'node_modules', '@slipline', 'cli', 'bin', 'slipline.cjs');
    const name = '@slipline/wsman@1.2.3';
    const install = (file: string): string => installCommand('@slipline/wsman', '1.2.3', file);
    expect(install(entry)).toBe(`npm install --global ${name}`);
    await writeFile(join(folder, 'package.json'), '{}');
    expect(install(entry)).toBe(`npm install ${name}`);
    expect(install(join(folder, 'apps', 'cli', 'bin', 'slipline.cjs'))).toBe(`npm install ${name}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
