import { describe, expect, it } from '@jest/globals';
import type { FakeAppliance } from './fake-appliance.ts';
import {
  call,
  CREDENTIALS,
  logIn,
  logOut,
  probe,
  standingClock,
  startAppliance,
} from './https-call.test.support.ts';

const HOUR = 3_600_000;
const READER = { userName: 'reader', password: 'r', roles: ['Read only'] };
const users = [CREDENTIALS, READER];

const use = async (appliance: FakeAppliance, token: string) =>
  (await call(appliance, 'GET', '/rest/server-hardware', { token })).status;

const idleTimeout = (appliance: FakeAppliance, sessionId: string, json?: unknown) =>
  call(appliance, json === undefined ? 'GET' : 'POST', '/rest/sessions/idle-timeout', {
    sessionId,
    token: sessionId,
    json,
  });

describe('GET /rest/sessions', () => {
  it('describes the session that Session-ID names', async () => {
    await using appliance = await startAppliance({ users });
    const token = await logIn(appliance, { userName: 'reader', password: 'r' });
    const { json } = await call(appliance, 'GET', '/rest/sessions', { sessionId: token });
    expect(json).toEqual({
      username: 'reader',
      loginDomain: 'LOCAL',
      clientHost: '127.0.0.1',
      serverHost: appliance.settings.hostName,
      loggingID: expect.any(String),
      sessionID: token,
      permissions: [{ roleName: 'Read only', scopeUri: null, active: true }],
      roles: ['Read only'],
    });
  });

  it('wants Session-ID, says 404 when the session is gone, and never minds auth', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    const status = async (options: object) =>
      (await call(appliance, 'GET', '/rest/sessions', options)).status;
    expect(await status({ token })).toBe(400);
    expect(await status({ token, sessionId: 'bogus' })).toBe(404);
    expect(await status({ token: 'bogus', sessionId: token })).toBe(200);
    await logOut(appliance, token);
    expect(await status({ token, sessionId: token })).toBe(404);
  });

  it('wants a live token too, when told to', async () => {
    await using appliance = await startAppliance({ sessionsNeedToken: true });
    const token = await logIn(appliance);
    expect((await call(appliance, 'GET', '/rest/sessions', { sessionId: token })).status).toBe(401);
    expect(await probe(appliance, token)).toBe(200);
  });
});

describe('idle time', () => {
  it('ends a session after 24 hours without a call', async () => {
    const clock = standingClock();
    await using appliance = await startAppliance({ clock });
    const token = await logIn(appliance);
    clock.advance(24 * HOUR - 1);
    expect(await use(appliance, token)).toBe(200);
    clock.advance(24 * HOUR - 1);
    expect(appliance.openSessionCount).toBe(1);
    clock.advance(1);
    expect(appliance.openSessionCount).toBe(0);
    expect([await use(appliance, token), await probe(appliance, token)]).toEqual([401, 404]);
    expect(appliance.sessions()).toEqual([
      expect.objectContaining({ token, endedBy: 'idle', endedAt: clock.now() }),
    ]);
  });

  it('is not renewed by asking after the session', async () => {
    const clock = standingClock();
    await using appliance = await startAppliance({ clock });
    const token = await logIn(appliance);
    clock.advance(23 * HOUR);
    expect(await probe(appliance, token)).toBe(200);
    expect((await idleTimeout(appliance, token)).json).toEqual({ idleTimeout: 24 * HOUR });
    clock.advance(HOUR);
    expect(await probe(appliance, token)).toBe(404);
  });

  it('can be shortened for one session, and not lengthened', async () => {
    const clock = standingClock();
    await using appliance = await startAppliance({ clock });
    const [token, other] = [await logIn(appliance), await logIn(appliance)];
    for (const wrong of [0, -1, 1.5, '60000', 24 * HOUR + 1, null]) {
      expect((await idleTimeout(appliance, token, { idleTimeout: wrong })).status).toBe(400);
    }
    expect((await idleTimeout(appliance, token, { idleTimeout: 60_000 })).json).toEqual({
      idleTimeout: 60_000,
    });
    clock.advance(60_000);
    expect(appliance.openSessionCount).toBe(1);
    expect([await probe(appliance, token), await probe(appliance, other)]).toEqual([404, 200]);
    expect((await idleTimeout(appliance, token)).status).toBe(404);
    expect((await call(appliance, 'GET', '/rest/sessions/idle-timeout', { token: other })).status).toBe(400);
  });

  it('frees the place in the limit', async () => {
    const clock = standingClock();
    await using appliance = await startAppliance({ clock, limits: { appliance: 1, client: 1 } });
    await logIn(appliance);
    clock.advance(24 * HOUR);
    await logIn(appliance);
    expect(appliance.openSessionCount).toBe(1);
  });
});

