import { describe, expect, it, jest } from '@jest/globals';
import type { DisconnectError } from '@slipline/core';
import { Secret } from '@slipline/core';
import { faults, HOSTILE_TEXT, type Fault, type Release } from './testing/index.ts';
import { authority, errorOf, World } from './testing/world.test.support.ts';

// Ends of waits are asserted, not their lengths: a busy machine may take its time.
jest.setTimeout(30_000);

const LOGIN = { method: 'POST', path: '/rest/login-sessions' };

const body = (world: World): unknown =>
  JSON.parse(world.request('POST', '/rest/login-sessions')?.body ?? 'null');

describe('a login', () => {
  it('opens a session and says whose, where and how', async () => {
    await using world = await World.open();
    const session = await world.connect();
    expect(session).toMatchObject({
      provider: 'hpe-oneview',
      endpoint: world.appliance.endpoint,
      id: '1',
      kind: 'connection',
      label: `Administrator on ${world.appliance.endpoint}`,
      principal: 'Administrator',
      state: 'live',
      ownership: 'opened',
      effects: ['end'],
      isDefault: true,
      details: {
        name: world.appliance.endpoint,
        userName: 'Administrator',
        authLoginDomain: 'LOCAL',
        apiVersion: 8800,
      },
    });
    expect(world.appliance.sessions().map(({ token }) => token)).toEqual([await world.token(session)]);
  });

  it('takes three requests, of which only the login carries the credential', async () => {
    await using world = await World.open();
    await world.connect();
    expect(world.requests).toEqual([
      'GET /rest/version',
      'GET /rest/logindetails',
      'POST /rest/login-sessions',
    ]);
    expect(body(world)).toEqual({
      userName: 'Administrator',
      password: 'fake-password',
      authLoginDomain: 'LOCAL',
    });
    const others = world.appliance.requests.filter(({ method }) => method !== 'POST');
    expect(JSON.stringify(others)).not.toContain('Administrator');
    expect(world.appliance.requests.map(({ headers }) => headers['auth'])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each<[Release, string]>([
    ['4.10', '800'],
    ['4.20', '1000'],
    ['5.00', '1200'],
    ['11.40', '8800'],
  ])('speaks to OneView %s in its version', async (release, version) => {
    await using world = await World.open({ appliance: { release } });
    const session = await world.connect();
    expect(session.details['apiVersion']).toBe(Number(version));
    expect(world.appliance.requests.map(({ headers }) => headers['x-api-version'])).toEqual([
      undefined,
      version,
      version,
    ]);
  });

  it.each([800, 1000, 1200])('speaks version %i where that is asked for', async (apiVersion) => {
    await using world = await World.open();
    const session = await world.connect({ apiVersion });
    expect(session.details['apiVersion']).toBe(apiVersion);
    expect(world.request('POST', '/rest/login-sessions')?.headers['x-api-version']).toBe(String(apiVersion));
  });

  it('numbers connections by the smallest number that is free', async () => {
    await using world = await World.open();
    const [first, second] = [await world.connect(), await world.connect(), await world.connect()];
    expect([first?.id, second?.id]).toEqual(['1', '2']);
    await world.end(second);
    expect((await world.connect()).id).toBe('2');
    expect(world.appliance.openSessionCount).toBe(3);
  });

  it('reaches an appliance by name and port', async () => {
    await using world = await World.open();
    const session = await world.connect({ appliance: 'MyAppliance.domain.com:11223' });
    expect(session).toMatchObject({
      endpoint: 'MyAppliance.domain.com:11223',
      label: 'Administrator on MyAppliance.domain.com:11223',
    });
  });

  it('asks a person for what was not given', async () => {
    const asked: unknown[] = [];
    await using world = await World.open({
      prompts: {
        credential: async (wanted) => {
          asked.push(wanted);
          return { userName: 'auditor', password: new Secret('fake-password') };
        },
      },
    });
    const { session } = await world.slipline.connect('hpe-oneview', { appliance: world.appliance.endpoint });
    expect(asked).toEqual([
      { provider: 'hpe-oneview', endpoint: world.appliance.endpoint, userName: undefined },
    ]);
    expect(session.principal).toBe('auditor');
  });

  it('says what is missing where nobody can be asked', async () => {
    await using world = await World.open();
    const error = await errorOf(
      world.slipline.connect('hpe-oneview', { appliance: world.appliance.endpoint }),
    );
    expect(error).toMatchObject({
      code: 'unauthenticated',
      next: expect.stringContaining('--password-stdin'),
    });
    expect(await world.states()).toEqual([]);
  });
});

describe('directories', () => {
  it.each([
    ['jdoe', 'corp.example'],
    ['jdoe', 'CORP.EXAMPLE'],
    ['CORP.example\\jdoe', undefined],
    ['jdoe@Corp.Example', undefined],
  ])('%s of %s is found in the spelling of the appliance', async (userName, authLoginDomain) => {
    await using world = await World.open();
    const session = await world.connect({ userName, authLoginDomain });
    expect(body(world)).toMatchObject({ userName: 'jdoe', authLoginDomain: 'corp.example' });
    expect(session.principal).toBe('corp.example\\jdoe');
    expect(session.details['authLoginDomain']).toBe('corp.example');
  });

  it('are those of the appliance by default', async () => {
    await using world = await World.open({ appliance: { defaultLoginDomain: 'corp.example' } });
    const session = await world.connect({ userName: 'jdoe' });
    expect(session.details['authLoginDomain']).toBe('corp.example');
    expect((await world.connect({ authLoginDomain: 'local' })).principal).toBe('Administrator');
  });
});

describe('the login message', () => {
  const loginMessage = { message: `Keep out.${HOSTILE_TEXT}`, acknowledgment: true };

  it.each<Release>(['4.10', '4.20', '5.00', '11.40'])(
    'of OneView %s is shown, and nothing is sent until a person accepts it',
    async (release) => {
      await using world = await World.open({ appliance: { release, loginMessage } });
      const error = await errorOf(world.connect());
      expect(error).toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('Keep out.ared b'),
        next: expect.stringContaining('--login-acknowledge'),
      });
      expect(world.requests).toEqual(['GET /rest/version', 'GET /rest/logindetails']);
      expect(await world.states()).toEqual([]);
    },
  );

  it('is acknowledged when a person does', async () => {
    await using world = await World.open({ appliance: { loginMessage } });
    const session = await world.connect({ loginAcknowledge: true });
    expect(body(world)).toMatchObject({ loginMsgAck: true });
    expect(session.details['loginMessage']).toMatch(/^Keep out\./);
  });

  it('is shown too where nothing has to be accepted, and not acknowledged then', async () => {
    await using world = await World.open({
      appliance: { loginMessage: { message: 'Welcome.', acknowledgment: false } },
    });
    await world.connect();
    expect(world.log.records).toContainEqual(expect.objectContaining({ level: 'info', message: 'Welcome.' }));
    expect(body(world)).not.toHaveProperty('loginMsgAck');
  });

  it('that the appliance kept to itself is shown from its refusal', async () => {
    await using world = await World.open({ appliance: { loginMessage } });
    const details = { configuredLoginDomains: [], allowLocalLogin: true };
    world.appliance.inject(faults.answer({ status: 200, body: JSON.stringify(details) }), {
      path: '/rest/logindetails',
    });
    const error = await errorOf(world.connect());
    expect(error).toMatchObject({ code: 'forbidden', next: expect.stringContaining('--login-acknowledge') });
    expect(error.message).toContain('acknowledged: Keep out.');
  });
});

describe('a refused login', () => {
  it('with a wrong password says so, and leaves nothing behind', async () => {
    await using world = await World.open();
    const error = await errorOf(world.connect({ password: new Secret('wrong-password') }));
    expect(error).toMatchObject({
      code: 'unauthenticated',
      system: world.appliance.endpoint,
      details: { errorCode: 'AUTHN_AUTH_FAIL', status: 400 },
    });
    expect(error.message).toContain('Invalid username or password or directory.');
    expect(await world.states()).toEqual([]);
    expect(world.appliance.openSessionCount).toBe(0);
  });

  it.each([
    [
      'a wrong password of a directory',
      {},
      { userName: 'corp.example\\jdoe', password: new Secret('wrong-one') },
      'unauthenticated',
      /wrong/,
    ],
    [
      'an unknown directory',
      {},
      { authLoginDomain: 'elsewhere' },
      'not-found',
      /does not know this directory/,
    ],
    ['local users disabled', { allowLocalLogin: false }, {}, 'forbidden', /local users may not/],
    [
      'a directory that does not answer',
      { loginDomains: [{ name: 'corp.example', isReachable: false }] },
      { userName: 'corp.example\\jdoe' },
      'unreachable',
      /could not ask the directory/,
    ],
    [
      'a user without a role',
      { users: [{ userName: 'Administrator', password: 'fake-password', roles: [] }] },
      {},
      'forbidden',
      /no role/,
    ],
    [
      'a password that must be changed',
      { users: [{ userName: 'Administrator', password: 'fake-password', mustChangePassword: true }] },
      {},
      'forbidden',
      /expired or was never changed/,
    ],
    ['the limit of the client', { limits: { appliance: 9, client: 0 } }, {}, 'quota', /from this computer/],
    [
      'the limit of the appliance',
      { limits: { appliance: 0, client: 9 } },
      {},
      'quota',
      /too many sessions are open/,
    ],
  ] as const)('because of %s says so, and what to do', async (_why, appliance, values, code, message) => {
    await using world = await World.open({ appliance });
    const error = await errorOf(world.connect(values));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), next: expect.any(String) });
    expect(error.mayHaveTakenEffect).toBe(false);
    expect(await world.states()).toEqual([]);
  });

  it.each([400, 401, 403, 404, 409, 429])(
    'by the client limit as HTTP %i is a matter of the quota',
    async (status) => {
      await using world = await World.open({
        appliance: {
          limits: { appliance: 9, client: 0 },
          statuses: { AUTHN_SESSION_CLIENT_LIMIT_CROSSED: status },
        },
      });
      const error = await errorOf(world.connect());
      expect(error.code).toBe(status === 401 ? 'unauthenticated' : 'quota');
    },
  );

  it.each([400, 401, 404])('by an unknown directory as HTTP %i', async (status) => {
    await using world = await World.open({
      appliance: { statuses: { AUTHN_AUTH_FAIL_LOGINDOMAINNOTFOUND: status } },
    });
    const error = await errorOf(world.connect({ authLoginDomain: 'elsewhere' }));
    expect(error.code).toBe(status === 401 ? 'unauthenticated' : 'not-found');
  });

  it('by a version that the appliance does not take names those it takes', async () => {
    await using world = await World.open({ appliance: { release: '4.10' } });
    const error = await errorOf(world.connect({ apiVersion: 1200 }));
    expect(error).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('120 to 800, not 1200'),
    });
    expect(world.requests).toEqual(['GET /rest/version']);
  });
});

