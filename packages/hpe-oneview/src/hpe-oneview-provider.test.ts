import { describe, expect, it, jest } from '@jest/globals';
import type { Outcome } from '@slipline/core';
import { faults, type Fault, type Release } from './testing/index.ts';
import { authority, errorOf, World } from './testing/world.test.support.ts';

// Ends of waits are asserted, not their lengths: a busy machine may take its time.
jest.setTimeout(30_000);

const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };
const BRIEF = { timeout: 10_000, verifyTimeout: 2000 };
/** Long enough for a request to arrive. */
const IMPATIENT = { timeout: 1500 };

/** `disconnected: end, verified`, `failed: protocol` and so on. */
function said(outcome: Outcome | undefined): string {
  switch (outcome?.status) {
    case 'disconnected':
      return `disconnected: ${outcome.effect}, ${outcome.verification}`;
    case 'failed':
      return `failed: ${outcome.error.code}`;
    case undefined:
      return 'none';
    default:
      return outcome?.status ?? '';
  }
}

describe('a disconnect', () => {
  it('ends the session on the appliance, and asks whether it is gone', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const token = await world.token(session);
    world.appliance.clearRequests();
    expect(said(await world.end(session))).toBe('disconnected: end, verified');
    expect(world.requests).toEqual(['DELETE /rest/login-sessions', 'GET /rest/sessions']);
    expect(world.appliance.sessions()).toEqual([expect.objectContaining({ token, endedBy: 'logout' })]);
    expect(await world.states()).toEqual([]);
  });

  it.each<[Release, string, string | undefined]>([
    ['4.10', '800', '*'],
    ['4.20', '1000', '*'],
    ['5.00', '1200', undefined],
    ['11.40', '8800', undefined],
  ])('speaks to OneView %s as its library does, without a body', async (release, version, ifMatch) => {
    await using world = await World.open({ appliance: { release } });
    const session = await world.connect();
    const token = await world.token(session);
    world.appliance.clearRequests();
    expect(said(await world.end(session))).toBe('disconnected: end, verified');
    const [logout, probe] = world.appliance.requests;
    expect(logout).toMatchObject({ body: '', headers: { auth: token, 'x-api-version': version } });
    expect(logout?.headers['if-match']).toBe(ifMatch);
    expect(probe?.headers).toMatchObject({ auth: token, 'session-id': token, 'x-api-version': version });
  });

  it('tells the token to the appliance that issued it only', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.clearRequests();
    world.appliance.useCertificate(
      await (await authority()).selfSigned({ commonName: 'ci-005056a1b2c3', names: ['127.0.0.1'] }),
    );
    await using other = world.process();
    expect(said(await world.end(session, BRIEF, other))).toBe('failed: untrusted');
    expect(world.appliance.requestCount).toBe(0);
    expect(await world.states()).toEqual(['closing']);
  });

  it('shows its effect to another program at once', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const token = await world.token(session);
    await world.end(session);
    const call = async (): Promise<number> => {
      const { authorities } = world.bench.network;
      const { request } = await import('node:https');
      return new Promise((resolve, reject) => {
        const headers = { auth: token, 'x-api-version': '1200' };
        const url = `${world.appliance.url}/rest/server-hardware`;
        request(url, { ca: authorities?.[0], headers, agent: false }, (answer) =>
          resolve(answer.statusCode ?? 0),
        )
          .on('error', reject)
          .end();
      });
    };
    expect(await call()).toBe(401);
  });
});

