import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { findProviders, missingProvider } from '@slipline/config/plugins';
import { ENTRY, installCommand, ownVersion, PROGRAM } from './own-program.ts';

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

it('has the first-party providers that are installed with it', async () => {
  const providers = await findProviders({ folder: tmpdir(), plugins: [], settings: {} }, PROGRAM);
  const ids = providers.installed.map(({ id }) => id).toSorted();
  expect(ids).toEqual([
    'entra',
    'exchange-online',
    'hpe-oneview',
    'smb-sessions',
    'terminal-sessions',
    'wsman',
  ]);
  for (const provider of providers.installed) {
    expect(await provider.load()).toMatchObject({ id: provider.id, contract: 1 });
    expect(await provider.importTesting()).toMatchObject({ openBench: expect.any(Function) });
  }
  const { next } = missingProvider('entra', { installed: [], broken: [] }, PROGRAM);
  expect(next).toBe(`npm install @slipline/entra@${ownVersion()}`);
  expect(ownVersion()).toMatch(/^\d+\.\d+\.\d+/);
});
