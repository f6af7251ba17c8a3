import { describe, expect, it } from '@jest/globals';
import { authority, call, CREDENTIALS, logIn, logOut, startAppliance } from './https-call.test.support.ts';
import type { FakeAppliance } from './fake-appliance.ts';
import type { Settings } from './settings.ts';

const post = (appliance: FakeAppliance, json: unknown, headers = {}) =>
  call(appliance, 'POST', '/rest/login-sessions', { json, headers });

describe('login', () => {
  it('opens a session with a 48-character token', async () => {
    await using appliance = await startAppliance();
    const { status, json } = await post(appliance, CREDENTIALS);
    expect(status).toBe(200);
    expect(json).toEqual({
      partnerData: {},
      sessionID: expect.stringMatching(/^[A-Za-z0-9+/]{16}[A-Za-z0-9_-]{32}$/),
    });
    expect(Buffer.from(String(json['sessionID']).slice(0, 16), 'base64').toString()).toMatch(/^-\d{11}$/);
    expect(appliance.sessions()).toEqual([
      expect.objectContaining({
        token: json['sessionID'],
        userName: 'Administrator',
        loginDomain: 'LOCAL',
        clientAddress: '127.0.0.1',
        idleMs: 86_400_000,
      }),
    ]);
    expect(await logIn(appliance)).not.toBe(json['sessionID']);
  });

  it('wants application/json', async () => {
    await using appliance = await startAppliance();
    const body = JSON.stringify(CREDENTIALS);
    const status = async (type?: string) => {
      const headers = type === undefined ? {} : { 'Content-Type': type };
      return (await call(appliance, 'POST', '/rest/login-sessions', { body, headers })).status;
    };
    expect(await status()).toBe(415);
    expect(await status('text/plain')).toBe(415);
    expect(await status('application/json-patch+json')).toBe(415);
    expect(appliance.openSessionCount).toBe(0);
    expect(await status('Application/JSON; charset=utf-8')).toBe(200);
  });

  it('refuses what is not a user name and a password', async () => {
    await using appliance = await startAppliance();
    const headers = { 'Content-Type': 'application/json' };
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '"Administrator"',
      '{"userName":"Administrator"}',
      '{"userName":1,"password":2}',
    ]) {
      const reply = await call(appliance, 'POST', '/rest/login-sessions', { body, headers });
      expect([body, reply.status]).toEqual([body, 400]);
    }
    expect(appliance.openSessionCount).toBe(0);
  });

  it('refuses wrong credentials word for word, and compares passwords exactly but no case of user names', async () => {
    await using appliance = await startAppliance({
      users: [
        { userName: 'jdoe', password: 'Secret' },
        { userName: 'jdoe', password: 'Other', loginDomain: 'Corp' },
      ],
      loginDomains: [{ name: 'Corp' }],
    });
    const wrong = (code: string) => ({
      errorCode: code,
      message: 'Invalid username or password or directory.',
      details: '',
      recommendedActions: [
        'Enter correct credentials and try again. To obtain a username or password, contact your administrator.',
      ],
      errorSource: null,
      nestedErrors: [],
      data: {},
      messageParameters: [],
    });
    for (const [userName, password, authLoginDomain, code] of [
      ['jdoe', 'secret', 'LOCAL', 'AUTHN_AUTH_FAIL'],
      ['jdoe', 'Other', 'LOCAL', 'AUTHN_AUTH_FAIL'],
      ['nobody', 'Secret', undefined, 'AUTHN_AUTH_FAIL'],
      ['jdoe', 'Secret', 'Corp', 'AUTHN_AUTH_DIR_FAIL'],
    ]) {
      const reply = await post(appliance, { userName, password, authLoginDomain });
      expect(reply.status).toBe(400);
      expect(reply.json).toEqual(wrong(String(code)));
    }
    await logIn(appliance, { userName: 'JDoe', password: 'Secret' });
    await logIn(appliance, { userName: 'JDOE', password: 'Other', authLoginDomain: 'Corp' });
    expect(appliance.sessions().map(({ userName, loginDomain }) => [userName, loginDomain])).toEqual([
      ['jdoe', 'LOCAL'],
      ['jdoe', 'Corp'],
    ]);
  });

  it('knows directories by their exact names, and one of them by default', async () => {
    await using appliance = await startAppliance({
      users: [{ userName: 'jdoe', password: 'p', loginDomain: 'Corp' }],
      loginDomains: [{ name: 'Corp' }, { name: 'Down', isReachable: false }],
      defaultLoginDomain: 'Corp',
    });
    const jdoe = { userName: 'jdoe', password: 'p' };
    expect((await post(appliance, jdoe)).status).toBe(200);
    expect((await post(appliance, { ...jdoe, authLoginDomain: '' })).status).toBe(200);
    for (const authLoginDomain of ['corp', 'CORP', 'local', 'Nowhere']) {
      const reply = await post(appliance, { ...jdoe, authLoginDomain });
      expect([reply.status, reply.json['errorCode']]).toEqual([404, 'AUTHN_AUTH_FAIL_LOGINDOMAINNOTFOUND']);
    }
    const unreachable = await post(appliance, { ...jdoe, authLoginDomain: 'Down' });
    expect([unreachable.status, unreachable.json['errorCode']]).toEqual([400, 'AUTHN_UNABLE_AUTH']);
  });

  it.each<[string, number, string, Partial<Settings>]>([
    ['local users are disabled', 400, 'AUTHN_LOCAL_LOGIN_DISABLED', { allowLocalLogin: false }],
    [
      'the password must be changed',
      403,
      'PASSWORD_CHANGE_REQUIRED',
      { users: [{ ...CREDENTIALS, mustChangePassword: true }] },
    ],
    ['the user has no role', 400, 'AUTHN_AUTH_FAIL_NO_ROLES', { users: [{ ...CREDENTIALS, roles: [] }] }],
    [
      'no group of the user has a role',
      400,
      'AUTHN_LOGINDOMAIN_NO_MEMBER_GROUPS_FOUND',
      {
        users: [{ ...CREDENTIALS, loginDomain: 'Corp', roles: [] }],
        loginDomains: [{ name: 'Corp' }],
        defaultLoginDomain: 'Corp',
      },
    ],
  ])('is refused when %s', async (_why, status, code, settings) => {
    await using appliance = await startAppliance(settings);
    const reply = await post(appliance, CREDENTIALS);
    expect([reply.status, reply.json['errorCode']]).toEqual([status, code]);
    expect(appliance.openSessionCount).toBe(0);
  });

  it('waits behind the login message until it is acknowledged', async () => {
    await using appliance = await startAppliance({
      loginMessage: { message: 'Private.', acknowledgment: true },
    });
    for (const acknowledgment of [undefined, false, 'true']) {
      const reply = await post(appliance, { ...CREDENTIALS, loginMsgAck: acknowledgment });
      expect([reply.status, reply.json['errorCode']]).toEqual([
        400,
        'AUTHN_LOGIN_MESSAGE_ACKNOWLEDGMENT_REQUIRED',
      ]);
      expect(reply.json['details']).toBe('Message: Private.');
    }
    expect((await post(appliance, { ...CREDENTIALS, loginMsgAck: true })).status).toBe(200);
    appliance.configure({ loginMessage: { message: 'Only for show.', acknowledgment: false } });
    expect((await post(appliance, CREDENTIALS)).status).toBe(200);
  });
});

