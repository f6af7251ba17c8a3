import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLedger } from './index.ts';
import { makePrograms, type Programs } from './programs.test.support.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';
import { readdirSync } from 'node:fs';

const PROCESSES = 20;
const SESSIONS = 8;

/** Opens sessions, ends every other one, and closes the ledger each time: as many short commands would. */
const WRITER = `
  import { openLedger, Secret, tell } from './ledger.mjs';
  const [, , home, name] = process.argv;
  for (let count = 0; count < ${SESSIONS}; count += 1) {
    const endpoint = name + '-' + count;
    await using(await openLedger({ home, environment: { SLIPLINE_KEYRING: 'off' }, onNotice: (text) => tell('notice', text) }));
    async function using(ledger) {
      const { key } = await ledger.open({ provider: 'alpha', endpoint });
      const { session, number } = await ledger.opened(key, {
        endpoint, kind: 'connection', label: endpoint, ownership: 'opened', effects: ['end'], details: {},
        secret: new Secret('secret of ' + endpoint),
      });
      if ((await ledger.secret(session)).reveal() !== 'secret of ' + endpoint) throw new Error('another secret');
      await ledger.trust.save({ host: endpoint + ':443', pin: 'ab'.repeat(32) });
      if (count % 2 === 1) {
        const [{ operation }] = await ledger.begin([{ kind: 'disconnect', session, effect: 'end' }]);
        await ledger.finish([{ operation, status: 'disconnected', entry: 'ended' }]);
      }
      await ledger[Symbol.asyncDispose]();
      tell('number', number);
    }
  }
`;

/** Ends whatever is open, as fast as it can. */
const ENDER = `
  import { openLedger, tell } from './ledger.mjs';
  const ledger = await openLedger({ home: process.argv[2], environment: { SLIPLINE_KEYRING: 'off' }, onNotice() {} });
  for (const { session } of await ledger.entries()) {
    const [{ operation, before }] = await ledger.begin([{ kind: 'disconnect', session, effect: 'end' }]);
    await ledger.finish([{ operation, status: before === 'ended' ? 'already-gone' : 'disconnected', entry: 'ended' }]);
    tell(before);
  }
  await ledger[Symbol.asyncDispose]();
`;

const home = testHome();
let programs: Programs;
beforeAll(async () => {
  programs = await makePrograms();
}, 60_000);
afterAll(async () => {
  await programs[Symbol.asyncDispose]();
  home.remove();
});

describe('a ledger shared by twenty processes', () => {
  const place = home.next();

  it('is made by one of them and written by all', async () => {
    const running = Array.from({ length: PROCESSES }, (_, name) =>
      programs.start(WRITER, place.home, String(name)),
    );
    const ends = await Promise.all(running.map(({ ended }) => ended));
    expect(ends.map(({ code, errors }) => [code, errors])).toEqual(running.map(() => [0, '']));
    const lines = running.flatMap((program) => program.lines());
    expect(lines.filter((line) => line.startsWith('number '))).toHaveLength(PROCESSES * SESSIONS);
    // The key was made once, and said once.
    expect(lines.filter((line) => line.startsWith('notice '))).toHaveLength(1);

    await using ledger = await openLedger(place);
    const entries = await ledger.entries();
    expect(entries).toHaveLength((PROCESSES * SESSIONS) / 2);
    expect(new Set(entries.map(({ number }) => number)).size).toBe(entries.length);
    expect(entries.filter(({ session }) => session.isDefault === true)).toHaveLength(1);
    expect(await ledger.receipts({ kind: 'connect' })).toHaveLength(PROCESSES * SESSIONS);
    expect(await ledger.receipts({ kind: 'disconnect' })).toHaveLength((PROCESSES * SESSIONS) / 2);
    expect(await ledger.trust.list()).toHaveLength(PROCESSES * SESSIONS);
    for (const { session } of entries)
      expect((await ledger.secret(session)).reveal()).toBe(`secret of ${session.endpoint}`);
  }, 120_000);

  it('ends every session once for all who end it at the same time', async () => {
    await using watching = await openLedger(place);
    const before = await watching.revision();
    expect(await watching.revision()).toBe(before);
    const running = Array.from({ length: 4 }, () => programs.start(ENDER, place.home));
    const ends = await Promise.all(running.map(({ ended }) => ended));
    expect(ends.map(({ code, errors }) => [code, errors])).toEqual(running.map(() => [0, '']));
    expect(await watching.revision()).not.toBe(before);
    await using ledger = await openLedger(place);
    expect(await ledger.entries()).toEqual([]);
    expect(readdirSync(pathsIn(place.home).keys)).toEqual([]);
  }, 60_000);
});
