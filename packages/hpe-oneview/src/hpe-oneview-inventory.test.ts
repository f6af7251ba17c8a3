import { describe, expect, it, jest } from '@jest/globals';
import { Slipline, type Session } from '@slipline/core';
import { hpeOneView } from './index.ts';
import { faults, HOSTILE_TEXT } from './testing/index.ts';
import { World } from './testing/world.test.support.ts';

// Ends of waits are asserted, not their lengths: a busy machine may take its time.
jest.setTimeout(30_000);

const LIST = '/rest/active-user-sessions';

async function live(world: World, selector: Readonly<Record<string, unknown>> = {}) {
  return world.slipline.sessions({ provider: 'hpe-oneview', selector, isLive: true });
}

async function others(world: World, selector: Readonly<Record<string, unknown>> = {}) {
  const query = { provider: 'hpe-oneview', selector: { ...selector, others: true } };
  const { sessions, problems } = await world.slipline.sessions(query);
  return { sessions, problems, foreign: sessions.filter(({ ownership }) => ownership === 'foreign') };
}

describe('a list', () => {
  it('asks no server unless it is to be live', async () => {
    await using world = await World.open();
    await world.connect();
    world.appliance.clearRequests();
    await world.slipline.sessions();
    await world.slipline.sessions({ provider: 'hpe-oneview', selector: {} });
    expect(world.appliance.requestCount).toBe(0);
  });
});

describe('a live list', () => {
  it('says how a session fares: state, idle time, last use, and how many more there may be', async () => {
    const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time };
    await using world = await World.open({ appliance: { clock, limits: { appliance: 2400, client: 960 } } });
    await world.connect({ idleTimeout: 30 });
    world.appliance.openSession({ userName: 'auditor', clientAddress: '192.0.2.9' });
    clock.time += 60_000;
    const { sessions, problems } = await live(world);
    expect(problems).toEqual([]);
    expect(sessions).toEqual([
      expect.objectContaining({
        id: '1',
        state: 'live',
        openedAt: expect.any(String),
        expiresAt: '2026-01-01T00:31:00.000Z',
        details: expect.objectContaining({
          clientHost: '127.0.0.1',
          idleTimeout: 30,
          lastUsedAt: '2026-01-01T00:01:00.000Z',
          quota: {
            appliance: { used: 2, limit: 2400, free: 2398 },
            client: { used: 1, limit: 960, free: 959 },
          },
        }),
      }),
    ]);
  });

  it('tells gone sessions from living ones', async () => {
    await using world = await World.open();
    const sessions = [await world.connect(), await world.connect(), await world.connect()];
    world.appliance.expire(await world.token(sessions[0]!));
    world.appliance.inject(faults.resetAfter(), { method: 'DELETE', times: 1 });
    await world.end(sessions[1]!);
    const list = await live(world);
    expect(list.sessions.map(({ id, state }) => [id, state])).toEqual([
      ['1', 'expired'],
      ['2', 'closed'],
      ['3', 'live'],
    ]);
  });

  it('looks at a session without renewing it, but for the one that reads the list', async () => {
    const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time };
    await using world = await World.open({ appliance: { clock } });
    await world.connect();
    await world.connect();
    clock.time += 60_000;
    await live(world);
    expect(world.appliance.sessions().map(({ accessed, created }) => accessed - created)).toEqual([
      0, 60_000,
    ]);
  });

  it('does not know the quota where the user may not see it', async () => {
    await using world = await World.open();
    await world.connect({ userName: 'auditor' });
    const { sessions, problems } = await live(world);
    expect(problems).toEqual([]);
    expect(sessions[0]).toMatchObject({ state: 'live', details: { quota: 'unknown', idleTimeout: 1440 } });
  });

  it('asks with the session of a user who may', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect({ userName: 'auditor' });
    const { sessions } = await live(world);
    expect(sessions.map(({ details }) => details['quota'])).toEqual([
      expect.objectContaining({ appliance: { used: 2, limit: 2400, free: 2398 } }),
      expect.objectContaining({ appliance: { used: 2, limit: 2400, free: 2398 } }),
    ]);
  });

  it('shows an appliance that does not answer as a problem, and its sessions as unknown', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect({ appliance: 'MyAppliance.domain.com' });
    world.appliance.inject(faults.resetBefore(), { times: 1 });
    const { sessions, problems } = await live(world);
    expect(sessions.map(({ state }) => state).sort()).toEqual(['live', 'unknown']);
    expect(sessions.find(({ state }) => state === 'unknown')?.details['problem']).toMatch(/^unreachable: /);
    expect(problems).toMatchObject([{ error: { code: 'unreachable' } }]);
  });

  it('waits for no appliance longer than its time', async () => {
    await using world = await World.open();
    await world.connect();
    const hang = world.appliance.inject(faults.hang(), { path: '/rest/sessions' });
    const started = Date.now();
    await using slipline = new Slipline({
      providers: [hpeOneView({ liveTimeout: 200 })],
      ledger: world.ledger,
      network: world.bench.network,
    });
    const { sessions, problems } = await slipline.sessions({ provider: 'hpe-oneview', isLive: true });
    expect(Date.now() - started).toBeLessThan(8000);
    expect(sessions).toMatchObject([{ state: 'unknown' }]);
    expect(problems).toMatchObject([{ error: { code: 'timeout' } }]);
    hang.release();
  });

  it.each([
    ['the idle time-out', '/rest/sessions/idle-timeout'],
    ['the list', LIST],
  ])('does without %s where that is not to be had', async (_what, path) => {
    await using world = await World.open();
    await world.connect();
    world.appliance.inject(faults.serverError(), { path });
    const { sessions, problems } = await live(world);
    expect(sessions).toMatchObject([{ state: 'live' }]);
    expect(problems).toEqual([]);
  });

  it('asks each appliance about what is named only', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect();
    const { sessions } = await live(world, { appliance: '2' });
    expect(sessions.map(({ id }) => id)).toEqual(['2']);
  });

  it('shows limits that an administrator has raised', async () => {
    await using world = await World.open();
    await world.connect();
    await using slipline = new Slipline({
      providers: [hpeOneView({ applianceLimit: 3000, clientLimit: 1 })],
      ledger: world.ledger,
      network: world.bench.network,
    });
    const { sessions } = await slipline.sessions({ provider: 'hpe-oneview', isLive: true });
    expect(sessions[0]?.details['quota']).toEqual({
      appliance: { used: 1, limit: 3000, free: 2999 },
      client: { used: 1, limit: 1, free: 0 },
    });
  });

  it('leaves a connect that another process has begun as it is', async () => {
    await using world = await World.open();
    await world.ledger.open({ provider: 'hpe-oneview', endpoint: world.appliance.endpoint });
    const { sessions, problems } = await live(world);
    expect(sessions.map(({ state }) => state)).toEqual(['unknown']);
    expect(problems).toEqual([]);
    expect(world.appliance.requestCount).toBe(0);
  });
});

