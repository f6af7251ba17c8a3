import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from './driver.ts';
import { openLedger } from './index.ts';
import { makePrograms, type Programs } from './programs.test.support.ts';
import { pathsIn, testHome } from './test-home.test.support.ts';

// What a power cut can leave: a workload is recorded around every change that it makes to the disk, and each step from one
// record to the next is replayed as far as it may have come.

/** Copies its home before and after each sync, each unlink and each acknowledged write, with what was acknowledged by then. */
const RECORDER = `
  import fs from 'node:fs';
  import promises from 'node:fs/promises';
  import { syncBuiltinESMExports } from 'node:module';
  import { openLedger, Secret, tell } from './ledger.mjs';
  const [, , home, records] = process.argv;
  const { cpSync, writeFileSync, fsyncSync, unlinkSync } = fs;
  const { unlink } = promises;
  const told = { open: [], ended: [] };
  let count = 0;
  const record = () => {
    const folder = records + '/' + String(count++).padStart(4, '0');
    cpSync(home, folder, { recursive: true });
    writeFileSync(folder + '/told.json', JSON.stringify(told));
  };
  const around = (call) => (...args) => { record(); try { return call(...args); } finally { record(); } };
  fs.fsyncSync = around(fsyncSync);
  fs.unlinkSync = around(unlinkSync);
  promises.unlink = around(async (path) => unlinkSync(path));
  syncBuiltinESMExports();

  const open = () => openLedger({ home, environment: { SLIPLINE_KEYRING: 'off' }, onNotice() {} });
  async function connect(ledger, endpoint) {
    const { key } = await ledger.open({ provider: 'alpha', endpoint });
    record();
    const { session } = await ledger.opened(key, {
      endpoint, kind: 'connection', label: endpoint, ownership: 'opened', effects: ['end'], details: {},
      secret: new Secret('secret of ' + endpoint),
    });
    told.open.push([key, endpoint]);
    record();
    return { key, session };
  }
  async function disconnect(ledger, { key, session }) {
    const [{ operation }] = await ledger.begin([{ kind: 'disconnect', session, effect: 'end' }]);
    record();
    await ledger.finish([{ operation, status: 'disconnected', entry: 'ended' }]);
    told.ended.push(key);
    record();
  }

  const first = await open();
  const one = await connect(first, 'one');
  const two = await connect(first, 'two');
  await disconnect(first, one);
  record();
  await first[Symbol.asyncDispose]();
  record();
  const second = await open();
  await disconnect(second, two);
  await connect(second, 'three');
  tell('done');
`;

/** https://www.sqlite.org/fileformat2.html#walformat */
const [LOG_HEADER, FRAME_HEADER] = [32, 24];

interface Told {
  /** Key and endpoint. */
  readonly open: readonly (readonly [string, string])[];
  readonly ended: readonly string[];
}

interface Recorded {
  readonly folder: string;
  readonly told: Told;
  readonly database: Buffer;
  readonly log: Buffer;
  readonly keys: readonly string[];
}

const home = testHome();
let programs: Programs;
let records: readonly Recorded[];

beforeAll(async () => {
  programs = await makePrograms();
  const [place, folder] = [home.next(), home.next().home];
  const { code, errors } = await programs.start(RECORDER, place.home, folder).ended;
  expect([code, errors]).toEqual([0, '']);
  records = readdirSync(folder)
    .sort()
    .map((name) => recordedIn(join(folder, name)));
}, 60_000);
afterAll(async () => {
  await programs[Symbol.asyncDispose]();
  home.remove();
});

function recordedIn(folder: string): Recorded {
  const { ledger, keys } = pathsIn(folder);
  const content = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));
  return {
    folder,
    told: JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8')) as Told,
    database: content(ledger),
    log: content(`${ledger}-wal`),
    keys: existsSync(keys) ? readdirSync(keys).sort() : [],
  };
}

/** Each record with the next. */
const steps = (): readonly (readonly [Recorded, Recorded])[] =>
  records.slice(1).map((after, place) => [records[place]!, after]);