describe('ending from behind', () => {
  it('expires or removes a session whose owner does not know', async () => {
    await using appliance = await startAppliance();
    const [expired, removed] = [await logIn(appliance), await logIn(appliance)];
    expect([appliance.expire(expired), appliance.endSession(removed), appliance.endSession(removed)]).toEqual(
      [true, true, false],
    );
    expect([await use(appliance, expired), await probe(appliance, removed)]).toEqual([401, 404]);
    expect(appliance.sessions().map(({ endedBy }) => endedBy)).toEqual(['idle', 'removed']);
  });
});

describe('token rotation', () => {
  const rotate = (
    appliance: FakeAppliance,
    token: string,
    permissionsToActivate?: unknown,
    sessionID: unknown = token,
  ) =>
    call(appliance, 'POST', '/rest/login-sessions/auth-token', {
      token,
      json: { sessionID, permissionsToActivate },
    });

  it.each([
    [true, 401],
    [false, 200],
  ])('hands out a new token; the old one dies: %s', async (rotationEndsOldToken, status) => {
    await using appliance = await startAppliance({ rotationEndsOldToken });
    const old = await logIn(appliance);
    const { json } = await rotate(appliance, old, []);
    expect([await use(appliance, old), await use(appliance, String(json['sessionID']))]).toEqual([
      status,
      200,
    ]);
    expect(appliance.openSessionCount).toBe(rotationEndsOldToken ? 1 : 2);
  });

  it('activates only the roles that are named and held', async () => {
    const roles = ['Infrastructure administrator', 'Read only'];
    await using appliance = await startAppliance({ users: [{ ...CREDENTIALS, roles }] });
    const token = await logIn(appliance);
    expect((await rotate(appliance, token, [{ roleName: 'Server administrator' }])).json['errorCode']).toBe(
      'INSUFFICIENT_PRIVILEGES',
    );
    expect((await rotate(appliance, token, [null])).status).toBe(401);
    expect((await rotate(appliance, token, [], 'bogus')).status).toBe(401);
    expect((await rotate(appliance, token, 'all')).status).toBe(400);
    const { json } = await rotate(appliance, token, [{ roleName: 'Read only', scopeUri: '' }]);
    const rotated = String(json['sessionID']);
    expect(
      (await call(appliance, 'GET', '/rest/sessions', { sessionId: rotated })).json['permissions'],
    ).toEqual([
      { roleName: 'Infrastructure administrator', scopeUri: null, active: false },
      { roleName: 'Read only', scopeUri: null, active: true },
    ]);
    expect((await call(appliance, 'GET', '/rest/active-user-sessions', { token: rotated })).status).toBe(401);
  });
});

describe('GET /rest/active-user-sessions', () => {
  it('lists who is logged in, page by page', async () => {
    const clock = standingClock();
    await using appliance = await startAppliance({ users, clock, pageSize: 2 });
    const token = await logIn(appliance);
    for (let count = 0; count < 4; count += 1)
      appliance.openSession({ userName: 'reader', clientAddress: '192.0.2.9' });
    appliance.endSession(appliance.openSession({ userName: 'reader' }).token);
    clock.advance(1000);

    const members: unknown[] = [];
    let path: string | null = '/rest/active-user-sessions';
    for (let pages = 0; path !== null; pages += 1) {
      const { json } = await call(appliance, 'GET', path, { token });
      expect([json['type'], json['total'], json['start'], json['count']]).toEqual([
        'SessionUserCollectionV2',
        5,
        2 * pages,
        pages < 2 ? 2 : 1,
      ]);
      members.push(...(json['members'] as unknown[]));
      path = json['nextPageUri'] as string | null;
    }
    expect(members.length).toBe(5);
    expect(members[0]).toEqual(
      expect.objectContaining({
        username: 'Administrator',
        timeCreated: '2026-01-01T00:00:00.000Z',
        timeAccessed: '2026-01-01T00:00:01.000Z',
      }),
    );
    expect(members[4]).toEqual(
      expect.objectContaining({
        type: 'SessionUserV2',
        username: 'reader',
        loginDomain: 'LOCAL',
        clientHost: '192.0.2.9',
      }),
    );
    expect(JSON.stringify(members)).not.toContain(token);
    const all = await call(appliance, 'GET', '/rest/sessions/users?start=1&count=-1', { token });
    expect([all.json['count'], all.json['nextPageUri']]).toEqual([4, null]);
    for (const query of ['start=-1', 'start=x', 'count=-2', 'count=1.5']) {
      expect((await call(appliance, 'GET', `/rest/active-user-sessions?${query}`, { token })).status).toBe(
        400,
      );
    }
  });

  it('is for administrators; others are told what a dead token is told, or something clearer', async () => {
    await using appliance = await startAppliance({ users });
    const token = await logIn(appliance, { userName: 'reader', password: 'r' });
    const code = async () => {
      const { status, json } = await call(appliance, 'GET', '/rest/active-user-sessions', { token });
      return [status, json['errorCode']];
    };
    expect(await code()).toEqual([401, 'AUTHORIZATION']);
    appliance.configure({ missingRight: 'INSUFFICIENT_PRIVILEGES' });
    expect(await code()).toEqual([401, 'INSUFFICIENT_PRIVILEGES']);
    expect([await use(appliance, token), await probe(appliance, token)]).toEqual([200, 200]);
  });
});