describe('a session that is gone already', () => {
  it.each(['AUTHN_LOGOUT_FAILED', 'AUTHORIZATION', 'RESOURCE_NOT_FOUND', 'Session.INVALID'] as const)(
    'is success where the appliance says %s',
    async (unknownTokenAtLogout) => {
      await using world = await World.open({ appliance: { unknownTokenAtLogout } });
      const session = await world.connect();
      world.appliance.expire(await world.token(session));
      expect(said(await world.end(session))).toBe('already-gone');
      expect(await world.states()).toEqual([]);
    },
  );

  it.each([400, 401, 404, 410])('is success where that is Session.INVALID as HTTP %i', async (status) => {
    await using world = await World.open({
      appliance: { unknownTokenAtLogout: 'Session.INVALID', statuses: { 'Session.INVALID': status } },
    });
    const session = await world.connect();
    world.appliance.endSession(await world.token(session));
    expect(said(await world.end(session))).toBe('already-gone');
  });

  it('is so when its idle time is over', async () => {
    const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time };
    await using world = await World.open({ appliance: { clock } });
    const session = await world.connect({ idleTimeout: 1 });
    clock.time += 60_001;
    expect(said(await world.end(session))).toBe('already-gone');
  });

  it('is not believed of a host that no longer is an appliance', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.answer({ status: 404 }));
    expect(said(await world.end(session, BRIEF))).toBe('failed: protocol');
    expect(world.requests.slice(-2)).toEqual(['DELETE /rest/login-sessions', 'GET /rest/version']);
    world.appliance.removeFaults();
    expect(world.appliance.openSessionCount).toBe(1);
    expect(await world.states()).toEqual(['closing']);
  });

  it('is not believed of a page that says 404', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.answer({ status: 404, body: '<html>Not found</html>' }), LOGOUT);
    expect(said(await world.end(session, BRIEF))).toBe('failed: protocol');
    expect(await world.states()).toEqual(['closing']);
  });
});

describe('an appliance that has been updated meanwhile', () => {
  it('is spoken to in a version that it takes now', async () => {
    await using world = await World.open({ appliance: { release: '4.10' } });
    const session = await world.connect();
    world.appliance.configure({ release: '11.40', minimumVersion: 5000 });
    world.appliance.clearRequests();
    expect(said(await world.end(session, BRIEF))).toBe('disconnected: end, verified');
    expect(world.appliance.requests.map(({ headers, status }) => [headers['x-api-version'], status])).toEqual(
      [
        ['800', 412],
        [undefined, 200],
        ['8800', 204],
        ['800', 412],
        [undefined, 200],
        ['8800', 404],
      ],
    );
  });

  it('is not asked for ever', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.error(412, 'INVALID_API_VERSION', 'No.'), LOGOUT);
    expect(said(await world.end(session, BRIEF))).toBe('failed: unsupported');
    expect(world.requests.slice(-2)).toEqual(['DELETE /rest/login-sessions', 'GET /rest/version']);
  });
});

describe('a 401', () => {
  it('on a live token is a refusal, and keeps the session', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.unauthorized(), LOGOUT);
    const outcome = await world.end(session, BRIEF);
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'forbidden', message: expect.stringContaining('the session lives') },
    });
    expect(await world.states()).toEqual(['open']);
    world.appliance.removeFaults();
    expect(said(await world.end(session))).toBe('disconnected: end, verified');
  });

  it('that nothing explains leaves the session to a later run', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.unauthorized());
    expect(said(await world.end(session, BRIEF))).toBe('failed: protocol');
    expect(await world.states()).toEqual(['closing']);
    world.appliance.removeFaults();
    expect(said(await world.end(session))).toBe('disconnected: end, verified');
  });

  it('is asked about without renewing the session', async () => {
    const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time };
    await using world = await World.open({ appliance: { clock } });
    const session = await world.connect();
    clock.time += 60_000;
    world.appliance.inject(faults.unauthorized(), LOGOUT);
    await world.end(session, BRIEF);
    const [{ accessed, created } = { accessed: NaN, created: NaN }] = world.appliance.sessions();
    expect(accessed).toBe(created);
  });
});

