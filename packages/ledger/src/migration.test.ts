import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDatabase } from './driver.ts';
import { openLedger } from './index.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';
import { VERSION_1_KEYS, VERSION_1_SQL, VERSION_1_WRAPPING_KEY } from './version-1.test.support.ts';

const home = testHome();
afterAll(() => home.remove());

const clock = { now: () => 1_795_000_000_001 };

/** A home with the older ledger in it. */
function older(): ReturnType<typeof home.next> {
  const place = home.next();
  const paths = pathsIn(place.home);
  for (const folder of [paths.keys, dirname(paths.wrappingKey)])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(paths.wrappingKey, `${VERSION_1_WRAPPING_KEY}\n`, { mode: 0o600 });
  for (const [name, content] of Object.entries(VERSION_1_KEYS))
    writeFileSync(join(paths.keys, name), Buffer.from(content, 'base64'), { mode: 0o600 });
  const database = openDatabase(paths.ledger);
  database.exec(`PRAGMA journal_mode = WAL; ${VERSION_1_SQL}`);
  database.close();
  return { ...place, clock };
}

const ALL = ['opening', 'open', 'closing', 'ended', 'unknown'] as const;

describe('a ledger of the first version', () => {
  it('is read with all that was in it, and whose it was', async () => {
    await using ledger = await openLedger(older());
    const entries = await ledger.entries({ states: ALL });
    const told = entries.map(({ session, state, scope, hasSecret }) => [
      session.endpoint,
      state,
      scope,
      hasSecret,
    ]);
    expect(Object.fromEntries(told.map(([endpoint, ...rest]) => [endpoint, rest]))).toEqual({
      open: ['open', 'user', true],
      closing: ['closing', 'user', true],
      ended: ['ended', 'user', false],
      opening: ['unknown', 'user', false],
    });
    expect(await ledger.receipts()).toHaveLength(6);
    // Nobody looks after these two any more.
    const orphans = await ledger.entries({ isOrphan: true });
    expect(orphans.map(({ session }) => session.endpoint).sort()).toEqual(['closing', 'opening']);
  });

  it('gives the secrets that it kept, and ends sessions', async () => {
    await using ledger = await openLedger(older());
    for (const { session, hasSecret } of await ledger.entries())
      if (hasSecret) expect((await ledger.secret(session)).reveal()).toBe(`secret of ${session.endpoint}`);
    const [open] = await ledger.entries({ states: ['open'] });
    if (open === undefined) throw new Error('There is none.');
    const [begun] = await ledger.begin([{ kind: 'disconnect', session: open.session, effect: 'end' }]);
    const operation = begun?.operation ?? '';
    await ledger.finish([{ operation, status: 'disconnected', entry: 'ended' }]);
    await expect(ledger.secret(open.session)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('becomes one of this version once, also where several open it at the same time', async () => {
    const place = older();
    const ledgers = await Promise.all(Array.from({ length: 5 }, () => openLedger(place)));
    for (const ledger of ledgers) expect(await ledger.entries({ states: ALL })).toHaveLength(4);
    for (const ledger of ledgers) await ledger[Symbol.asyncDispose]();
    const database = openDatabase(pathsIn(place.home).ledger);
    expect(database.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 2 });
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  });
});
