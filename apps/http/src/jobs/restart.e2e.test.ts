import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faults, openBench, type ActiveFault, type OneViewBench } from '@slipline/hpe-oneview/testing';
import { until, type Page, type TestJob } from '../routes/work.test.support.ts';
import { Home, type Service } from './program.test.support.ts';

const COUNT = 80;
const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };

let bench: OneViewBench;
let home: Home;
let key: string;
let slow: ActiveFault;

beforeEach(async () => {
  bench = await openBench();
  home = await Home.make(bench);
  await home.open(COUNT);
  key = await home.key();
}, 60_000);

afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

describe('a service that ends in the middle of a job', () => {
  it('applies the rest after it was killed', async () => {
    const service = await home.start(key);
    const id = await begin(service);
    await service.end('SIGKILL');
    expect(bench.sessionCount?.()).toBeGreaterThan(0);
    await goesOn(id);
  }, 120_000);

  it('parks the job when it is told to stop, exits with 0, and applies the rest when it is started again', async () => {
    const service = await home.start(key);
    const id = await begin(service);
    expect(await service.end('SIGTERM')).toBe(0);
    const left = bench.sessionCount?.() ?? 0;
    expect(left).toBeGreaterThan(0);
    // What was under way has come to its end, and nothing more was begun.
    const written = await readFile(join(await folder(), `${id}.jsonl`), 'utf8');
    expect(written.match(/"event":"session-end"/g)).toHaveLength(COUNT - left);
    expect(written).not.toMatch(/aborted|job-end/);
    await goesOn(id);
  }, 120_000);
});

/** Begins a job that takes its time, and has had some outcomes when this returns. */
async function begin(service: Service): Promise<string> {
  slow = bench.appliance.inject(faults.delay(150), LOGOUT);
  const { items } = await service.json<Page>('GET', '/v1/sessions?limit=1000');
  expect(items).toHaveLength(COUNT);
  const sessions = items.map((session) => session.key);
  const plan = await service.json<{ readonly id: string }>('POST', '/v1/plans', { sessions });
  const { id } = await service.json<TestJob>('POST', '/v1/disconnections', { plan: plan.id, confirm: true });
  await until(
    async () =>
      ((await service.json<TestJob>('GET', `/v1/disconnections/${id}`)).counts['disconnected'] ?? 0) >= 12,
  );
  return id;
}

/** The service is started again, and the job comes to its end with one outcome for each session. */
async function goesOn(id: string): Promise<void> {
  slow.remove();
  const service = await home.start(key);
  await (await service.fetch('GET', `/v1/disconnections/${id}/events`)).text();
  const job = await service.json<TestJob>('GET', `/v1/disconnections/${id}`);
  expect(job.state).toBe('done');
  expect(job.counts).toMatchObject({ failed: 0, skipped: 0, waiting: 0 });
  expect(job.outcomes).toHaveLength(COUNT);
  expect(new Set(job.outcomes.map((outcome) => outcome.key)).size).toBe(COUNT);
  expect(bench.sessionCount?.()).toBe(0);
  await until(async () => (await service.json<Page>('GET', '/v1/sessions')).total === 0);
  expect(await service.end('SIGTERM')).toBe(0);
  expect(await readdir(await folder())).toEqual([`${id}.jsonl`]);
}

async function folder(): Promise<string> {
  return join(home.folder, 'state', 'http', 'jobs');
}
