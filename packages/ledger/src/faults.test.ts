import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { Secret, type Ledger } from '@slipline/core';
import { openDatabase, type Database } from './driver.ts';
import { openLedger } from './index.ts';
import { openLedgerIn } from './open-ledger.ts';
import { storeError } from './store-errors.ts';
import { Store } from './store.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

const home = testHome();
afterAll(() => home.remove());

async function connect(ledger: Ledger, endpoint = 'ov1.example'): Promise<void> {
  const { key } = await ledger.open({ provider: 'alpha', endpoint });
  const facts = {
    kind: 'connection',
    label: endpoint,
    ownership: 'opened',
    effects: ['end'],
    details: {},
  } as const;
  await ledger.opened(key, { ...facts, endpoint, secret: new Secret('token') });
}

/** A ledger with some sessions in it, and its file. */
async function filled(sessions = 1): Promise<{ place: ReturnType<typeof home.next>; file: string }> {
  const place = home.next();
  await using ledger = await openLedger(place);
  for (let count = 0; count < sessions; count += 1) await connect(ledger, `ov${count}.example`);
  return { place, file: pathsIn(place.home).ledger };
}

function change(file: string, work: (database: Database) => void): void {
  const database = openDatabase(file);
  work(database);
  database.close();
}

describe('a ledger that cannot be used', () => {
  it('was written by a newer Slipline: it is left as it is', async () => {
    const { place, file } = await filled();
    change(file, (database) => database.exec('PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)'));
    const before = readFileSync(file);
    await expect(openLedger(place)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/newer Slipline \(version 99/),
      next: expect.stringContaining('SLIPLINE_HOME'),
    });
    await expect(openLedger(place)).rejects.toThrow(file);
    expect(readFileSync(file)).toEqual(before);
  });

  it('becomes newer while it is open: nothing more is written', async () => {
    const { place, file } = await filled();
    await using ledger = await openLedger(place);
    change(file, (database) => database.exec('PRAGMA user_version = 99'));
    await expect(ledger.open({ provider: 'alpha', endpoint: 'late' })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it.each([
    [
      'is another database',
      'invalid-request',
      /not a ledger/,
      (file: string) => change(file, (database) => database.exec('CREATE TABLE other (x)')),
    ],
    [
      'has another version without its mark',
      'invalid-request',
      /not a ledger/,
      (file: string) => change(file, (database) => database.exec('PRAGMA user_version = 1')),
    ],
    [
      'is no database',
      'internal',
      /is damaged/,
      (file: string) => writeFileSync(file, 'not a database at all, but long enough to look at: '.repeat(40)),
    ],
  ])('%s: it is left as it is', async (_, code, what, make) => {
    const place = home.next();
    const { state, ledger: file } = pathsIn(place.home);
    mkdirSync(state, { recursive: true, mode: 0o700 });
    make(file);
    const before = readFileSync(file);
    await expect(openLedger(place)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(what),
      next: expect.stringMatching(/./),
    });
    await expect(openLedger(place)).rejects.toThrow(file);
    expect(readFileSync(file)).toEqual(before);
  });

  it.each([
    ['in its middle', (file: string) => overwrite(file, 4096, statSync(file).size - 4096)],
    ['at its head', (file: string) => overwrite(file, 0, 90)],
    ['by its end', (file: string) => truncateSync(file, 6000)],
  ])('is damaged %s: it says so and is not begun anew', async (_, damage) => {
    const { place, file } = await filled(50);
    damage(file);
    const before = readFileSync(file);
    const use = async (): Promise<void> => {
      await using ledger = await openLedger(place);
      await ledger.entries();
      await ledger.receipts();
    };
    await expect(use()).rejects.toMatchObject({
      code: 'internal',
      message: `the ledger ${file} is damaged; it was left as it is`,
      next: expect.stringContaining('move it away'),
    });
    expect(readFileSync(file)).toEqual(before);
  });

  it.each<[string, (session: object) => string]>([
    ['no JSON', () => '{'],
    ['a list', () => '[]'],
    ['a session without an id', (session) => JSON.stringify({ ...session, id: undefined })],
    ['text without end', (session) => JSON.stringify({ ...session, label: 'x'.repeat(200_000) })],
    ['an effect nobody knows', (session) => JSON.stringify({ ...session, effects: ['explode'] })],
    ['details without bottom', (session) => JSON.stringify({ ...session, details: nested(100) })],
  ])('holds %s in place of a session', async (_, damage) => {
    const { place, file } = await filled();
    change(file, (database) => {
      const session = JSON.parse(
        String(database.prepare('SELECT session FROM entries').get()?.['session']),
      ) as object;
      database.prepare('UPDATE entries SET session = ?').run(damage(session));
    });
    await using ledger = await openLedger(place);
    await expect(ledger.entries()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('damaged'),
    });
  });
});

