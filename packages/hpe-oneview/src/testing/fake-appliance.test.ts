import { once } from 'node:events';
import { connect, type ConnectionOptions } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import type { FakeAppliance } from './fake-appliance.ts';
import {
  authority,
  call,
  CREDENTIALS,
  failureOf,
  identity,
  keepAlive,
  logIn,
  startAppliance,
} from './https-call.test.support.ts';
import { RELEASES, type Release } from './settings.ts';

async function handshake(appliance: FakeAppliance, options: ConnectionOptions = {}) {
  const { certificate: ca } = await authority();
  const socket = connect({ host: '127.0.0.1', port: appliance.port, ca, ...options });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

describe('transport', () => {
  it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    await using appliance = await startAppliance();
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await handshake(appliance, { minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).toBe(version);
      socket.destroy();
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await failureOf(handshake(appliance, old))).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('keeps connections open between requests', async () => {
    await using appliance = await startAppliance();
    const agent = keepAlive();
    for (let round = 0; round < 3; round += 1)
      await call(appliance, 'GET', '/rest/version', { tls: { agent } });
    expect(appliance.openConnectionCount).toBe(1);
    agent.destroy();
  });

  it('presents another certificate when told to, also to who resumes a TLS session, and closes what was open', async () => {
    const [first, second] = await Promise.all([identity('first'), identity('second')]);
    await using appliance = await startAppliance({ certificate: first });
    const before = await handshake(appliance, { maxVersion: 'TLSv1.2' });
    const session = before.getSession();
    expect(before.getPeerCertificate().subject.CN).toBe('first');
    const closed = once(before, 'close');

    appliance.useCertificate(second);
    await closed;
    const after = await handshake(appliance, { maxVersion: 'TLSv1.2', session });
    expect(after.isSessionReused()).toBe(false);
    expect(after.getPeerCertificate().subject.CN).toBe('second');
    after.destroy();
  });

  it('stops at once, whatever is going on, and twice', async () => {
    const appliance = await startAppliance();
    const { endpoint } = appliance;
    const agent = keepAlive();
    await call(appliance, 'GET', '/rest/version', { tls: { agent } });
    const idle = await handshake(appliance);
    await Promise.all([appliance.stop(), once(idle, 'close')]);
    await appliance.stop();
    expect(endpoint).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await failureOf(call(appliance, 'GET', '/rest/version'))).toBe('ECONNREFUSED');
    agent.destroy();
  });

  it('refuses a request body of more than a megabyte', async () => {
    await using appliance = await startAppliance();
    const json = { ...CREDENTIALS, padding: 'x'.repeat(1024 * 1024) };
    expect((await call(appliance, 'POST', '/rest/login-sessions', { json })).status).toBe(413);
    expect(appliance.openSessionCount).toBe(0);
  });
});

describe('version header', () => {
  it.each(Object.keys(RELEASES) as Release[])('is bounded by what release %s supports', async (release) => {
    await using appliance = await startAppliance({ release });
    const { currentVersion, minimumVersion } = RELEASES[release];
    const status = async (version: number | string | null) =>
      (await call(appliance, 'GET', '/rest/logindetails', { version })).status;
    expect(await status(null)).toBe(404);
    expect(await status(currentVersion)).toBe(200);
    expect(await status(minimumVersion)).toBe(200);
    expect(await status(currentVersion + 1)).toBe(412);
    expect(await status(minimumVersion - 1)).toBe(412);
    for (const version of ['latest', '1e3', '800.0', '-800', '800, 800'])
      expect(await status(version)).toBe(412);
    expect((await call(appliance, 'GET', '/rest/version', { version: null })).json).toEqual({
      currentVersion,
      minimumVersion,
    });
  });

  it('is looked at before anything else', async () => {
    await using appliance = await startAppliance({ release: '5.00' });
    const token = await logIn(appliance);
    for (const [method, path] of [
      ['DELETE', '/rest/login-sessions'],
      ['GET', '/rest/sessions'],
      ['GET', '/rest/no-such-thing'],
    ] as const) {
      expect((await call(appliance, method, path, { token, version: null })).status).toBe(404);
      const tooHigh = await call(appliance, method, path, { token, version: 1400 });
      expect(tooHigh.status).toBe(412);
      expect(tooHigh.json['details']).toContain('Only values 1 through 1200 are accepted.');
    }
    const login = await call(appliance, 'POST', '/rest/login-sessions', { json: CREDENTIALS, version: null });
    expect(login.status).toBe(404);
    expect(appliance.openSessionCount).toBe(1);
  });
});