describe('a host that is no OneView appliance', () => {
  it.each<[string, Fault]>([
    [
      'a web page',
      faults.answer({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
    ],
    ['not found', faults.answer({ status: 404, body: 'no such page' })],
    ['a redirect', faults.redirectTo('https://login.example/')],
    ['JSON of something else', faults.answer({ status: 200, body: '{"version":"2.1"}' })],
    [
      'versions that make no sense',
      faults.answer({ status: 200, body: '{"currentVersion":1,"minimumVersion":2}' }),
    ],
    ['an error with status 200', faults.errorWithStatus200()],
    ['broken JSON', faults.notJson()],
    ['a bad gateway', faults.badGateway()],
  ])('that answers with %s never sees the credential', async (_what, fault) => {
    await using world = await World.open();
    world.appliance.inject(fault);
    const error = await errorOf(world.connect());
    expect(error).toMatchObject({ code: 'protocol', message: expect.stringContaining('HPE OneView') });
    expect(world.requests).toEqual(['GET /rest/version']);
    expect(await world.states()).toEqual([]);
  });

  it('in a URL is the host of the name as it is written', async () => {
    await using world = await World.open();
    const error = await errorOf(world.connect({ appliance: '10' }));
    expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('"10"') });
    expect(world.appliance.requestCount).toBe(0);
  });

  it('cannot pretend to be one with another certificate', async () => {
    await using world = await World.open();
    const stranger = await (
      await authority()
    ).selfSigned({ commonName: 'ci-005056a1b2c3', names: ['127.0.0.1'] });
    world.appliance.useCertificate(stranger);
    expect((await errorOf(world.connect())).code).toBe('untrusted');
    expect(world.appliance.requestCount).toBe(0);
  });
});