describe('limits', () => {
  it('are those of a real appliance unless told otherwise', async () => {
    await using appliance = await startAppliance();
    expect(appliance.settings.limits).toEqual({ appliance: 2400, client: 960 });
    for (let count = 0; count < 960; count += 1) appliance.openSession({ userName: 'Administrator' });
    expect((await post(appliance, CREDENTIALS)).json['errorCode']).toBe('AUTHN_SESSION_CLIENT_LIMIT_CROSSED');
  });

  it('deny a client that has too many sessions, until one of them ends', async () => {
    await using appliance = await startAppliance({ limits: { appliance: 100, client: 2 } });
    const elsewhere = { userName: 'Administrator', clientAddress: '192.0.2.9' };
    for (let count = 0; count < 3; count += 1) appliance.openSession(elsewhere);
    const token = await logIn(appliance);
    await logIn(appliance);
    const reply = await post(appliance, CREDENTIALS);
    expect(reply.status).toBe(400);
    expect(reply.json).toEqual(
      expect.objectContaining({
        errorCode: 'AUTHN_SESSION_CLIENT_LIMIT_CROSSED',
        message: 'Login denied. The client 127.0.0.1 has too many active sessions.',
        details: 'The client 127.0.0.1 has the maximum number of active sessions allowed.',
        data: { clientip: '127.0.0.1' },
        messageParameters: ['127.0.0.1'],
      }),
    );
    appliance.configure({ statuses: { AUTHN_SESSION_CLIENT_LIMIT_CROSSED: 429 } });
    expect((await post(appliance, CREDENTIALS)).status).toBe(429);
    await logOut(appliance, token);
    expect((await post(appliance, CREDENTIALS)).status).toBe(200);
    expect(appliance.openSessionCount).toBe(5);
  });

  it('deny everybody when the appliance has too many sessions', async () => {
    await using appliance = await startAppliance({ limits: { appliance: 2, client: 2 } });
    appliance.openSession({ userName: 'Administrator', clientAddress: '192.0.2.9' });
    await logIn(appliance);
    expect((await post(appliance, CREDENTIALS)).json['errorCode']).toBe(
      'AUTHN_SESSION_CRITICAL_LIMIT_CROSSED',
    );
  });
});

