import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Secret } from '@slipline/core';
import { filesIn, modeOf } from './disk.test.support.ts';
import { openLedger } from './index.ts';
import { openLedgerIn } from './open-ledger.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

const home = testHome();
afterAll(() => home.remove());

const isRoot = process.geteuid?.() === 0;

async function use(place: ReturnType<typeof home.next>): Promise<void> {
  await using ledger = await openLedger(place);
  await ledger.credentials.save('alpha', 'one', { userName: 'ann', password: new Secret('x') });
}

const refusal = (text: string) => ({
  code: 'invalid-request',
  message: expect.stringContaining(text),
});

describe.each([0o000, 0o022, 0o077])('with umask %i', (mask) => {
  let before: number;
  beforeEach(() => {
    before = process.umask(mask);
  });
  afterEach(() => void process.umask(before));

  it('all files are 0600 and all folders 0700', async () => {
    const place = home.next();
    const { state, data, keys } = pathsIn(place.home);
    await using ledger = await openLedger(place);
    await ledger.credentials.save('alpha', 'one', { userName: 'ann', password: new Secret('x') });
    expect([state, data, keys, place.home].map(modeOf)).toEqual(['700', '700', '700', '700']);
    const names = filesIn(place.home);
    expect(names.some((name) => name.endsWith('-wal'))).toBe(true);
    expect(names.map((name) => [name, modeOf(name)])).toEqual(names.map((name) => [name, '600']));
  });
});

describe('a place for a ledger', () => {
  it('is tightened where others could read it', async () => {
    const place = home.next();
    const { state, ledger } = pathsIn(place.home);
    await use(place);
    chmodSync(state, 0o755);
    chmodSync(ledger, 0o644);
    await use(place);
    expect([state, ledger].map(modeOf)).toEqual(['700', '600']);
  });

  it.each([0o770, 0o707, 0o777])('is refused where others can write it (%i)', async (mode) => {
    const place = home.next();
    const { state } = pathsIn(place.home);
    mkdirSync(state, { recursive: true });
    chmodSync(state, mode);
    await expect(openLedger(place)).rejects.toMatchObject(refusal(`${state} can be written by other users`));
    expect(readdirSync(state)).toEqual([]);
  });

  it('is refused where its ledger, its keys or its data can be written by others', async () => {
    const place = home.next();
    const { ledger, keys, data } = pathsIn(place.home);
    await use(place);
    chmodSync(ledger, 0o666);
    await expect(openLedger(place)).rejects.toMatchObject(refusal('can be written'));
    chmodSync(ledger, 0o600);
    chmodSync(keys, 0o777);
    await expect(use(place)).rejects.toMatchObject(refusal(keys));
    chmodSync(keys, 0o700);
    chmodSync(data, 0o777);
    await use(place);
  });

  // Only root can give a folder away; elsewhere root's own folder is somebody else's.
  it('is refused where it belongs to somebody else', async () => {
    const place = home.next();
    const { state } = pathsIn(place.home);
    mkdirSync(state, { recursive: true, mode: 0o700 });
    if (isRoot) chownSync(state, 12345, 12345);
    const foreign = isRoot ? place : { ...place, paths: { ...pathsIn(place.home), state: '/usr' } };
    await expect(openLedger(foreign)).rejects.toMatchObject(refusal('belongs to another user'));
  });

  it('is refused where a file stands in its way, or a folder in the way of the file', async () => {
    const [one, two, three] = [home.next(), home.next(), home.next()];
    writeFileSync(one.home, '');
    await expect(openLedger(one)).rejects.toMatchObject(refusal('(ENOTDIR)'));
    mkdirSync(two.home);
    writeFileSync(pathsIn(two.home).state, '');
    await expect(openLedger(two)).rejects.toMatchObject(refusal('is not a folder'));
    mkdirSync(pathsIn(three.home).ledger, { recursive: true });
    chmodSync(dirname(pathsIn(three.home).ledger), 0o700);
    await expect(openLedger(three)).rejects.toMatchObject(refusal('is not a file'));
  });

  it('is refused where nothing can be made', async () => {
    const place = { ...home.next(), home: '/proc/slipline' };
    await expect(openLedger(place)).rejects.toMatchObject({
      ...refusal('/proc/slipline cannot be made'),
      next: expect.stringContaining('SLIPLINE_HOME'),
    });
  });

  it('is refused on a network file system, before anything is written there', async () => {
    const place = home.next();
    const fileSystems = { number: () => 0x6969, mounts: () => '' };
    await expect(openLedgerIn(place, { fileSystems })).rejects.toMatchObject(refusal('(NFS)'));
    expect(filesIn(place.home)).toEqual([]);
  });

  it('is not touched by importing the package', async () => {
    const place = home.next();
    await import('./index.ts');
    expect(() => statSync(place.home)).toThrow(/ENOENT/);
  });
});