describe('a login that goes wrong', () => {
  it.each<[string, Fault, string, string[]]>([
    ['reset before it', faults.resetBefore(), 'unreachable', ['unknown']],
    ['reset after it', faults.resetAfter(), 'unreachable', ['unknown']],
    ['cut short', faults.cut(), 'unreachable', ['unknown']],
    ['a server error', faults.serverError(), 'protocol', ['unknown']],
    ['a bad gateway', faults.badGateway(), 'protocol', ['unknown']],
    ['an answer that is no JSON', faults.notJson(), 'protocol', ['unknown']],
    [
      'a success without a token',
      faults.answer({ status: 200, body: '{"partnerData":{}}' }),
      'protocol',
      ['unknown'],
    ],
    [
      'a token that fits no header',
      faults.answer({ status: 200, body: '{"sessionID":"a\\r\\nb"}' }),
      'protocol',
      ['unknown'],
    ],
    ['a success with an error in it', faults.errorWithStatus200(), 'protocol', []],
    ['a busy appliance', faults.busy(), 'unreachable', []],
    ['a redirect', faults.redirectTo('https://elsewhere.example/'), 'protocol', []],
    ['a version that is no longer taken', faults.error(412, 'INVALID_API_VERSION', 'No.'), 'unsupported', []],
    ['a type that is not taken', faults.error(415, 'GENERIC_HTTP_415', 'No.'), 'protocol', []],
    ['a huge answer', faults.hugeBody(), 'protocol', ['unknown']],
    ['a huge header', faults.hugeHeader(), 'protocol', ['unknown']],
  ])('by %s leaves the ledger true', async (_what, fault, code, states) => {
    await using world = await World.open();
    world.appliance.inject(fault, LOGIN);
    const error = await errorOf(world.connect());
    expect(error.code).toBe(code);
    expect(await world.states()).toEqual(states);
    expect(world.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
  });

  it('by an answer that never comes ends at the deadline', async () => {
    await using world = await World.open();
    const hang = world.appliance.inject(faults.hang('after'), LOGIN);
    const { slipline, bench } = world;
    const error = await errorOf(slipline.connect('hpe-oneview', bench.connectValues(), { timeout: 1500 }));
    expect(error).toMatchObject({ code: 'timeout', mayHaveTakenEffect: true });
    expect(await world.states()).toEqual(['unknown']);
    hang.release();
  });

  it.each(['/rest/version', '/rest/logindetails'])(
    'at %s has opened nothing, whatever happened there',
    async (path) => {
      await using world = await World.open();
      const { slipline, bench, appliance } = world;
      const connect = (timeout?: number) =>
        errorOf(slipline.connect('hpe-oneview', bench.connectValues(), { timeout }));
      const reset = appliance.inject(faults.resetBefore(), { path });
      expect((await connect()).code).toBe('unreachable');
      reset.remove();
      appliance.inject(faults.hang(), { path });
      expect((await connect(1500)).code).toBe('timeout');
      expect(await world.states()).toEqual([]);
    },
  );

  it('while a person is asked has opened nothing', async () => {
    const abort = new AbortController();
    await using world = await World.open({
      prompts: {
        credential: (_wanted, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
            abort.abort();
          }),
      },
    });
    const values = { appliance: world.appliance.endpoint };
    const error = await errorOf(world.slipline.connect('hpe-oneview', values, { signal: abort.signal }));
    expect(error.code).toBe('aborted');
    expect(await world.states()).toEqual([]);
  });
});