describe('order of checks', () => {
  it('asks for a token before it tells that a path or a method is unknown', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    for (const [method, path, status] of [
      ['GET', '/rest/no-such-thing', 404],
      ['GET', '/rest/login-sessions', 405],
      ['POST', '/rest/version', 405],
    ] as const) {
      expect((await call(appliance, method, path)).status).toBe(401);
      expect((await call(appliance, method, path, { token })).status).toBe(status);
    }
  });

  it('ignores a slash at the end', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    expect((await call(appliance, 'GET', '/rest/version/')).status).toBe(200);
    expect((await call(appliance, 'GET', '/rest/sessions/?x=1', { sessionId: token })).status).toBe(200);
    expect((await call(appliance, 'DELETE', '/rest/login-sessions/', { token })).status).toBe(204);
  });

  it('ignores a meaningless token where none is needed', async () => {
    await using appliance = await startAppliance();
    const token = 'Administrator';
    for (const path of [
      '/rest/version',
      '/rest/logindetails',
      '/rest/appliance/progress',
      '/rest/appliance/nodeinfo/version',
    ]) {
      expect((await call(appliance, 'GET', path, { token })).status).toBe(200);
    }
    expect((await call(appliance, 'POST', '/rest/login-sessions', { token, json: CREDENTIALS })).status).toBe(
      200,
    );
  });

  it('answers 401 AUTHORIZATION, word for word, to every call without a live token', async () => {
    await using appliance = await startAppliance();
    for (const token of [undefined, '', 'bogus']) {
      const reply = await call(appliance, 'GET', '/rest/server-hardware', { token });
      expect(reply.status).toBe(401);
      expect(reply.headers['content-type']).toMatch(/^application\/json/);
      expect(reply.json).toEqual({
        errorCode: 'AUTHORIZATION',
        message: 'Authorization error: User not authorized for this operation.',
        details: 'User not authorized for this operation.',
        recommendedActions: [
          'Please verify your credentials and re-authenticate before attempting the operation again.',
        ],
        errorSource: null,
        nestedErrors: [],
        data: {},
        messageParameters: [],
      });
    }
  });
});

describe('request log', () => {
  it('keeps what came and what was answered', async () => {
    await using appliance = await startAppliance({ clock: { now: () => 42 } });
    const token = await logIn(appliance);
    await call(appliance, 'DELETE', '/rest/login-sessions/?a=b', { token, body: `${token}\r\n` });
    expect(appliance.requests).toEqual([
      expect.objectContaining({
        method: 'POST',
        path: '/rest/login-sessions',
        body: JSON.stringify(CREDENTIALS),
        status: 200,
      }),
      expect.objectContaining({
        method: 'DELETE',
        path: '/rest/login-sessions',
        query: 'a=b',
        body: `${token}\r\n`,
        status: 204,
        at: 42,
      }),
    ]);
    expect(appliance.requests[1]?.headers).toEqual(expect.objectContaining({ auth: token }));
    appliance.clearRequests();
    expect([appliance.requests.length, appliance.requestCount, appliance.requestCounts.size]).toEqual([
      0, 0, 0,
    ]);
  });

  it.each([0, 2])('keeps the first %d in full and counts all', async (recordLimit) => {
    await using appliance = await startAppliance({ recordLimit });
    for (let round = 0; round < 4; round += 1) await call(appliance, 'GET', '/rest/version');
    expect(appliance.requests.length).toBe(recordLimit);
    expect(appliance.requestCount).toBe(4);
    expect(appliance.requestCounts).toEqual(new Map([['GET /rest/version', 4]]));
  });

  it('tells of the next request that fits', async () => {
    await using appliance = await startAppliance();
    const next = appliance.nextRequest({ method: 'DELETE' });
    const token = await logIn(appliance);
    await call(appliance, 'DELETE', '/rest/login-sessions', { token });
    expect((await next).headers).toEqual(expect.objectContaining({ auth: token }));
  });
});
