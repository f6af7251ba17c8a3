import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock, type ManualClock } from '@slipline/testkit';
import { openWorld, type World } from '../routes/work.test.support.ts';
import type { Ask } from '../server.test.support.ts';
import { IdempotencyStore } from './idempotency-store.ts';

const KEY = { 'idempotency-key': 'c0ffee' };

describe('a request with an Idempotency-Key', () => {
  let world: World;
  let olga: Ask;

  beforeEach(async () => {
    world = await openWorld();
    olga = await world.server.as();
  });

  afterEach(async () => world[Symbol.asyncDispose]());

  it('is done once, and answered the same again', async () => {
    const first = await olga('POST', '/v1/connections', connection(), KEY);
    const again = await olga('POST', '/v1/connections', connection(), KEY);
    expect(again.statusCode).toBe(201);
    expect(again.body).toBe(first.body);
    expect(again.headers.location).toBe(first.headers.location);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect([first, again].map(({ headers }) => headers['idempotency-replayed'])).toEqual([undefined, 'true']);
    expect(world.bench.sessionCount?.()).toBe(1);
  });

  it('is a disconnect that happens once', async () => {
    const [key = ''] = await world.open(1);
    const { id } = (await olga('POST', '/v1/plans', { sessions: [key] }, KEY)).json<{
      readonly id: string;
    }>();
    const body = { plan: id, confirm: true };
    const answers = await Promise.all([1, 2, 3, 4].map(() => olga('POST', '/v1/disconnections', body, KEY)));
    const later = await olga('POST', '/v1/disconnections', body, KEY);
    expect(later.statusCode).toBe(202);
    for (const { statusCode, body: text } of answers)
      if (statusCode === 202) expect(text).toBe(later.body);
      else expect(JSON.parse(text)).toMatchObject({ status: 409, code: 'changed' });
    const jobs = (await olga('GET', '/v1/disconnections')).json<{ readonly items: readonly object[] }>();
    expect(jobs.items).toHaveLength(1);
  });

  it('is refused while the first is at work', async () => {
    const slow = world.bench.appliance.inject({ kind: 'hang', when: 'before' }, { method: 'POST' });
    const first = olga('POST', '/v1/connections', connection(), KEY);
    for (;;) {
      if (slow.hits > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const second = await olga('POST', '/v1/connections', connection(), KEY);
    expect(second.statusCode).toBe(409);
    expect(second.headers['retry-after']).toBe('1');
    slow.remove();
    slow.release();
    expect((await first).statusCode).toBe(201);
    expect(world.bench.sessionCount?.()).toBe(1);
  });

  it('is refused with another body, and is another one for another user or route', async () => {
    await olga('POST', '/v1/connections', connection(), KEY);
    const other = await olga('POST', '/v1/connections', { ...connection(), reason: 'other' }, KEY);
    expect(other.statusCode).toBe(422);
    expect(other.json()).toMatchObject({ code: 'invalid-request' });
    const otto = await world.server.as({ user: 'otto' });
    expect((await otto('POST', '/v1/connections', connection(), KEY)).statusCode).toBe(201);
    expect((await olga('POST', '/v1/plans', { provider: 'hpe-oneview', all: true }, KEY)).statusCode).toBe(
      201,
    );
    expect(world.bench.sessionCount?.()).toBe(2);
  });

  it('that failed may be made again', async () => {
    const broken = world.bench.appliance.inject({ kind: 'busy' }, { method: 'POST', times: 1 });
    const failed = await olga('POST', '/v1/connections', connection(), KEY);
    expect(failed.statusCode).toBeGreaterThanOrEqual(400);
    broken.remove();
    expect((await olga('POST', '/v1/connections', connection(), KEY)).statusCode).toBe(201);
  });

  it('is refused with a key that is none', async () => {
    for (const key of ['', 'x'.repeat(256), 'ä', 'a b'])
      expect(
        (await olga('POST', '/v1/connections', connection(), { 'idempotency-key': key })).statusCode,
      ).toBe(400);
    expect(world.bench.sessionCount?.()).toBe(0);
  });

  it('leaves no password in the files of the service', async () => {
    await olga('POST', '/v1/connections', connection(), KEY);
    const folder = join(world.server.folder, 'idempotency');
    const [name = ''] = await readdir(folder);
    const text = await readFile(join(folder, name), 'utf8');
    for (const secret of world.bench.canaries()) expect(text).not.toContain(secret);
  });

  function connection(): object {
    const { password, ...values } = world.bench.connectValues();
    return { provider: 'hpe-oneview', values: { ...values, password: password.reveal() } };
  }
});

describe('the store of such requests', () => {
  const REQUEST = { user: 'olga', route: 'POST /v1/plans', key: 'c0ffee', body: { sessions: ['a'] } };
  const ANSWER = { status: 201, location: '/v1/plans/1', body: '{"id":"1"}' };
  let folder: string;
  let clock: ManualClock;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipline-http-once-'));
    clock = manualClock();
  });

  afterEach(async () => rm(folder, { recursive: true, force: true }));

  it('knows an answer after a restart, for 24 hours', async () => {
    await answered(await open());
    const store = await open();
    expect(await store.begin(REQUEST)).toEqual({ state: 'answered', answer: ANSWER });
    await clock.advance(24 * 3_600_000);
    expect(await store.begin(REQUEST)).toMatchObject({ state: 'none' });
  });

  it('knows of a request that the service died of', async () => {
    const { name } = (await (await open()).begin(REQUEST)) as { readonly name: string };
    expect(await (await open()).begin(REQUEST)).toEqual({ state: 'lost', name });
    await expect((await open()).begin({ ...REQUEST, body: {} })).rejects.toMatchObject({ status: 422 });
  });

  it('takes a damaged file for none, and begins anew', async () => {
    await answered(await open());
    const own = join(folder, 'idempotency');
    const [name = ''] = await readdir(own);
    await writeFile(join(own, name), '{"version":1,');
    expect(await (await open()).begin(REQUEST)).toMatchObject({ state: 'none' });
  });

  async function answered(store: IdempotencyStore): Promise<void> {
    const { name } = (await store.begin(REQUEST)) as { readonly name: string };
    await store.finish(name, REQUEST.body, ANSWER);
  }

  function open(): Promise<IdempotencyStore> {
    return IdempotencyStore.open(folder, clock);
  }
});