describe('login details', () => {
  it.each([
    ['4.10', false],
    ['4.20', true],
    ['5.00', true],
    ['11.40', true],
  ] as const)('of release %s carry the second message: %s', async (release, hasSecond) => {
    const loginMessage = { message: 'Hello', acknowledgment: true };
    await using appliance = await startAppliance({
      release,
      loginMessage,
      loginDomains: [{ name: 'Corp', authProtocol: 'AD' }],
    });
    const { json } = await call(appliance, 'GET', '/rest/logindetails');
    expect(json).toEqual(
      expect.objectContaining({ allowLocalLogin: true, defaultLoginDomain: 'LOCAL', loginMessage }),
    );
    expect(json['loginMessageVersion600']).toEqual(hasSecond ? loginMessage : undefined);
    expect(json['configuredLoginDomains']).toEqual([
      expect.objectContaining({ name: 'LOCAL', type: 'LoginDomainDetails' }),
      expect.objectContaining({ name: 'Corp', authProtocol: 'AD', uri: '/rest/logindomains/Corp' }),
    ]);
  });
});

describe('smart cards', () => {
  const path = '/rest/login-sessions/smartcards';

  it('do not exist unless an authority for them is configured', async () => {
    await using appliance = await startAppliance();
    expect((await call(appliance, 'POST', path)).status).toBe(404);
  });

  it('log in whom the certificate names, and nobody without one', async () => {
    const { certificate: smartCardAuthority, issue, selfSigned } = await authority();
    await using appliance = await startAppliance({
      smartCardAuthority,
      users: [{ userName: 'jdoe', password: 'p', loginDomain: 'Corp' }],
      loginMessage: { message: 'm', acknowledgment: true },
    });
    const use = async (
      card: { certificate: string; privateKey: string },
      headers = { 'X-LoginMsgAck': 'True' },
    ) => call(appliance, 'POST', path, { headers, tls: { cert: card.certificate, key: card.privateKey } });
    const card = await issue({ commonName: 'jdoe', names: ['jdoe.test'] });

    expect((await call(appliance, 'POST', path, { headers: { 'X-LoginMsgAck': 'True' } })).status).toBe(400);
    expect((await use(await issue({ commonName: 'nobody', names: ['x.test'] }))).status).toBe(400);
    expect((await use(await selfSigned({ commonName: 'jdoe', names: ['jdoe.test'] }))).status).toBe(400);
    expect((await use(card, { 'X-LoginMsgAck': 'False' })).json['errorCode']).toBe(
      'AUTHN_LOGIN_MESSAGE_ACKNOWLEDGMENT_REQUIRED',
    );
    expect(appliance.openSessionCount).toBe(0);
    const { status, json } = await use(card);
    expect([status, json]).toEqual([
      200,
      { userName: 'jdoe', authLoginDomain: 'Corp', sessionId: appliance.sessions()[0]?.token },
    ]);
  });
});