describe('an answer that does not say what became of the session', () => {
  it.each<[string, Fault, string, string, number]>([
    ['a server error', faults.serverError(), 'protocol', 'closing', 1],
    ['a bad gateway', faults.badGateway(), 'protocol', 'closing', 1],
    ['no JSON', faults.notJson(), 'protocol', 'closing', 1],
    ['a success with an error in it', faults.errorWithStatus200(), 'protocol', 'closing', 1],
    ['a redirect', faults.redirectTo('https://elsewhere.example/'), 'protocol', 'closing', 1],
    ['a reset before the logout', faults.resetBefore(), 'unreachable', 'closing', 1],
    ['a reset after the logout', faults.resetAfter(), 'unreachable', 'closing', 0],
    ['half a body', faults.cut(), 'unreachable', 'closing', 0],
    ['a body of 100 MB', faults.hugeBody(), 'protocol', 'closing', 0],
    ['a header of 1 MB', faults.hugeHeader(), 'protocol', 'closing', 0],
    ['a slow drip', faults.drip(60_000), 'timeout', 'closing', 0],
    ['a slow answer', faults.delay(60_000), 'timeout', 'closing', 0],
    ['silence', faults.hang('after'), 'timeout', 'closing', 0],
    ['a conflict', faults.error(409, 'CONFLICT', 'No.'), 'protocol', 'closing', 1],
    [
      'a password that must be changed',
      faults.error(403, 'PASSWORD_CHANGE_REQUIRED', 'No.'),
      'forbidden',
      'open',
      1,
    ],
  ])('such as %s is never success', async (_what, fault, code, state, open) => {
    await using world = await World.open();
    const session = await world.connect();
    const active = world.appliance.inject(fault, LOGOUT);
    const outcome = await world.end(session, code === 'timeout' ? IMPATIENT : BRIEF);
    expect(said(outcome)).toBe(`failed: ${code}`);
    expect(await world.states()).toEqual([state]);
    expect(world.appliance.openSessionCount).toBe(open);
    active.remove();
    // The next run finishes it, whatever became of it.
    expect(said(await world.end(session))).toMatch(
      open === 1 ? /^disconnected: end, verified$/ : /^already-gone$/,
    );
    expect(await world.states()).toEqual([]);
  });

  it('such as a lie is found out', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.lyingLogout(), LOGOUT);
    expect(said(await world.end(session, BRIEF))).toBe('failed: still-live');
    expect(await world.states()).toEqual(['closing']);
  });

  it('holds no secret, though the appliance repeats it', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const token = await world.token(session);
    world.appliance.inject(faults.error(409, 'CONFLICT', `no ${token}`, `details: ${token}`), LOGOUT);
    const outcome = await world.end(session, BRIEF);
    expect(said(outcome)).toBe('failed: protocol');
    expect(JSON.stringify([outcome, world.log.records])).not.toContain(token);
  });
});

describe('an appliance that is not there', () => {
  it('keeps the session for later', async () => {
    await using world = await World.open();
    const session = await world.connect();
    await world.appliance.stop();
    const outcome = await world.end(session, BRIEF);
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'unreachable', next: expect.any(String) },
    });
    expect(await world.states()).toEqual(['closing']);
  });
});

describe('a busy appliance', () => {
  it('is waited for, and asked again when it is up', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.busy(), { times: 2 });
    world.appliance.clearRequests();
    expect(said(await world.end(session))).toBe('disconnected: end, verified');
    expect(world.requests).toEqual([
      'DELETE /rest/login-sessions',
      'GET /rest/appliance/progress',
      'GET /rest/appliance/progress',
      'DELETE /rest/login-sessions',
      'GET /rest/sessions',
    ]);
  });

  it('is not waited for beyond the deadline, and nothing is sent after it', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.busy());
    const outcome = await world.end(session, { timeout: 2500 });
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'timeout', message: expect.stringMatching(/still starting \(\d+ %\)/) },
    });
    const { requestCount } = world.appliance;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(world.appliance.requestCount).toBe(requestCount);
    expect(await world.states()).toEqual(['closing']);
  });

  it('that refuses connections while it restarts is waited for too', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(faults.busy(), { times: 1 });
    world.appliance.inject(faults.resetBefore(), { path: '/rest/appliance/progress', times: 1 });
    expect(said(await world.end(session))).toBe('disconnected: end, verified');
  });

  it('lets go at once when a person interrupts', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const abort = new AbortController();
    world.appliance.inject(faults.busy());
    const busy = world.appliance.nextRequest({ path: '/rest/appliance/progress' });
    const ended = world.end(session, { signal: abort.signal });
    await busy;
    abort.abort();
    expect(said(await ended)).toBe('failed: aborted');
    expect(await world.states()).toEqual(['open']);
  });
});