describe('PUT /rest/session-settings', () => {
  it('raises the limits, for administrators', async () => {
    await using appliance = await startAppliance({ users, limits: { appliance: 10, client: 2 } });
    const [admin, reader] = [
      await logIn(appliance),
      await logIn(appliance, { userName: 'reader', password: 'r' }),
    ];
    const put = async (token: string, json: unknown) =>
      (await call(appliance, 'PUT', '/rest/session-settings', { token, json })).status;
    expect(await put(reader, { SESSION_CLIENT_LIMIT: 3 })).toBe(401);
    expect(await put(admin, { SESSION_CLIENT_LIMIT: 'many' })).toBe(400);
    expect(await put(admin, { SESSION_CLIENT_LIMIT: 3 })).toBe(200);
    expect(appliance.settings.limits).toEqual({ appliance: 10, client: 3 });
    await logIn(appliance);
    expect(appliance.openSessionCount).toBe(3);
  });
});

describe('inventory', () => {
  it('lists servers and roles to who is logged in', async () => {
    await using appliance = await startAppliance({ serverHardware: ['a', 'b', 'c'], pageSize: 2 });
    const token = await logIn(appliance);
    const first = await call(appliance, 'GET', '/rest/server-hardware', { token });
    expect(first.json).toEqual(
      expect.objectContaining({
        count: 2,
        total: 3,
        start: 0,
        nextPageUri: '/rest/server-hardware?start=2&count=2',
      }),
    );
    const all = await call(appliance, 'GET', '/rest/server-hardware?start=0&count=-1', { token });
    expect((all.json['members'] as { name: string }[]).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    const beyond = await call(appliance, 'GET', '/rest/server-hardware?start=9', { token });
    expect([beyond.json['members'], beyond.json['nextPageUri']]).toEqual([[], null]);
    const none = await call(appliance, 'GET', '/rest/server-hardware?count=0', { token });
    expect([none.json['count'], none.json['total'], none.json['nextPageUri']]).toEqual([0, 3, null]);
    const roles = await call(appliance, 'GET', '/rest/roles?count=-1', { token });
    expect(roles.json['members']).toContainEqual({ roleName: 'Infrastructure administrator' });
    expect((await call(appliance, 'GET', '/rest/roles')).status).toBe(401);
  });

  it('tells what the appliance is, to anybody or only to who is logged in', async () => {
    await using appliance = await startAppliance({ release: '5.00', platformType: 'hardware' });
    const token = await logIn(appliance);
    const path = '/rest/appliance/nodeinfo/version';
    expect((await call(appliance, 'GET', path)).json).toEqual(
      expect.objectContaining({
        softwareVersion: expect.stringMatching(/^5\.00/),
        platformType: 'hardware',
        modelNumber: 'Synergy Composer',
      }),
    );
    appliance.configure({ nodeInfoNeedsToken: true });
    expect((await call(appliance, 'GET', path)).status).toBe(401);
    expect((await call(appliance, 'GET', path, { token })).status).toBe(200);
    expect((await call(appliance, 'GET', '/rest/appliance/progress')).json['percentComplete']).toBe(100);
  });
});