describe("other people's sessions", () => {
  it('are listed, and offer no way to end them', async () => {
    const clock = { now: () => Date.UTC(2026, 0, 1) };
    await using world = await World.open({ appliance: { clock } });
    await world.connect();
    world.appliance.openSession({
      userName: 'jdoe',
      loginDomain: 'corp.example',
      clientAddress: '192.0.2.9',
    });
    const { sessions, foreign, problems } = await others(world);
    expect(problems).toEqual([]);
    expect(sessions).toHaveLength(2);
    expect(foreign).toEqual([
      {
        provider: 'hpe-oneview',
        endpoint: world.appliance.endpoint,
        id: expect.stringMatching(/^user-[0-9a-f]{12}$/),
        kind: 'connection',
        label: `jdoe on ${world.appliance.endpoint}`,
        principal: 'corp.example\\jdoe',
        state: 'live',
        ownership: 'foreign',
        effects: [],
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        openedAt: '2026-01-01T00:00:00.000Z',
        details: {
          userName: 'jdoe',
          authLoginDomain: 'corp.example',
          clientHost: '192.0.2.9',
          lastUsedAt: '2026-01-01T00:00:00.000Z',
          latestExpiry: '2026-01-02T00:00:00.000Z',
        },
      },
    ]);
  });

  it('do not hold own ones a second time', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect();
    // The same user from the same address, whose token nobody here has.
    world.appliance.openSession({ userName: 'Administrator' });
    const { sessions, foreign } = await others(world, { appliance: '1' });
    expect(sessions.map(({ ownership }) => ownership)).toEqual(['opened', 'foreign']);
    expect(foreign).toHaveLength(1);
  });

  it('are told from own ones by user and address where the list has no names for sessions', async () => {
    await using world = await World.open();
    await world.connect();
    const member = { username: 'Administrator', loginDomain: 'LOCAL', clientHost: '127.0.0.1' };
    const members = [member, { ...member, clientHost: '192.0.2.9' }];
    world.appliance.inject(faults.answer({ status: 200, body: JSON.stringify({ members }) }), { path: LIST });
    const { foreign } = await others(world);
    expect(foreign.map(({ details }) => details['clientHost'])).toEqual(['192.0.2.9']);
  });

  it('have the same id in every list', async () => {
    await using world = await World.open();
    await world.connect();
    world.appliance.openSession({ userName: 'auditor' });
    const [first, second] = [await others(world), await others(world)];
    expect(first.foreign).toEqual(second.foreign);
  });

  it('are a problem where the user may not see them', async () => {
    await using world = await World.open();
    await world.connect({ userName: 'auditor' });
    const { sessions, problems } = await others(world);
    expect(sessions).toHaveLength(1);
    expect(problems).toMatchObject([{ error: { code: 'forbidden', system: world.appliance.endpoint } }]);
    world.appliance.configure({ missingRight: 'INSUFFICIENT_PRIVILEGES' });
    expect((await others(world)).problems).toMatchObject([{ error: { code: 'forbidden' } }]);
  });

  it('are a problem where no own session lives to ask with', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.expire(await world.token(session));
    const { problems } = await others(world);
    expect(problems).toMatchObject([{ error: { code: 'unsupported', next: 'connect to it first' } }]);
  });

  it('are read to the last page', async () => {
    await using world = await World.open({ appliance: { limits: { appliance: 5000, client: 5000 } } });
    await world.connect();
    for (let count = 0; count < 1200; count += 1)
      world.appliance.openSession({ userName: 'auditor', clientAddress: `192.0.2.${count % 250}` });
    expect((await others(world)).foreign).toHaveLength(1200);
    expect(world.requests.filter((request) => request === `GET ${LIST}`)).toHaveLength(3);
  });

  it.each<[string, unknown]>([
    ['has no members', {}],
    ['has members that are no list', { members: 'all' }],
    ['never ends', { members: [{ username: 'x' }], nextPageUri: `${LIST}?start=0` }],
    ['has empty pages only', { members: [], nextPageUri: `${LIST}?start=0` }],
  ])('are a problem where the list %s', async (_what, answer) => {
    await using world = await World.open();
    await world.connect();
    world.appliance.inject(faults.answer({ status: 200, body: JSON.stringify(answer) }), { path: LIST });
    const { sessions, problems } = await others(world);
    expect(sessions).toHaveLength(1);
    expect(problems).toMatchObject([{ error: { code: 'protocol' } }]);
    expect(world.requests.filter((request) => request === `GET ${LIST}`).length).toBeLessThanOrEqual(102);
  });

  it.each([
    'https://elsewhere.example/rest/active-user-sessions?start=1',
    '/rest/login-sessions',
    '//elsewhere.example/',
  ])('are not looked for at %s', async (nextPageUri) => {
    await using world = await World.open();
    await world.connect();
    const answer = { members: [{ username: 'auditor', clientHost: '192.0.2.9' }], nextPageUri };
    world.appliance.inject(faults.answer({ status: 200, body: JSON.stringify(answer) }), { path: LIST });
    world.appliance.clearRequests();
    const { foreign, problems } = await others(world);
    expect([foreign.length, problems.length]).toEqual([1, 0]);
    expect(world.requests).toEqual(['GET /rest/sessions', `GET ${LIST}`]);
  });

  it('of hostile names are harmless', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const token = await world.token(session);
    const members = [
      { username: HOSTILE_TEXT, loginDomain: { name: 'x' }, clientHost: `${token}`, timeCreated: 'never' },
      'nobody',
      null,
    ];
    world.appliance.inject(faults.answer({ status: 200, body: JSON.stringify({ members }) }), { path: LIST });
    const { foreign } = await others(world);
    expect(foreign).toMatchObject([{ principal: 'ared b' + 'gnp.execd' }]);
    expect(JSON.stringify(foreign)).not.toContain(token);
  });

  it('cannot be chosen to be disconnected', async () => {
    await using world = await World.open();
    await world.connect();
    world.appliance.openSession({ userName: 'auditor', clientAddress: '192.0.2.9' });
    await expect(
      world.slipline.plan({ provider: 'hpe-oneview', selector: { others: true }, all: true }),
    ).rejects.toMatchObject({ code: 'invalid-request', message: 'others is for listing only' });
    const { foreign } = await others(world);
    const plan = await world.slipline.plan({ sessions: foreign });
    expect(plan.steps).toEqual([]);
    expect(plan.problems).toMatchObject([{ error: { code: 'unsupported' } }]);
    expect(world.appliance.openSessionCount).toBe(2);
  });

  it('are read again by reference, and only where there is one', async () => {
    await using world = await World.open();
    await world.connect();
    const refused = async (ref: Partial<Session>) => {
      const session = { provider: 'hpe-oneview', endpoint: world.appliance.endpoint, id: '9', ...ref };
      const { problems } = await world.slipline.plan({ sessions: [session] });
      return problems.map(({ error }) => error.code);
    };
    world.appliance.clearRequests();
    expect(await refused({})).toEqual(['not-found']);
    expect(await refused({ id: 'user-000000000000', endpoint: 'ov9.example' })).toEqual(['not-found']);
    expect(world.appliance.requestCount).toBe(0);
    expect(await refused({ id: 'user-000000000000' })).toEqual(['not-found']);
    world.appliance.inject(faults.serverError(), { path: LIST });
    expect(await refused({ id: 'user-000000000000' })).toEqual(['protocol']);
  });
});