describe('what can be disconnected', () => {
  async function three(): Promise<World> {
    const world = await World.open();
    for (let count = 0; count < 3; count += 1) await world.connect();
    return world;
  }
  const left = async (world: World): Promise<readonly string[]> =>
    (await world.slipline.sessions({ provider: 'hpe-oneview' })).sessions.map(({ id }) => id);

  it('is the default connection when none is named', async () => {
    await using world = await three();
    const { outcomes } = await world.disconnect({});
    expect(outcomes.map((outcome) => outcome.session.id)).toEqual(['1']);
    expect(await left(world)).toEqual(['2', '3']);
  });

  it('is a connection by its number', async () => {
    await using world = await three();
    await world.disconnect({ appliance: '2' });
    expect(await left(world)).toEqual(['1', '3']);
  });

  it('is a connection by its name, whatever its case', async () => {
    await using world = await three();
    await world.connect({ appliance: 'MyAppliance.domain.com' });
    const { outcomes } = await world.disconnect({ appliance: 'MYAPPLIANCE.domain.com' });
    expect(outcomes.map(said)).toEqual(['disconnected: end, verified']);
    expect(await left(world)).toEqual(['1', '2', '3']);
    expect(world.appliance.openSessionCount).toBe(3);
  });

  it('is several connections, by numbers and names at once', async () => {
    await using world = await three();
    await world.connect({ appliance: 'MyAppliance.domain.com' });
    const { outcomes } = await world.disconnect({ appliance: ['3', 'MyAppliance.domain.com', '1'] });
    expect(outcomes.map(said)).toEqual(Array(3).fill('disconnected: end, verified'));
    expect(await left(world)).toEqual(['2']);
  });

  it('is what comes through a pipe, as sessions', async () => {
    await using world = await three();
    const { sessions } = await world.slipline.sessions();
    const piped = JSON.parse(JSON.stringify(sessions)) as typeof sessions;
    const report = await world.slipline.apply(await world.slipline.plan({ sessions: piped }));
    expect(report.outcomes.map(said)).toEqual(Array(3).fill('disconnected: end, verified'));
    expect(world.appliance.openSessionCount).toBe(0);
  });

  it('is nothing that only claims to be a session', async () => {
    await using world = await three();
    const { sessions } = await world.slipline.sessions();
    const claims = [
      { ...sessions[0]!, id: '9' },
      { ...sessions[1]!, endpoint: 'ov9.example' },
      { ...sessions[2]!, fingerprint: 'another' },
    ];
    world.appliance.clearRequests();
    const { steps, problems } = await world.slipline.plan({ sessions: claims });
    expect(steps).toEqual([]);
    expect(problems.map(({ error }) => error.code).sort()).toEqual(['changed', 'not-found', 'not-found']);
    expect(world.appliance.requestCount).toBe(0);
  });

  it('is no connection whose connect never came to an end', async () => {
    await using world = await World.open();
    await world.ledger.open({ provider: 'hpe-oneview', endpoint: world.appliance.endpoint });
    const { steps, problems } = await world.slipline.plan({ provider: 'hpe-oneview', all: true });
    expect(steps).toEqual([]);
    expect(problems).toMatchObject([{ error: { code: 'unsupported' } }]);
  });

  it('is everything, where that is asked for', async () => {
    await using world = await three();
    const plan = await world.slipline.plan({ provider: 'hpe-oneview', all: true });
    const { outcomes } = await world.slipline.apply(plan);
    expect(outcomes).toHaveLength(3);
    expect(world.appliance.openSessionCount).toBe(0);
  });

  it('is not what is named and unknown; the rest is disconnected all the same', async () => {
    await using world = await three();
    const { outcomes, problems } = await world.disconnect({ appliance: ['1', '9', 'ov9.example', '2'] });
    expect(outcomes.map((outcome) => outcome.session.id)).toEqual(['1', '2']);
    expect(problems.map(({ error }) => [error.code, error.message])).toEqual([
      ['not-found', 'no session matches appliance "9"'],
      ['not-found', 'no session matches appliance "ov9.example"'],
    ]);
  });

  it('is nothing when nothing is connected', async () => {
    await using world = await World.open();
    const plan = await world.slipline.plan({ provider: 'hpe-oneview' });
    expect(plan.steps).toEqual([]);
    expect((await world.slipline.apply(plan)).outcomes).toEqual([]);
  });

  it('does not stop at one that fails', async () => {
    await using world = await three();
    world.appliance.inject(faults.serverError(), { ...LOGOUT, times: 1 });
    const { outcomes } = await world.disconnect({ appliance: ['1', '2', '3'] }, { concurrency: 1 });
    expect(outcomes.map(said).sort()).toEqual([
      'disconnected: end, verified',
      'disconnected: end, verified',
      'failed: protocol',
    ]);
  });

  it('shows every session in a dry run and touches none', async () => {
    await using world = await three();
    world.appliance.clearRequests();
    const { steps } = await world.slipline.plan({ provider: 'hpe-oneview', all: true });
    expect(steps.map(({ session, effect }) => [session.id, effect])).toEqual([
      ['1', 'end'],
      ['2', 'end'],
      ['3', 'end'],
    ]);
    expect([world.appliance.requestCount, world.appliance.openSessionCount]).toEqual([0, 3]);
  });

  it('is not ended in another way than the appliance knows', async () => {
    await using world = await three();
    const plan = await world.slipline.plan({
      provider: 'hpe-oneview',
      selector: { appliance: '1' },
      effect: 'revoke',
    });
    expect(plan.problems).toMatchObject([{ error: { code: 'unsupported', next: 'it offers: end' } }]);
  });
});

