import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Ask } from '../server.test.support.ts';
import { disconnect, ended, eventsIn, openWorld, until, type World } from './work.test.support.ts';

let world: World;
let olga: Ask;

beforeEach(async () => {
  world = await openWorld();
  olga = await world.server.as();
});

afterEach(async () => world[Symbol.asyncDispose]());

describe('a job', () => {
  it('ends sessions, says so of each, and leaves receipts in the name of its user', async () => {
    const keys = await world.open(3);
    const id = await disconnect(olga, keys, { reason: 'maintenance' });
    const job = await ended(olga, id);
    expect(job).toMatchObject({
      id,
      state: 'done',
      user: 'olga',
      reason: 'maintenance',
      total: 3,
      counts: { disconnected: 3, alreadyGone: 0, skipped: 0, failed: 0, waiting: 0 },
    });
    expect(job.outcomes.map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect(job.outcomes[0]).toMatchObject({
      status: 'disconnected',
      verification: 'verified',
      effect: 'end',
    });
    expect(world.bench.sessionCount?.()).toBe(0);
    const receipts = await world.server.slipline.receipts({ kind: 'disconnect' });
    expect(receipts.map(({ user, reason }) => [user, reason])).toEqual(
      Array(3).fill(['olga', 'maintenance']),
    );
    expect((await olga('GET', '/v1/sessions')).json()).toMatchObject({ items: [], total: 0 });
  });

  it('is accepted with its place, and is listed newest first', async () => {
    const [one = '', other = ''] = await world.open(2);
    const plan = (await olga('POST', '/v1/plans', { sessions: [one] })).json<{ readonly id: string }>();
    const made = await olga('POST', '/v1/disconnections', { plan: plan.id });
    expect(made.statusCode).toBe(202);
    const { id } = made.json<{ readonly id: string }>();
    expect(made.headers.location).toBe(`/v1/disconnections/${id}`);
    await ended(olga, id);
    const second = await disconnect(olga, [other]);
    await ended(olga, second);
    const first = await olga('GET', '/v1/disconnections?limit=1');
    expect(first.json()).toMatchObject({ items: [{ id: second, state: 'done' }], nextCursor: second });
    const next = await olga('GET', `/v1/disconnections?limit=1&cursor=${second}`);
    expect(next.json()).toMatchObject({ items: [{ id, state: 'done' }] });
    expect(next.json()).not.toHaveProperty('nextCursor');
  });

  it('says which sessions failed and why, and keeps those', async () => {
    const keys = await world.open(3);
    world.bench.fail('error');
    const job = await ended(olga, await disconnect(olga, keys));
    expect(job.counts).toMatchObject({ failed: 3 });
    expect(job.outcomes[0]).toMatchObject({ status: 'failed', error: { code: 'protocol' } });
    world.bench.heal();
    expect((await olga('GET', '/v1/sessions')).json()).toMatchObject({ total: 3 });
    expect(world.bench.sessionCount?.()).toBe(3);
  });

  it('finds a session that ended meanwhile gone', async () => {
    const [key = ''] = await world.open(1);
    const [session] = (await world.server.slipline.sessions()).sessions;
    const plan = (await olga('POST', '/v1/plans', { sessions: [key] })).json<{ readonly id: string }>();
    if (session !== undefined) await world.bench.endOnServer(session);
    const made = await olga('POST', '/v1/disconnections', { plan: plan.id });
    const job = await ended(olga, made.json<{ readonly id: string }>().id);
    expect(job.outcomes).toMatchObject([{ key, status: 'already-gone' }]);
  });

  it('that is cancelled begins nothing more, and has an outcome for each session', async () => {
    const keys = await world.open(40);
    world.bench.fail('hang');
    const id = await disconnect(olga, keys);
    await until(() => world.bench.appliance.requestCounts.get('DELETE /rest/login-sessions') === 4);
    const cancelled = await olga('DELETE', `/v1/disconnections/${id}`);
    expect(cancelled.statusCode).toBe(202);
    world.bench.heal();
    const job = await ended(olga, id);
    expect(job.state).toBe('cancelled');
    expect(job.outcomes).toHaveLength(40);
    expect(job.counts).toMatchObject({ waiting: 0, failed: 36, disconnected: 4 });
    expect(job.outcomes.filter(({ error }) => error?.code === 'aborted')).toHaveLength(36);
    expect(world.bench.sessionCount?.()).toBe(36);
    expect((await olga('DELETE', `/v1/disconnections/${id}`)).statusCode).toBe(409);
  });

  it('is in the audit, before it is begun', async () => {
    const [key = ''] = await world.open(1);
    await ended(olga, await disconnect(olga, [key], { reason: 'left open' }));
    const anna = await world.server.as({ user: 'anna', role: 'auditor' });
    expect((await anna('GET', '/v1/audit?limit=1')).json()).toMatchObject({
      items: [
        {
          user: 'olga',
          what: 'disconnect',
          detail: expect.stringMatching(/^plan \S+, 1 session: left open$/),
        },
      ],
    });
  });

  it('is read and followed by those only who see all of it', async () => {
    const keys = await world.open(1);
    const id = await disconnect(olga, keys);
    await ended(olga, id);
    const other = await world.server.as({ user: 'otto', scopes: ['wsman:*'] });
    for (const [method, url] of [
      ['GET', `/v1/disconnections/${id}`],
      ['GET', `/v1/disconnections/${id}/events`],
      ['DELETE', `/v1/disconnections/${id}`],
    ] as const)
      expect((await other(method, url)).statusCode).toBe(404);
    expect((await other('GET', '/v1/disconnections')).json()).toEqual({ items: [] });
  });
});

describe('events of a job', () => {
  it('tell of each session, and go on after the last one that was seen', async () => {
    const keys = await world.open(5);
    const id = await disconnect(olga, keys);
    const whole = eventsIn((await olga('GET', `/v1/disconnections/${id}/events`)).body);
    const told = whole.filter(({ event }) => event !== 'heartbeat');
    expect(told.filter(({ event }) => event === 'session-start')).toHaveLength(5);
    expect(told.filter(({ event }) => event === 'session-end')).toHaveLength(5);
    expect(told.at(-1)).toMatchObject({ event: 'job-end', data: { id, state: 'done' } });
    const ids = told.map((event) => event.id ?? 0);
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
    expect(new Set(ids).size).toBe(ids.length);
    const last = told[4]?.id;
    const rest = eventsIn(
      (await olga('GET', `/v1/disconnections/${id}/events`, undefined, { 'last-event-id': String(last) }))
        .body,
    );
    expect(rest.filter(({ event }) => event !== 'heartbeat')).toEqual(told.slice(5));
  });
});

describe('confirmation', () => {
  it('is needed for more than one own session', async () => {
    const sessions = await world.open(2);
    const plan = (await olga('POST', '/v1/plans', { sessions })).json<{ readonly id: string }>();
    const refused = await olga('POST', '/v1/disconnections', { plan: plan.id });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ code: 'invalid-request', next: 'send confirm: true' });
    expect(world.bench.sessionCount?.()).toBe(2);
    const made = await olga('POST', '/v1/disconnections', { plan: plan.id, confirm: true });
    expect(made.statusCode).toBe(202);
  });

  it('lets a plan be applied once', async () => {
    const [key = ''] = await world.open(1);
    const plan = (await olga('POST', '/v1/plans', { sessions: [key] })).json<{ readonly id: string }>();
    const answers = await Promise.all(
      [1, 2, 3].map(() => olga('POST', '/v1/disconnections', { plan: plan.id })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([202, 404, 404]);
  });
});
