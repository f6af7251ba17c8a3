import { describe, expect, it } from '@jest/globals';
import { faults, HOSTILE_TEXT } from './faults.ts';
import { call, logIn, logOut, probe, startAppliance } from './https-call.test.support.ts';

const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };

describe('answers that are not what they seem', () => {
  it.each([
    ['500 with an error body', faults.serverError(), 500, 'application/json', 'INTERNAL_SERVER_ERROR'],
    ['502 in HTML', faults.badGateway(), 502, 'text/html', '<h1>'],
    ['200 that is no JSON', faults.notJson(), 200, 'application/json', '<html>'],
    [
      '200 with an error body',
      faults.errorWithStatus200(),
      200,
      'application/json',
      '"errorCode":"AUTHORIZATION"',
    ],
    ['401 on a live token', faults.unauthorized(), 401, 'application/json', '"errorCode":"AUTHORIZATION"'],
    ['whatever one likes', faults.error(409, 'CONFLICT', 'm', 'd'), 409, 'application/json', '"details":"d"'],
  ] as const)('%s', async (_what, fault, status, type, text) => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    appliance.inject(fault, LOGOUT);
    const reply = await logOut(appliance, token);
    expect([reply.status, reply.headers['content-type']]).toEqual([status, expect.stringContaining(type)]);
    expect(reply.text).toContain(text);
    expect(await probe(appliance, token)).toBe(200);
  });

  it('204 to a logout that did not happen', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    appliance.inject(faults.lyingLogout(), { ...LOGOUT, times: 1 });
    expect([(await logOut(appliance, token)).status, await probe(appliance, token)]).toEqual([204, 200]);
    expect([(await logOut(appliance, token)).status, await probe(appliance, token)]).toEqual([204, 404]);
  });

  it('a redirect to another host', async () => {
    await using appliance = await startAppliance();
    appliance.inject(faults.redirectTo('https://192.0.2.1/rest/login-sessions'));
    const { status, headers } = await logOut(appliance, 'token');
    expect([status, headers.location]).toEqual([302, 'https://192.0.2.1/rest/login-sessions']);
  });

  it('text that would command a terminal', async () => {
    await using appliance = await startAppliance({
      users: [{ userName: HOSTILE_TEXT, password: 'p' }],
      loginMessage: { message: HOSTILE_TEXT, acknowledgment: false },
    });
    appliance.inject(faults.error(403, 'NO', HOSTILE_TEXT), LOGOUT);
    const token = await logIn(appliance, { userName: HOSTILE_TEXT, password: 'p' });
    expect((await call(appliance, 'GET', '/rest/logindetails')).json['loginMessage']).toEqual({
      message: HOSTILE_TEXT,
      acknowledgment: false,
    });
    expect((await call(appliance, 'GET', '/rest/sessions', { sessionId: token })).json['username']).toBe(
      HOSTILE_TEXT,
    );
    expect((await logOut(appliance, token)).json['message']).toBe(HOSTILE_TEXT);
  });
});