describe('the default connection', () => {
  const defaultOf = async (world: World): Promise<string | undefined> =>
    (await world.slipline.sessions()).sessions.find(({ isDefault }) => isDefault)?.id;

  it('is the first, and then the lowest number that remains', async () => {
    await using world = await World.open();
    for (let count = 0; count < 3; count += 1) await world.connect();
    expect(await defaultOf(world)).toBe('1');
    await world.disconnect({});
    expect(await defaultOf(world)).toBe('2');
    await world.disconnect({});
    expect(await defaultOf(world)).toBe('3');
    await world.disconnect({});
    expect(await defaultOf(world)).toBeUndefined();
  });

  it('stays when another one goes', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect();
    await world.disconnect({ appliance: '2' });
    expect(await defaultOf(world)).toBe('1');
  });
});

describe('two processes', () => {
  it('that disconnect the same session both succeed', async () => {
    await using world = await World.open();
    const session = await world.connect();
    await using other = world.process();
    const outcomes = await Promise.all([world.end(session), world.end(session, {}, other)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(already-gone|disconnected)$/)]),
    );
    expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(world.appliance.openSessionCount).toBe(0);
  });
});

describe('a token that the appliance has exchanged', () => {
  it('is gone, and the one that took its place is left alone', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.endSession(await world.token(session));
    const { token } = world.appliance.openSession({ userName: 'Administrator' });
    expect(said(await world.end(session))).toBe('already-gone');
    expect(world.appliance.sessions().find((one) => one.token === token)?.endedAt).toBeUndefined();
  });
});

describe('an adopted session', () => {
  it('is left alone unless that is asked for', async () => {
    await using world = await World.open();
    const { session } = await world.bench.adopt(world.slipline);
    expect(await world.end(session)).toMatchObject({ status: 'skipped', reason: 'adopted' });
    expect(world.appliance.openSessionCount).toBe(1);
    expect(said(await world.end(session, { includeAdopted: true }))).toBe('disconnected: end, verified');
    expect(world.appliance.openSessionCount).toBe(0);
  });
});

describe('access', () => {
  it('gives what the SDKs of HPE read, and asks no server', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const token = await world.token(session);
    world.appliance.clearRequests();
    const { environment, headers } = await world.slipline.access(session);
    const shown = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value.reveal(),
      ]),
    );
    expect(shown).toEqual({
      ONEVIEWSDK_IP: world.appliance.endpoint,
      ONEVIEWSDK_SESSIONID: token,
      ONEVIEWSDK_API_VERSION: '8800',
      ONEVIEWSDK_URL: world.appliance.url,
      ONEVIEWSDK_TOKEN: token,
    });
    expect(Object.keys(headers ?? {})).toEqual(['auth', 'Session-ID', 'X-API-Version']);
    expect(JSON.stringify([environment, headers])).not.toContain(token);
    expect(world.appliance.requestCount).toBe(0);
  });

  it('lets another program work with the session', async () => {
    await using world = await World.open();
    const session = await world.connect();
    const { headers = {} } = await world.slipline.access(session);
    const { request } = await import('node:https');
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value.reveal(),
      ]),
    );
    const status = await new Promise((resolve, reject) => {
      const options = { ca: world.bench.network.authorities?.[0], headers: sent, agent: false };
      request(`${world.appliance.url}/rest/server-hardware`, options, (answer) => resolve(answer.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  it('to a session that is not there says so', async () => {
    await using world = await World.open();
    const ref = { provider: 'hpe-oneview', endpoint: world.appliance.endpoint, id: '7' };
    expect((await errorOf(world.slipline.access(ref))).code).toBe('not-found');
  });
});
