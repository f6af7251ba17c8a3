import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Ask } from '../server.test.support.ts';
import { openWorld, type Page, type World } from './work.test.support.ts';

let world: World;
let olga: Ask;

beforeEach(async () => {
  world = await openWorld();
  olga = await world.server.as();
});

afterEach(async () => world[Symbol.asyncDispose]());

describe('POST /v1/connections', () => {
  it('opens a session in the name of its user, and gives no secret back', async () => {
    const made = await olga('POST', '/v1/connections', { ...request(), reason: 'a look' });
    expect(made.statusCode).toBe(201);
    const { key } = made.json<{ readonly key: string }>();
    expect(made.headers.location).toBe(`/v1/sessions/${key}`);
    expect(world.bench.sessionCount?.()).toBe(1);
    expect((await olga('GET', '/v1/sessions')).json<Page>().items).toEqual([made.json()]);
    expect(await world.server.slipline.receipts({ kind: 'connect' })).toMatchObject([
      { user: 'olga', reason: 'a look' },
    ]);
    for (const secret of world.bench.canaries()) {
      expect(made.body).not.toContain(secret);
      expect(JSON.stringify(world.server.log.records)).not.toContain(secret);
    }
  });

  it('says what the system said', async () => {
    const { provider, values } = request();
    const refused = await olga('POST', '/v1/connections', {
      provider,
      values: { ...values, password: 'mistyped-7' },
    });
    expect(refused.statusCode).toBe(502);
    expect(refused.json()).toMatchObject({ code: 'unauthenticated', system: world.bench.appliance.endpoint });
    expect(refused.body).not.toContain('mistyped-7');
  });

  it('refuses values that make no sense, and says which', async () => {
    const { provider, values } = request();
    const answers = [
      await olga('POST', '/v1/connections', { provider, values: { ...values, colour: 'red' } }),
      await olga('POST', '/v1/connections', { provider, values: {} }),
      await olga('POST', '/v1/connections', { provider, values, trust: { pin: 'f'.repeat(64) } }),
      await olga('POST', '/v1/connections', {
        provider,
        values: JSON.parse('{"__proto__":{"a":1}}') as object,
      }),
      await olga('POST', '/v1/connections', { provider: 'nobody', values }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400, 400, 404]);
    expect(answers[0]?.json()).toMatchObject({
      code: 'invalid-request',
      detail: 'unknown parameter "colour"',
    });
    expect(world.bench.sessionCount?.()).toBe(0);
  });

  it('is refused out of scope before anything is asked, and that is noted', async () => {
    const otto = await world.server.as({ user: 'otto', scopes: ['hpe-oneview:ov*'] });
    const before = world.bench.requests?.();
    expect((await otto('POST', '/v1/connections', request())).statusCode).toBe(403);
    expect(world.bench.requests?.()).toBe(before);
    const auditor = await world.server.as({ user: 'anna', role: 'auditor' });
    expect((await auditor('GET', '/v1/audit?limit=1')).json()).toMatchObject({
      items: [{ user: 'otto', what: 'connect refused', endpoint: world.bench.appliance.endpoint }],
    });
  });

  it('is for operators only', async () => {
    for (const role of ['viewer', 'auditor'] as const) {
      const ask = await world.server.as({ user: 'vera', role });
      expect((await ask('POST', '/v1/connections', request())).statusCode).toBe(403);
    }
  });
});

function request(): { readonly provider: string; readonly values: Readonly<Record<string, unknown>> } {
  const { password, ...values } = world.bench.connectValues();
  return { provider: 'hpe-oneview', values: { ...values, password: password.reveal() } };
}
