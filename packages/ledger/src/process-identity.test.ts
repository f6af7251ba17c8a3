import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openDatabase } from './driver.ts';
import { openLedger } from './index.ts';
import { isGone, thisProcess } from './process-identity.ts';
import { makePrograms, type Programs } from './programs.test.support.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

const home = testHome();
let programs: Programs;
beforeAll(async () => {
  programs = await makePrograms();
}, 60_000);
afterAll(async () => {
  await programs[Symbol.asyncDispose]();
  home.remove();
});

const OPENER = `
  import { openLedger, tell } from './ledger.mjs';
  const ledger = await openLedger({ home: process.argv[2], environment: { SLIPLINE_KEYRING: 'off' }, onNotice() {} });
  await ledger.open({ provider: 'alpha', endpoint: 'one' });
  tell('opening');
  setInterval(() => {}, 1000);
`;

// Programs start slowly where many do.
jest.setTimeout(30_000);

describe('isGone', () => {
  it('is false of this process, and of one that runs', async () => {
    expect(isGone(thisProcess())).toBe(false);
    const { pid, startedAt, bootId } = thisProcess();
    expect(pid).toBe(process.pid);
    if (process.platform === 'linux')
      expect([startedAt, bootId]).toEqual([
        expect.stringMatching(/^\d+$/),
        expect.stringMatching(/^[0-9a-f-]{36}$/),
      ]);
  });

  it('is true of a process before a reboot, and of an earlier one with the same id', () => {
    expect(isGone({ ...thisProcess(), bootId: 'another' })).toBe(true);
    expect(isGone({ ...thisProcess(), startedAt: '1' })).toBe(true);
    expect(isGone({ ...thisProcess(), pid: process.ppid, startedAt: '1' })).toBe(
      process.platform !== 'win32',
    );
  });

  it('is true of an id that nobody has', () => {
    expect(isGone({ ...thisProcess(), pid: 2 ** 22 + 5, startedAt: '5' })).toBe(true);
  });
});

describe('an entry that is being opened', () => {
  it('is opening while its opener runs, and unknown once that was killed', async () => {
    const place = home.next();
    const opener = programs.start(OPENER, place.home);
    await opener.hasTold(1);
    await using ledger = await openLedger(place);
    const [entry] = await ledger.entries();
    expect([entry?.state, entry?.opener.pid]).toEqual(['opening', opener.process.pid]);
    expect(await ledger.entries({ states: ['unknown'] })).toEqual([]);
    opener.process.kill('SIGKILL');
    await opener.ended;
    const [left] = await ledger.entries({ states: ['unknown'] });
    expect([left?.key, left?.state, left?.session.state]).toEqual([entry?.key, 'unknown', 'unknown']);
    expect(await ledger.entries({ states: ['opening'] })).toEqual([]);
    const [begun] = await ledger.begin([{ kind: 'disconnect', session: left!.session, effect: 'forget' }]);
    expect(begun?.before).toBe('unknown');
    await ledger.finish([{ operation: begun!.operation, status: 'failed' }]);
    expect((await ledger.entries()).map(({ state }) => state)).toEqual(['unknown']);
  });

  it('costs a list nothing where it is not there', async () => {
    const place = home.next();
    await using ledger = await openLedger(place);
    const { key } = await ledger.open({ provider: 'alpha', endpoint: 'one' });
    const facts = {
      kind: 'connection',
      label: 'one',
      ownership: 'opened',
      effects: ['end'],
      details: {},
    } as const;
    await ledger.opened(key, { ...facts, endpoint: 'one' });
    // An opener that could not be looked up: nobody does.
    const database = openDatabase(pathsIn(place.home).ledger);
    database
      .prepare('UPDATE entries SET opener = ?')
      .run(JSON.stringify({ pid: 2 ** 22 + 5, startedAt: '5', bootId: 'x' }));
    database.close();
    expect((await ledger.entries()).map(({ state }) => state)).toEqual(['open']);
  });
});