/** What the log may have become on its way: cut anywhere in what was being added, or with a hole in it. */
function logsBetween({ log: before }: Recorded, { log: after, database }: Recorded): readonly Buffer[] {
  if (after.length <= before.length) return [after];
  const frame = FRAME_HEADER + (database.readUInt16BE(16) === 1 ? 65_536 : database.readUInt16BE(16));
  const logs = [after];
  for (let start = Math.max(before.length, LOG_HEADER); start < after.length; start += frame) {
    for (const cut of [start, start + frame / 2]) logs.push(after.subarray(0, cut));
    // The disk may write what comes later first.
    if (start + frame < after.length) logs.push(Buffer.from(after).fill(0, start, start + frame));
  }
  if (before.length === 0) logs.push(after.subarray(0, LOG_HEADER / 2));
  return logs;
}

/** Starts a machine with this on its disk, and looks for what was acknowledged by then. */
async function expectWhole({ folder, told }: Recorded, log: Buffer, database?: Buffer): Promise<void> {
  const place = home.next();
  const { ledger: file, keys } = pathsIn(place.home);
  cpSync(folder, place.home, { recursive: true });
  rmSync(`${file}-shm`, { force: true });
  writeFileSync(`${file}-wal`, log);
  if (database) writeFileSync(file, database);
  {
    await using ledger = await openLedger(place);
    const entries = await ledger.entries({ states: ['opening', 'open', 'closing', 'ended', 'unknown'] });
    const byKey = new Map(entries.map((entry) => [entry.key, entry]));
    for (const [key, endpoint] of told.open)
      expect(byKey.get(key)).toMatchObject({
        session: { endpoint },
        state: expect.stringMatching(told.ended.includes(key) ? /^ended$/ : /^(open|closing|ended)$/),
      });
    for (const { state, hasSecret, session } of entries) {
      expect([state, hasSecret]).toEqual([state, ['open', 'closing'].includes(state)]);
      if (hasSecret) expect((await ledger.secret(session)).reveal()).toBe(`secret of ${session.endpoint}`);
    }
    const { key } = await ledger.open({ provider: 'beta', endpoint: 'later' });
    await ledger.abandon(key, 'ended', { code: 'aborted', message: 'only to write' });
    const ended = new Set(entries.flatMap((entry) => (entry.state === 'ended' ? [`${entry.key}.key`] : [])));
    expect(existsSync(keys) ? readdirSync(keys).filter((name) => ended.has(name)) : []).toEqual([]);
  }
  const opened = openDatabase(file);
  expect(opened.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  opened.close();
  rmSync(place.home, { recursive: true });
}

describe('a ledger whose machine lost its power', () => {
  it('was recorded: key files come before the rows that need them, and go after the ends', () => {
    const last = records.at(-1);
    expect(last?.told).toMatchObject({ open: { length: 3 }, ended: { length: 2 } });
    // No step changes both, so that each can be replayed alone.
    for (const [before, after] of steps())
      expect(before.keys.join() === after.keys.join() || before.log.equals(after.log)).toBe(true);
    const changes = steps().filter(([before, after]) => before.keys.join() !== after.keys.join());
    expect(changes).toHaveLength(3 + 2);
    expect(steps().filter(([before, after]) => !before.log.equals(after.log)).length).toBeGreaterThan(10);
  });

  it('has all that was acknowledged, wherever its log was cut', async () => {
    for (const [before, after] of steps()) {
      if (!before.database.equals(after.database)) continue;
      if (before.log.equals(after.log) && before.keys.join() === after.keys.join()) continue;
      for (const log of logsBetween(before, after)) await expectWhole({ ...after, told: before.told }, log);
    }
  }, 120_000);

  it('has all that was acknowledged, whatever of its log had reached the database', async () => {
    const checkpoints = steps().filter(
      ([before, after]) => before.log.length > 0 && !before.database.equals(after.database),
    );
    expect(checkpoints.length).toBeGreaterThan(0);
    for (const [before, after] of checkpoints) {
      const page = before.database.readUInt16BE(16);
      for (let end = 0; end <= after.database.length; end += page / 2) {
        const database = Buffer.concat([after.database.subarray(0, end), before.database.subarray(end)]);
        await expectWhole(before, before.log, database);
      }
      await expectWhole({ ...after, told: before.told }, after.log);
    }
  }, 120_000);
});
