import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Slipline } from '@slipline/core';
import type { Ask } from '../server.test.support.ts';
import { keysIn, openWorld, until, type Page, type World } from './work.test.support.ts';

let world: World;
let olga: Ask;

beforeEach(async () => {
  world = await openWorld();
  olga = await world.server.as();
});

afterEach(async () => world[Symbol.asyncDispose]());

describe('GET /v1/sessions', () => {
  it('lists what the ledger has, and asks nobody', async () => {
    const keys = await world.open(3);
    const before = world.bench.requests?.();
    const answer = await olga('GET', '/v1/sessions?sort=openedAt');
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(keysIn(answer)).toEqual(keys);
    expect(answer.json<Page>()).toMatchObject({
      items: [{ provider: 'hpe-oneview', ownership: 'opened', state: 'live', isDefault: true }, {}, {}],
      total: 3,
      problems: [],
    });
    expect(world.bench.requests?.()).toBe(before);
  });

  it('pages by cursor', async () => {
    const keys = await world.open(3);
    const first = await olga('GET', '/v1/sessions?sort=openedAt&limit=2');
    const { nextCursor = '' } = first.json<Page>();
    const next = await olga('GET', `/v1/sessions?sort=openedAt&limit=2&cursor=${nextCursor}`);
    expect([...keysIn(first), ...keysIn(next)]).toEqual(keys);
    expect(next.json<Page>()).not.toHaveProperty('nextCursor');
  });

  it('refuses what it does not know', async () => {
    for (const query of ['limit=0', 'limit=1001', 'sort=secret', 'colour=red', 'cursor=x', 'q='])
      expect([query, (await olga('GET', `/v1/sessions?${query}`)).statusCode]).toEqual([query, 400]);
  });

  it('shows what another process opened and ended', async () => {
    const other = new Slipline({
      providers: [world.bench.plugin],
      ledger: world.server.ledger,
      network: world.bench.network,
    });
    const { session } = await world.bench.open(other);
    await until(async () => (await olga('GET', '/v1/sessions')).json<Page>().total === 1);
    await other.apply(await other.plan({ sessions: [session] }));
    await until(async () => (await olga('GET', '/v1/sessions')).json<Page>().total === 0);
    await other[Symbol.asyncDispose]();
  });

  it('holds no secret', async () => {
    await world.open(2);
    const { body } = await olga('GET', '/v1/sessions');
    for (const secret of world.bench.canaries()) expect(body).not.toContain(secret);
  });
});

describe('GET /v1/sessions/{key}', () => {
  it('answers one, and nothing of what is gone or out of scope', async () => {
    const [key = ''] = await world.open(1);
    expect((await olga('GET', `/v1/sessions/${key}`)).json()).toMatchObject({ key, id: '1' });
    expect((await olga('GET', `/v1/sessions/${key.slice(1)}x`)).statusCode).toBe(404);
    const otto = await world.server.as({ user: 'otto', role: 'viewer', scopes: ['wsman:*'] });
    expect((await otto('GET', `/v1/sessions/${key}`)).statusCode).toBe(404);
    expect((await otto('GET', '/v1/sessions')).json()).toMatchObject({ items: [], total: 0 });
    expect((await olga('GET', '/v1/sessions/..%2f..%2fetc')).statusCode).toBe(400);
  });
});
