import { describe, expect, it } from '@jest/globals';
import { call, CREDENTIALS, logIn, logOut, probe, startAppliance } from './https-call.test.support.ts';

describe('reconnecting', () => {
  it('takes up a live session, and no dead one', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    const put = (options: object) => call(appliance, 'PUT', '/rest/login-sessions', { token, ...options });
    expect((await put({})).json).toEqual({ partnerData: {}, sessionID: token });
    expect((await put({ json: null })).status).toBe(200);
    expect((await put({ json: CREDENTIALS })).status).toBe(400);
    expect((await put({ token: 'bogus' })).status).toBe(401);
    await logOut(appliance, token);
    expect((await put({})).status).toBe(401);
    expect(appliance.openSessionCount).toBe(0);
  });

  it('hands out another token when told to', async () => {
    await using appliance = await startAppliance({ reconnectRenewsToken: true });
    const token = await logIn(appliance);
    const { json } = await call(appliance, 'PUT', '/rest/login-sessions', { token });
    expect(json['sessionID']).not.toBe(token);
    expect([await probe(appliance, token), await probe(appliance, String(json['sessionID']))]).toEqual([
      404, 200,
    ]);
  });
});

describe('logout', () => {
  const bodies: [string, (token: string) => object][] = [
    ['no body', () => ({})],
    ['an empty object', () => ({ json: {} })],
    ['the raw token', (token) => ({ body: `${token}\r\n`, headers: { 'Content-Type': 'application/json' } })],
    [
      'the raw token and If-Match',
      (token) => ({ body: `${token}\r\n`, headers: { 'Content-Type': 'application/json', 'If-Match': '*' } }),
    ],
    ['If-Match alone', () => ({ headers: { 'If-Match': '*' } })],
  ];
  it.each(bodies)('ends the session with %s', async (_what, options) => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    const bystander = await logIn(appliance);
    const reply = await logOut(appliance, token, options(token));
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect((await call(appliance, 'GET', '/rest/server-hardware', { token })).status).toBe(401);
    expect(await probe(appliance, token)).toBe(404);
    expect(await probe(appliance, bystander)).toBe(200);
    expect(appliance.sessions().map((session) => [session.token, session.endedBy])).toEqual([
      [token, 'logout'],
      [bystander, undefined],
    ]);
  });

  it.each([
    ['AUTHN_LOGOUT_FAILED', 400],
    ['AUTHORIZATION', 401],
    ['RESOURCE_NOT_FOUND', 404],
    ['Session.INVALID', 401],
  ] as const)('says %s to a token that is not alive, when told to', async (unknownTokenAtLogout, status) => {
    await using appliance = await startAppliance({ unknownTokenAtLogout });
    const token = await logIn(appliance);
    expect((await logOut(appliance, token)).status).toBe(204);
    for (const dead of [token, 'bogus']) {
      const reply = await logOut(appliance, dead);
      expect([reply.status, reply.json['errorCode']]).toEqual([status, unknownTokenAtLogout]);
    }
    expect((await call(appliance, 'DELETE', '/rest/login-sessions')).json['errorCode']).toBe('AUTHORIZATION');
  });

  it('says AUTHN_LOGOUT_FAILED unless told otherwise', async () => {
    await using appliance = await startAppliance();
    expect((await logOut(appliance, 'bogus')).json['errorCode']).toBe('AUTHN_LOGOUT_FAILED');
  });
});
