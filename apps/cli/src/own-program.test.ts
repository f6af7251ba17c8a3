import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from '@jest/globals';
import { findProviders, missingProvider } from '@slipline/config/plugins';
import { ENTRY, ownVersion, PROGRAM } from './own-program.ts';

it('knows its own file', () => {
  expect(existsSync(ENTRY)).toBe(true);
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