describe('an idle time-out', () => {
  it('is set right after the login', async () => {
    await using world = await World.open();
    const session = await world.connect({ idleTimeout: 30 });
    expect(session.details['idleTimeout']).toBe(30);
    expect(world.appliance.sessions()[0]?.idleMs).toBe(30 * 60_000);
    expect(world.requests.at(-1)).toBe('POST /rest/sessions/idle-timeout');
  });

  it.each<[string, Fault]>([
    ['refused', faults.error(403, 'INSUFFICIENT_PRIVILEGES', 'No.')],
    ['not confirmed', faults.answer({ status: 200, body: '{"idleTimeout":86400000}' })],
    ['lost', faults.resetBefore()],
  ])('that is %s ends the session again', async (_what, fault) => {
    await using world = await World.open();
    world.appliance.inject(fault, { path: '/rest/sessions/idle-timeout' });
    await expect(world.connect({ idleTimeout: 30 })).rejects.toThrow();
    expect(world.appliance.openSessionCount).toBe(0);
    expect(await world.states()).toEqual([]);
  });
});

describe('an adopted session', () => {
  it('is one that another program opened', async () => {
    await using world = await World.open();
    const { token } = world.appliance.openSession({ userName: 'jdoe', loginDomain: 'corp.example' });
    const { session } = await world.slipline.connect('hpe-oneview', {
      appliance: world.appliance.endpoint,
      sessionId: new Secret(token),
    });
    expect(session).toMatchObject({
      ownership: 'adopted',
      label: `jdoe on ${world.appliance.endpoint}`,
      principal: 'corp.example\\jdoe',
      details: { apiVersion: 8800 },
    });
    expect(world.requests).toEqual(['GET /rest/version', 'GET /rest/sessions']);
  });

  const adopt = async (world: World, sessionId: string): Promise<DisconnectError> =>
    errorOf(
      world.slipline.connect('hpe-oneview', {
        appliance: world.appliance.endpoint,
        sessionId: new Secret(sessionId),
      }),
    );

  it('must live', async () => {
    await using world = await World.open();
    const { token } = world.appliance.openSession({ userName: 'Administrator' });
    world.appliance.expire(token);
    const error = await adopt(world, token);
    expect(error).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('no session') });
    expect(JSON.stringify(error)).not.toContain(token);
    expect(await world.states()).toEqual([]);
  });

  it('must have an id that could be one', async () => {
    await using world = await World.open();
    const error = await adopt(world, 'auth: canary\r\n');
    expect(error.code).toBe('invalid-request');
    expect(JSON.stringify(error)).not.toContain('canary');
    expect(world.requests).toEqual(['GET /rest/version']);
  });

  it('lends its name to no hostile server', async () => {
    await using world = await World.open();
    const answer = { username: `canary-token ${HOSTILE_TEXT}`, loginDomain: 7 };
    world.appliance.inject(faults.answer({ status: 200, body: JSON.stringify(answer) }), {
      path: '/rest/sessions',
    });
    const { session } = await world.slipline.connect('hpe-oneview', {
      appliance: world.appliance.endpoint,
      sessionId: new Secret('canary-token'),
    });
    expect(session.label).toBe(`somebody on ${world.appliance.endpoint}`);
  });
});
