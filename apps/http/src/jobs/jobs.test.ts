import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faults } from '@slipline/hpe-oneview/testing';
import { manualClock, recordingLogger, type ManualClock } from '@slipline/testkit';
import { EventHub } from '../events/event-hub.ts';
import type { KeptPlan } from '../plans/plans.ts';
import { openWorld, until, type TestJob, type World } from '../routes/work.test.support.ts';
import { makeWho } from '../security/who.ts';
import type { OpenFile } from './job-file.ts';
import { Jobs } from './jobs.ts';

const WHO = makeWho('olga', 'operator', ['*']);
const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };

/** A disk that can be full. */
class Disk {
  isFull = false;

  readonly open: OpenFile = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    return new Proxy(handle, {
      get: (target, name) => {
        if (this.isFull && (name === 'write' || name === 'writeFile')) return () => Promise.reject(noSpace());
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
  };
}

function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
}

let world: World;
let folder: string;
let clock: ManualClock;
let disk: Disk;
let log: ReturnType<typeof recordingLogger>;
let jobs: Jobs;

beforeEach(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), 'slipline-http-jobs-'));
  clock = manualClock();
  disk = new Disk();
  log = recordingLogger();
  jobs = await openJobs();
});

afterEach(async () => {
  await jobs.park();
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('a full disk', () => {
  it('lets nothing begin that cannot be written down', async () => {
    const plan = await planOf(3);
    disk.isFull = true;
    await expect(jobs.create(plan, {})).rejects.toMatchObject({
      status: 503,
      message: 'the disk of the service is full',
    });
    expect(await readdir(join(folder, 'jobs'))).toEqual([]);
    expect(jobs.list(WHO, 10)).toEqual({ items: [] });
    expect(world.bench.sessionCount?.()).toBe(3);
    disk.isFull = false;
    expect(await outcomesOf((await jobs.create(plan, {})).id)).toEqual(Array(3).fill('disconnected'));
  });

  it('in the middle of a job parks it, and it goes on when there is room', async () => {
    const slow = world.bench.appliance.inject(faults.delay(40), LOGOUT);
    const { id } = await jobs.create(await planOf(40), {});
    await until(() => jobs.get(id, WHO).summary.counts.disconnected >= 4);
    disk.isFull = true;
    await until(() => jobs.get(id, WHO).state === 'parked');
    expect(jobs.get(id, WHO).summary.problems).toMatchObject([
      { message: 'the disk of the service is full' },
    ]);
    const left = world.bench.sessionCount?.() ?? 0;
    expect(left).toBeGreaterThan(0);
    slow.remove();
    disk.isFull = false;
    await until(async () => {
      await clock.advance(30_000);
      return jobs.get(id, WHO).isOver;
    });
    const outcomes = await outcomesOf(id);
    expect(outcomes).toHaveLength(40);
    expect(new Set(outcomes)).toEqual(new Set(['disconnected']));
    expect(world.bench.sessionCount?.()).toBe(0);
    expect(jobs.get(id, WHO).summary).not.toHaveProperty('problems');
  });
});

describe('a damaged file', () => {
  it('whose head cannot be read is set aside, and said so once', async () => {
    const { id } = await jobs.create(await planOf(1), {});
    await outcomesOf(id);
    await writeFile(path(id), '{"version":1,"job":{"id":"other"}}\nnonsense');
    jobs = await openJobs();
    expect(jobs.list(WHO, 10)).toEqual({ items: [] });
    expect(await readdir(join(folder, 'jobs'))).toEqual([`${id}.jsonl.damaged`]);
    expect(log.records.filter(({ level }) => level === 'error')).toHaveLength(1);
    jobs = await openJobs();
    expect(log.records.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('without a plan is parked, and says why', async () => {
    const { id } = await jobs.create(await planOf(1), {});
    await outcomesOf(id);
    const [head = ''] = (await readFile(path(id), 'utf8')).split('\n');
    await writeFile(path(id), `${head}\nnonsense\n`);
    jobs = await openJobs();
    jobs.start();
    await until(() => jobs.get(id, WHO).state === 'parked');
    expect(jobs.get(id, WHO).summary.problems).toHaveLength(1);
  });

  it('of which a line is not what was written has the outcomes of the others, and asks the ledger for that one', async () => {
    const { id } = await jobs.create(await planOf(3), {});
    await outcomesOf(id);
    const lines = (await readFile(path(id), 'utf8')).trimEnd().split('\n');
    const broken = lines.findIndex((line) => line.includes('session-end'));
    lines[broken] = lines[broken]?.slice(0, 40) ?? '';
    // Nor has its end been written.
    await writeFile(path(id), `${lines.slice(0, -1).join('\n')}\n`);
    await appendFile(path(id), '{"id":99,"event":"session-e');
    jobs = await openJobs();
    jobs.start();
    expect(await outcomesOf(id)).toEqual(Array(3).fill('disconnected'));
    const told = (await readFile(path(id), 'utf8')).trimEnd().split('\n');
    expect(told.filter((line) => line.startsWith('{"id":99,'))).toEqual([]);
  });
});

describe('jobs that are over', () => {
  it('are kept for thirty days', async () => {
    const { id } = await jobs.create(await planOf(1), {});
    await outcomesOf(id);
    clock = manualClock(clock.now() + 29 * 24 * 3_600_000);
    jobs = await openJobs();
    expect(jobs.list(WHO, 10).items).toMatchObject([{ id, state: 'done' }]);
    clock = manualClock(clock.now() + 2 * 24 * 3_600_000);
    jobs = await openJobs();
    expect(jobs.list(WHO, 10)).toEqual({ items: [] });
    expect(await readdir(join(folder, 'jobs'))).toEqual([]);
  });
});

describe('too many jobs', () => {
  it('of one user are refused', async () => {
    world.bench.fail('hang');
    for (let count = 0; count < 102; count += 1) await jobs.create(await planOf(1), {});
    await expect(jobs.create(await planOf(1), {})).rejects.toMatchObject({ status: 429, code: 'quota' });
    world.bench.heal();
  });
});

function openJobs(): Promise<Jobs> {
  const { slipline } = world.server;
  return Jobs.open(folder, {
    slipline,
    clock,
    log,
    events: new EventHub({ clock }),
    credentials: () => undefined,
    onTouched: async () => undefined,
    openFile: disk.open,
  });
}

async function planOf(count: number): Promise<KeptPlan> {
  const { slipline, services } = world.server;
  const sessions = [];
  for (let opened = 0; opened < count; opened += 1) sessions.push((await world.bench.open(slipline)).session);
  await services.refresh();
  const plan = await slipline.plan({ sessions });
  return { id: 'plan', user: 'olga', plan, danger: { level: 'ask', why: '' }, expires: Infinity };
}

async function outcomesOf(id: string): Promise<readonly string[]> {
  await until(() => jobs.get(id, WHO).isOver);
  const parts: string[] = [];
  for await (const part of await jobs.read(id, WHO)) parts.push(String(part));
  return (JSON.parse(parts.join('')) as TestJob).outcomes.map(({ status }) => status);
}

function path(id: string): string {
  return join(folder, 'jobs', `${id}.jsonl`);
}
