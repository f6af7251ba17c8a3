import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Ledger } from '@slipline/core';
import { openDatabase } from './driver.ts';
import { openLedger } from './index.ts';
import { makePrograms, type Program, type Programs } from './programs.test.support.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

/** Opens and ends sessions until it is killed; tells of each write once it is acknowledged. */
const WRITER = `
  import { openLedger, Secret, tell } from './ledger.mjs';
  const [, , home, name] = process.argv;
  const ledger = await openLedger({ home, environment: { SLIPLINE_KEYRING: 'off' }, onNotice() {} });
  tell('ready');
  for (let count = 0; ; count += 1) {
    const endpoint = name + '-' + count;
    const { key } = await ledger.open({ provider: 'alpha', endpoint });
    tell('opening', key);
    const { session } = await ledger.opened(key, {
      endpoint, kind: 'connection', label: endpoint, ownership: 'opened', effects: ['end'], details: {},
      secret: new Secret('secret of ' + endpoint),
    });
    tell('open', key, endpoint);
    if (count % 3 === 0) {
      await ledger.credentials.save('alpha', endpoint, { userName: 'jdoe', password: new Secret('password of ' + endpoint) });
      tell('saved', endpoint);
    }
    const [{ operation }] = await ledger.begin([{ kind: 'disconnect', session, effect: 'end' }]);
    tell('begun', operation);
    if (count % 2 === 0) {
      await ledger.finish([{ operation, status: 'disconnected', entry: 'ended' }]);
      tell('ended', key);
    }
  }
`;

/** Makes a ledger, and its key. */
const MAKER = `
  import { openLedger, tell } from './ledger.mjs';
  tell('ready');
  const ledger = await openLedger({ home: process.argv[2], environment: { SLIPLINE_KEYRING: 'off' }, onNotice() {} });
  await ledger.open({ provider: 'alpha', endpoint: 'one' });
  tell('made');
  setInterval(() => {}, 1000);
`;

const ROUNDS = 10;
const WRITERS = 4;

const home = testHome();
let programs: Programs;
beforeAll(async () => {
  programs = await makePrograms();
}, 60_000);
afterAll(async () => {
  await programs[Symbol.asyncDispose]();
  home.remove();
});

describe('a ledger whose writers are killed at any instant', () => {
  const place = home.next();
  const paths = pathsIn(place.home);

  /** What was acknowledged to writers that are dead now. */
  const told: (readonly string[])[] = [];

  const facts = (what: string): readonly (readonly string[])[] => told.filter(([first]) => first === what);

  it('is read and written by others after each of forty deaths', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const writers = Array.from({ length: WRITERS }, (_, writer) =>
        programs.start(WRITER, place.home, `${round}-${writer}`),
      );
      await Promise.all(writers.map((writer, place) => kill(writer, 1 + round * WRITERS + place)));
      told.push(...writers.flatMap((writer) => writer.lines().map((line) => line.split(' '))));
      await using ledger = await openLedger(place);
      expect(new Set((await ledger.entries()).map(({ number }) => number)).size).toBe(
        (await ledger.entries()).length,
      );
    }
    expect(facts('ready')).toHaveLength(ROUNDS * WRITERS);
    expect(facts('ended').length).toBeGreaterThan(WRITERS);
  }, 120_000);

  it('is whole', () => {
    const database = openDatabase(paths.ledger);
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  });

  it('has all that was acknowledged', async () => {
    await using ledger = await openLedger(place);
    const states = await statesOf(ledger);
    const ended = new Set(facts('ended').map(([, key]) => key));
    for (const [, key] of facts('opening')) expect(states.has(String(key))).toBe(true);
    for (const [, key] of facts('open'))
      expect(states.get(String(key))).toMatch(ended.has(key) ? /^ended$/ : /^(open|closing|ended)$/);
    for (const [, endpoint] of facts('saved')) {
      const saved = await ledger.credentials.find('alpha', String(endpoint), 'jdoe');
      expect(saved?.password.reveal()).toBe(`password of ${String(endpoint)}`);
    }
    const operations = new Set((await ledger.receipts({ limit: 100_000 })).map(({ operation }) => operation));
    for (const [, operation] of facts('begun')) expect(operations.has(String(operation))).toBe(true);
  });

  it('has the secret of every session that it says it has one of', async () => {
    await using ledger = await openLedger(place);
    const sealed = (await ledger.entries()).filter(({ hasSecret }) => hasSecret);
    expect(sealed.length).toBeGreaterThan(0);
    for (const { session } of sealed)
      expect((await ledger.secret(session)).reveal()).toBe(`secret of ${session.endpoint}`);
  });

  it('says unknown of what nobody lived to open', async () => {
    await using ledger = await openLedger(place);
    const states = await statesOf(ledger);
    const open = new Set(facts('open').map(([, key]) => key));
    const left = facts('opening').filter(([, key]) => !open.has(key));
    for (const [, key] of left) expect(states.get(String(key))).not.toBe('opening');
    expect([...states.values()]).not.toContain('opening');
  });

  it('keeps no key of a session that has ended, once others have written', async () => {
    let later = Date.now() + 3_600_000;
    await using ledger = await openLedger({ ...place, clock: { now: () => (later += 1) } });
    for (let count = 0; count < 10; count += 1) {
      const { key } = await ledger.open({ provider: 'beta', endpoint: 'sweep' });
      await ledger.abandon(key, 'ended', { code: 'aborted', message: 'only to write' });
    }
    const states = await statesOf(ledger);
    const database = openDatabase(paths.ledger);
    const saved = new Set(
      database
        .prepare('SELECT key FROM credentials')
        .all()
        .map(({ key }) => key),
    );
    database.close();
    for (const file of readdirSync(paths.keys)) {
      const key = file.replace('.key', '');
      expect([file, saved.has(key) ? 'saved' : states.get(key)]).not.toEqual([file, 'ended']);
      expect(saved.has(key) || states.has(key)).toBe(true);
    }
    for (const [, key] of facts('ended')) expect(existsSync(join(paths.keys, `${key}.key`))).toBe(false);
  });
});

describe('a ledger whose maker is killed', () => {
  it('is made by the next', async () => {
    for (let round = 0; round < 12; round += 1) {
      const place = home.next();
      const maker = programs.start(MAKER, place.home);
      await kill(maker, 1);
      const wasMade = maker.lines().includes('made');
      await using ledger = await openLedger(place);
      await ledger.open({ provider: 'alpha', endpoint: 'two' });
      const found = (await ledger.entries()).map(({ session }) => session.endpoint);
      expect(found.slice(wasMade ? 0 : -1)).toEqual(wasMade ? ['one', 'two'] : ['two']);
    }
  }, 60_000);
});

/** At a random instant after so many acknowledged writes. */
async function kill(writer: Program, writes: number): Promise<void> {
  await writer.hasTold(writes);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 6));
  writer.process.kill('SIGKILL');
  const { code, errors } = await writer.ended;
  expect([code, errors]).toEqual(['SIGKILL', '']);
}

async function statesOf(ledger: Ledger): Promise<ReadonlyMap<string, string>> {
  const states = ['opening', 'open', 'closing', 'ended', 'unknown'] as const;
  return new Map((await ledger.entries({ states })).map(({ key, state }) => [key, state]));
}
