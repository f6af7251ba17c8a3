import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyringLibrary } from './fake-keyring.test.support.ts';
import { systemKeyring, type Keyring } from './keyring.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipline-keyring-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PATIENCE = 60_000;

function keyring(behaviour: Parameters<typeof keyringLibrary>[1]): Keyring {
  const made = systemKeyring(keyringLibrary(folder, behaviour));
  if (made === undefined) throw new Error('the library is not found');
  return made;
}

// Programs start slowly where many do.
jest.setTimeout(30_000);

describe('systemKeyring', () => {
  it('keeps, finds and removes a secret, in the store that outlives a logout', async () => {
    const ring = keyring('answers');
    expect(await ring.get('ledger 1', PATIENCE)).toBeUndefined();
    await ring.set('ledger 1', 'key "1" é', PATIENCE);
    await ring.set('ledger 2', 'key 2', PATIENCE);
    expect(await ring.get('ledger 1', PATIENCE)).toBe('key "1" é');
    const kept = JSON.parse(readFileSync(join(folder, 'entries.json'), 'utf8')) as object;
    expect(Object.keys(kept)[0]).toBe('slipline / ledger 1 / secret-service');
    await ring.remove('ledger 1', PATIENCE);
    expect(await ring.get('ledger 1', PATIENCE)).toBeUndefined();
    expect(await ring.get('ledger 2', PATIENCE)).toBe('key 2');
  });

  it('gives up on one that hangs', async () => {
    await expect(keyring('hangs').get('ledger 1', 500)).rejects.toThrow('it did not answer in time');
  });

  it.each(['refuses', 'dies'] as const)('reports one that %s, without its words', async (behaviour) => {
    await expect(keyring(behaviour).get('ledger 1', PATIENCE)).rejects.toThrow(/^it refused$/);
    await expect(keyring(behaviour).set('ledger 1', 'secret', PATIENCE)).rejects.toThrow(/^it refused$/);
  });

  it('is none where its library is not installed', () => {
    expect(systemKeyring('@slipline/no-such-library')).toBeUndefined();
  });
});
