import { createHmac } from 'node:crypto';
import { afterAll, expect, it } from '@jest/globals';
import { Secret } from '@slipline/core';
import { openDatabase } from './driver.ts';
import { openLedger } from './index.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

const home = testHome();
afterAll(() => home.remove());

it('makes fingerprints that cannot be tried out with what the database has', async () => {
  const options = home.next();
  await using ledger = await openLedger(options);
  const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
  const opened = { endpoint: 'one', kind: 'connection', label: 'one', ownership: 'opened' } as const;
  const secret = new Secret('guessable');
  const { session } = await ledger.opened(key, { ...opened, effects: ['forget'], details: {}, secret });
  const database = openDatabase(pathsIn(options.home).ledger);
  const facts = database
    .prepare('SELECT value FROM facts')
    .all()
    .map(({ value }) => value as Uint8Array | string);
  database.close();
  expect(facts.length).toBeGreaterThan(1);
  const guesses = facts.map((fact) => createHmac('sha256', fact).update('guessable').digest('hex'));
  expect(guesses).not.toContain(session.fingerprint);
});
