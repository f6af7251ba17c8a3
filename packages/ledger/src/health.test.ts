import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@slipline/core';
import { examineLedger, removeResidue } from './health.ts';
import { openLedger } from './index.ts';
import { memoryKeyring, silentKeyring } from './fake-keyring.test.support.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

const home = testHome();
afterAll(() => home.remove());

/** A ledger with one open session and one saved credential, both sealed. */
async function filled() {
  const place = home.next();
  await using ledger = await openLedger(place);
  const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
  const { session } = await ledger.opened(key, {
    endpoint: 'one',
    kind: 'connection',
    label: 'one',
    ownership: 'opened',
    effects: ['end'],
    details: {},
    secret: new Secret('token'),
  });
  await ledger.credentials.save('alpha', 'one', { userName: 'jdoe', password: new Secret('password') });
  return { place, session, paths: pathsIn(place.home) };
}

describe('the health of a ledger', () => {
  it('of which there is none', async () => {
    const place = home.next();
    expect(await examineLedger(place)).toEqual({ keyring: 'off', residue: [] });
    expect(await removeResidue(place)).toEqual([]);
    expect(existsSync(place.home)).toBe(false);
  });

  it('that is well', async () => {
    const { place } = await filled();
    expect(await examineLedger(place)).toEqual({ key: 'file', keyring: 'off', residue: [] });
  });

  it('whose key is gone', async () => {
    const { place, paths } = await filled();
    rmSync(paths.wrappingKey);
    expect(await examineLedger(place)).toMatchObject({
      key: 'file',
      problem: { code: 'invalid-request', message: expect.stringMatching(/key .* is missing/) },
    });
    expect(existsSync(paths.wrappingKey)).toBe(false);
  });

  it('says whether a keyring answers', async () => {
    const { place } = await filled();
    expect(await examineLedger(place, { keyring: memoryKeyring() })).toMatchObject({ keyring: 'answers' });
    expect(await examineLedger(place, { keyring: silentKeyring })).toMatchObject({ keyring: 'silent' });
  });
});

describe('residue', () => {
  it('is what nothing needs any more, and goes alone', async () => {
    const { place, paths, session } = await filled();
    const stray = join(paths.keys, `${crypto.randomUUID()}.key`);
    // No process has this id.
    const draft = `${paths.wrappingKey}.4194999`;
    const alive = `${paths.wrappingKey}.${process.pid}`;
    for (const file of [stray, draft, alive]) writeFileSync(file, 'x');
    expect((await examineLedger(place)).residue).toEqual([stray, draft]);
    expect(await removeResidue(place)).toEqual([stray, draft]);
    expect((await examineLedger(place)).residue).toEqual([]);
    expect(existsSync(alive)).toBe(true);
    await using ledger = await openLedger(place);
    expect((await ledger.secret(session)).reveal()).toBe('token');
    expect((await ledger.credentials.find('alpha', 'one'))?.password.reveal()).toBe('password');
  });
});
