import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { manualClock, type ManualClock } from '@slipline/testkit';
import type { Ask } from '../server.test.support.ts';
import { openWorld, type World } from './work.test.support.ts';

interface Plan {
  readonly id: string;
  readonly steps: readonly { readonly key: string; readonly effect: string }[];
  readonly problems: readonly { readonly error: { readonly code: string } }[];
  readonly danger: { readonly level: string };
}

let world: World;
let olga: Ask;

beforeEach(async () => {
  world = await openWorld();
  olga = await world.server.as();
});

afterEach(async () => world[Symbol.asyncDispose]());

describe('POST /v1/plans', () => {
  it('says what would be done to these sessions, and does nothing', async () => {
    const sessions = await world.open(2);
    const before = world.bench.writes();
    const made = await olga('POST', '/v1/plans', { sessions });
    expect(made.statusCode).toBe(201);
    const plan = made.json<Plan>();
    expect(made.headers.location).toBe(`/v1/plans/${plan.id}`);
    expect(plan).toMatchObject({
      problems: [],
      people: ['Administrator'],
      danger: { level: 'ask', why: '2 sessions would go' },
    });
    expect(plan.steps.map(({ key, effect }) => [key, effect])).toEqual(sessions.map((key) => [key, 'end']));
    expect((await olga('GET', `/v1/plans/${plan.id}`)).json()).toEqual(plan);
    expect(world.bench.writes()).toBe(before);
  });

  it('takes what a provider selects', async () => {
    await world.open(2);
    const one = await olga('POST', '/v1/plans', { provider: 'hpe-oneview', selector: { appliance: ['2'] } });
    expect(one.json<Plan>()).toMatchObject({ steps: [{ session: { id: '2' } }], danger: { level: 'none' } });
    const all = await olga('POST', '/v1/plans', { provider: 'hpe-oneview', all: true });
    expect(all.json<Plan>().steps).toHaveLength(2);
  });

  it('leaves out what is not there, and an effect that is not offered', async () => {
    const [key = ''] = await world.open(1);
    const missing = await olga('POST', '/v1/plans', { sessions: [key, 'nobody'] });
    expect(missing.json<Plan>()).toMatchObject({
      steps: [{ key }],
      problems: [{ error: { code: 'not-found' } }],
    });
    const revoked = await olga('POST', '/v1/plans', { sessions: [key], effect: 'revoke' });
    expect(revoked.json<Plan>()).toMatchObject({
      steps: [],
      problems: [{ key, error: { code: 'unsupported' } }],
    });
  });

  it('refuses what it does not understand', async () => {
    for (const body of [
      {},
      { sessions: [] },
      { sessions: ['../x'] },
      { sessions: Array(10_001).fill('x') },
      { sessions: ['x'], provider: 'hpe-oneview' },
      { sessions: ['x'], effect: 'destroy' },
      { provider: 'hpe-oneview', selector: { colour: 'red' } },
    ])
      expect((await olga('POST', '/v1/plans', body)).statusCode).toBe(400);
    expect((await olga('POST', '/v1/plans', { provider: 'nobody', all: true })).statusCode).toBe(404);
  });
});

describe('a plan', () => {
  it('belongs to who made it', async () => {
    const [key = ''] = await world.open(1);
    const { id } = (await olga('POST', '/v1/plans', { sessions: [key] })).json<Plan>();
    const otto = await world.server.as({ user: 'otto' });
    expect((await otto('GET', `/v1/plans/${id}`)).statusCode).toBe(404);
    expect((await otto('POST', '/v1/disconnections', { plan: id, confirm: true })).statusCode).toBe(404);
    expect(world.bench.sessionCount?.()).toBe(1);
  });

  it('holds nothing out of scope: nothing is planned then, and that is noted', async () => {
    const [key = ''] = await world.open(1);
    const otto = await world.server.as({ user: 'otto', scopes: ['hpe-oneview:other*'] });
    for (const body of [
      { sessions: [key] },
      { provider: 'hpe-oneview', all: true },
      { provider: 'hpe-oneview', selector: { appliance: ['1'] } },
    ]) {
      const refused = await otto('POST', '/v1/plans', body);
      expect(refused.statusCode).toBe(403);
      expect(refused.body).not.toContain(world.bench.appliance.endpoint);
    }
    const auditor = await world.server.as({ user: 'anna', role: 'auditor' });
    const { items } = (await auditor('GET', '/v1/audit?limit=3')).json<{
      readonly items: readonly object[];
    }>();
    const refusal = { user: 'otto', what: 'disconnect refused', endpoint: world.bench.appliance.endpoint };
    expect(items).toMatchObject([refusal, refusal, refusal]);
  });

  it('whose maker has lost the scope since is not applied', async () => {
    const [key = ''] = await world.open(1);
    const { id } = (await olga('POST', '/v1/plans', { sessions: [key] })).json<Plan>();
    const narrower = await world.server.as({ scopes: ['wsman:*'] });
    expect((await narrower('POST', '/v1/disconnections', { plan: id })).statusCode).toBe(403);
    expect(world.bench.sessionCount?.()).toBe(1);
  });

  it('is over after a quarter of an hour', async () => {
    const clock: ManualClock = manualClock(Date.now());
    await using later = await openWorld({ clock });
    const ask = await later.server.as();
    const [key = ''] = await later.open(1);
    const { id } = (await ask('POST', '/v1/plans', { sessions: [key] })).json<Plan>();
    await clock.advance(15 * 60_000 - 1);
    expect((await ask('GET', `/v1/plans/${id}`)).statusCode).toBe(200);
    await clock.advance(1);
    expect((await ask('GET', `/v1/plans/${id}`)).statusCode).toBe(404);
  });
});
