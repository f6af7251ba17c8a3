import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLedger } from './index.ts';
import { openDatabase } from './driver.ts';
import { makePrograms, type Program, type Programs } from './programs.test.support.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

// Whose a session is, as other processes see it.

const HELD = `
  import { openLedger, tell } from './ledger.mjs';
  const [, , home, scope, isPartial, owner] = process.argv;
  const ledger = await openLedger({ home, environment: { SLIPLINE_KEYRING: 'off' }, onNotice() {} });
  const { key } = await ledger.open({ provider: 'alpha', endpoint: 'held', owner: owner && Number(owner) });
  const facts = { endpoint: 'held', kind: 'connection', label: 'held', ownership: 'opened', effects: ['end'], details: {} };
  const { session } = await ledger.opened(key, scope === 'process' ? { ...facts, scope } : facts, isPartial === 'partial');
  tell('opened');
  process.stdin.once('data', async () => {
    const [{ operation }] = await ledger.begin([{ kind: 'disconnect', session, effect: 'end' }]);
    tell('begun', operation);
  });
`;

/** What a process below this one sees. */
const LOOK = `
  import { openLedger, tell } from './ledger.mjs';
  const ledger = await openLedger({ home: process.argv[2], environment: { SLIPLINE_KEYRING: 'off' }, onNotice() {} });
  for (const { session, isOrphan } of await ledger.entries()) tell(session.endpoint, session.isDefault === true, isOrphan);
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

type Place = ReturnType<typeof home.next>;

async function held(place: Place, ...rest: readonly string[]): Promise<Program> {
  const program = programs.start(HELD, place.home, ...rest);
  await program.hasTold(1);
  return program;
}

async function killed(program: Program): Promise<void> {
  program.process.kill('SIGKILL');
  await program.ended;
}

async function endpoints(
  place: Place,
  filter: Parameters<Awaited<ReturnType<typeof openLedger>>['entries']>[0],
) {
  await using ledger = await openLedger(place);
  return (await ledger.entries(filter)).map(({ session }) => session.endpoint);
}

describe('a session of scope process', () => {
  it('is out of sight for other processes while its own runs, and an orphan afterwards', async () => {
    const place = home.next();
    const program = await held(place, 'process');
    expect(await endpoints(place, {})).toEqual([]);
    expect(await endpoints(place, { isOrphan: true })).toEqual([]);
    expect(await endpoints(place, { ofOthers: true })).toEqual(['held']);
    await killed(program);
    expect(await endpoints(place, {})).toEqual(['held']);
    expect(await endpoints(place, { isOrphan: true })).toEqual(['held']);
  });

  it('is seen by the processes that its own has started, and stands for its provider there', async () => {
    const place = home.next();
    await using ledger = await openLedger(place);
    for (const scope of [undefined, 'process'] as const) {
      const { key } = await ledger.open({ provider: 'alpha', endpoint: scope ?? 'user' });
      const facts = { endpoint: scope ?? 'user', kind: 'connection', label: 'x', details: {}, scope };
      await ledger.opened(key, { ...facts, ownership: 'opened', effects: ['end'] });
    }
    const program = programs.start(LOOK, place.home);
    expect(await program.ended).toEqual({ code: 0, errors: '' });
    expect(program.lines()).toEqual(['user false false', 'process true false']);
  });

  it('may belong to another process than its opener', async () => {
    const place = home.next();
    const program = await held(place, 'process', 'whole', String(process.pid));
    await killed(program);
    expect(await endpoints(place, {})).toEqual(['held']);
    expect(await endpoints(place, { isOrphan: true })).toEqual([]);
  });
});

describe('a session of scope user', () => {
  it('outlives its opener', async () => {
    const place = home.next();
    await killed(await held(place, 'user'));
    expect(await endpoints(place, {})).toEqual(['held']);
    expect(await endpoints(place, { isOrphan: true })).toEqual([]);
  });

  it('is an orphan where its connect did not come to its end', async () => {
    const place = home.next();
    const program = await held(place, 'user', 'partial');
    expect(await endpoints(place, { isOrphan: true })).toEqual([]);
    await killed(program);
    expect(await endpoints(place, { isOrphan: true })).toEqual(['held']);
  });

  it('is an orphan where who was ending it has died', async () => {
    const place = home.next();
    const program = await held(place, 'user');
    program.process.stdin?.write('go');
    await program.hasTold(2);
    expect(await endpoints(place, { isOrphan: true })).toEqual([]);
    await killed(program);
    expect(await endpoints(place, { isOrphan: true })).toEqual(['held']);
  });
});

describe('a process of another container', () => {
  it('cannot be seen from here, so that what belongs to it is left alone', async () => {
    const place = home.next();
    await killed(await held(place, 'process'));
    const database = openDatabase(pathsIn(place.home).ledger);
    database.exec(`UPDATE entries SET opener = json_set(opener, '$.space', 'pid:[1]')`);
    database.close();
    expect(await endpoints(place, { isOrphan: true })).toEqual([]);
    expect(await endpoints(place, {})).toEqual([]);
    expect(await endpoints(place, { ofOthers: true })).toEqual(['held']);
  });

  it('is over after a reboot', async () => {
    const place = home.next();
    const program = await held(place, 'process');
    const database = openDatabase(pathsIn(place.home).ledger);
    database.exec(`UPDATE entries SET opener = json_set(opener, '$.space', 'pid:[1]', '$.bootId', 'before')`);
    database.close();
    expect(await endpoints(place, { isOrphan: true })).toEqual(['held']);
    await killed(program);
  });

  it('is told from a later one with the same id', async () => {
    const place = home.next();
    const program = await held(place, 'process');
    const database = openDatabase(pathsIn(place.home).ledger);
    database.exec(`UPDATE entries SET opener = json_set(opener, '$.startedAt', '1')`);
    database.close();
    expect(await endpoints(place, { isOrphan: true })).toEqual(['held']);
    await killed(program);
  });
});