function nested(depth: number): object {
  return depth === 0 ? {} : { inner: nested(depth - 1) };
}

function overwrite(file: string, from: number, length: number): void {
  const content = readFileSync(file);
  content.fill(0xa5, from, from + length);
  writeFileSync(file, content);
}

describe('a disk that fails', () => {
  it('is full: one clear error, nothing half written, and all is well once there is room', async () => {
    const { file } = await filled(20);
    const store = await Store.open(file);
    store.get('PRAGMA max_page_count = 1');
    const grow = (): Promise<unknown> =>
      store.write(() => {
        for (let count = 0; count < 1000; count += 1)
          store.run('INSERT INTO trust VALUES (?, ?)', `host${count}`, 'x'.repeat(4000));
      });
    await expect(grow()).rejects.toMatchObject({
      code: 'internal',
      message: `the disk is full: the ledger ${file} cannot be written`,
      next: 'make room, then try again',
    });
    expect(store.get('SELECT count(*) AS count FROM trust')).toMatchObject({ count: 0 });
    store.get('PRAGMA max_page_count = 1000000');
    await grow();
    expect(store.get('SELECT count(*) AS count FROM trust')).toMatchObject({ count: 1000 });
    store.close();
  });

  it('cannot be written: the ledger can still be read', async () => {
    const { file } = await filled();
    const store = await Store.open(file);
    store.get('PRAGMA query_only = ON');
    await expect(store.write(() => store.run('DELETE FROM entries'))).rejects.toMatchObject({
      code: 'internal',
      message: `the ledger ${file} cannot be opened or written`,
    });
    expect(await store.read(() => store.get('SELECT count(*) AS count FROM entries'))).toMatchObject({
      count: 1,
    });
    store.close();
  });

  it('takes no key file: the session counts as perhaps there, and nothing of it is written', async () => {
    const { place } = await filled();
    const { keys } = pathsIn(place.home);
    await using ledger = await openLedger(place);
    const { key } = await ledger.open({ provider: 'alpha', endpoint: 'two' });
    // A folder of that name stands where the file would be.
    mkdirSync(`${keys}/${key}.key`);
    const facts = {
      kind: 'connection',
      label: 'two',
      ownership: 'opened',
      effects: ['end'],
      details: {},
    } as const;
    const opened = ledger.opened(key, { ...facts, endpoint: 'two', secret: new Secret('canary') });
    await expect(opened).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('ledger.db failed: EISDIR'),
      mayHaveTakenEffect: true,
    });
    await expect(opened).rejects.not.toThrow('canary');
    expect((await ledger.entries()).map(({ state }) => state)).toEqual(['open', 'opening']);
  });
});

describe('storeError', () => {
  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EDQUOT', 'the disk is full'],
    ['EROFS', 'cannot be opened or written'],
    ['EACCES', 'cannot be opened or written'],
    ['EIO', 'the disk failed'],
  ])('says the same of a key file (%s) as of the database', (code, words) => {
    const failed = Object.assign(new Error('canary'), { code });
    const error = storeError(failed, '/state/ledger.db');
    expect([error.code, error.cause, error.next === undefined]).toEqual(['internal', failed, false]);
    expect(error.message).toContain(words);
    expect(error.message).toContain('/state/ledger.db');
    expect(error.message).not.toContain('canary');
  });
});

describe('a ledger in use', () => {
  it('is waited for, and said to be in use when that takes too long', async () => {
    const { place, file } = await filled();
    const other = openDatabase(file);
    other.exec('BEGIN IMMEDIATE');
    await using ledger = await openLedgerIn(place, { patience: 300 });
    await expect(ledger.open({ provider: 'alpha', endpoint: 'two' })).rejects.toMatchObject({
      code: 'timeout',
      message: `the ledger ${file} is in use by another process`,
    });
    expect(await ledger.entries()).toHaveLength(1);
    const waiting = ledger.open({ provider: 'alpha', endpoint: 'two' });
    other.exec('COMMIT');
    other.close();
    expect((await waiting).number).toBe(2);
  });

  it('does what is asked at the same time within one process', async () => {
    const place = home.next();
    await using ledger = await openLedger(place);
    await using second = await openLedger(place);
    await Promise.all(
      Array.from({ length: 40 }, (_, place) => connect(place % 2 === 0 ? ledger : second, `ov${place}`)),
    );
    const numbers = (await ledger.entries()).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, place) => place + 1));
  });
});
