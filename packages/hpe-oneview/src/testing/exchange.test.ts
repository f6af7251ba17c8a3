import { request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { FakeAppliance } from './fake-appliance.ts';
import { faults } from './faults.ts';
import {
  authority,
  call,
  CREDENTIALS,
  failureOf,
  keepAlive,
  logIn,
  logOut,
  startAppliance,
} from './https-call.test.support.ts';

const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };

/** The head of an answer whose body has not been read. */
async function open(
  appliance: FakeAppliance,
  method: string,
  path: string,
  token: string,
): Promise<IncomingMessage> {
  const headers = { 'X-API-Version': '1200', auth: token };
  const { certificate: ca } = await authority();
  const outgoing = request({
    host: '127.0.0.1',
    port: appliance.port,
    ca,
    agent: false,
    method,
    path,
    headers,
  });
  // Node 24 tells of a reset here too, after the answer has begun.
  outgoing.on('error', () => undefined);
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return incoming;
}

describe('a broken connection', () => {
  it.each([
    ['before', 1],
    ['after', 0],
  ] as const)('is reset %s the logout was done', async (when, open) => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    appliance.inject(when === 'before' ? faults.resetBefore() : faults.resetAfter(), { ...LOGOUT, times: 1 });
    expect(await failureOf(logOut(appliance, token))).toBe('ECONNRESET');
    expect(appliance.openSessionCount).toBe(open);
    expect(appliance.requests.at(-1)?.status).toBeUndefined();
    expect((await logOut(appliance, token)).status).toBe(open === 1 ? 204 : 400);
  });

  it.each([
    ['GET', '/rest/server-hardware'],
    ['DELETE', '/rest/login-sessions'],
  ])('is reset in the middle of the answer to %s', async (method, path) => {
    await using appliance = await startAppliance();
    for (let round = 0; round < 20; round += 1) {
      const token = await logIn(appliance);
      appliance.inject(faults.cut(), { method, path, times: 1 });
      const incoming = await open(appliance, method, path, token);
      expect(incoming.statusCode).toBe(200);
      let received = 0;
      incoming.on('data', (chunk: Buffer) => (received += chunk.length));
      expect(await failureOf(once(incoming, 'end'))).toBe('ECONNRESET');
      expect(received).toBe(Math.floor(Number(incoming.headers['content-length']) / 2));
    }
  });
});

describe('a slow appliance', () => {
  it.each([
    ['before', 1, 401],
    ['after', 0, 401],
  ] as const)('holds the answer %s the logout is done, until it is let go', async (when, open, later) => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    const hang = appliance.inject(faults.hang(when), { ...LOGOUT, times: 1 });
    const arrived = appliance.nextRequest(LOGOUT);
    const reply = logOut(appliance, token);
    expect((await arrived).status).toBeUndefined();
    expect(appliance.openSessionCount).toBe(open);
    hang.release();
    expect((await reply).status).toBe(204);
    expect((await call(appliance, 'GET', '/rest/roles', { token })).status).toBe(later);
  });

  it.each([
    ['before', 1],
    ['after', 0],
  ] as const)('forgets the held request (%s) of a client that has gone away', async (when, open) => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    const hang = appliance.inject(faults.hang(when), LOGOUT);
    const arrived = appliance.nextRequest(LOGOUT);
    const leaving = new AbortController();
    const reply = failureOf(logOut(appliance, token, { signal: leaving.signal }));
    await arrived;
    leaving.abort();
    expect(await reply).toBe('ABORT_ERR');
    while (appliance.openConnectionCount > 0) await new Promise(setImmediate);
    hang.release();
    expect(appliance.openSessionCount).toBe(open);
  });

  it('stops although it owes an answer', async () => {
    const appliance = await startAppliance();
    const token = await logIn(appliance);
    for (const fault of [faults.hang(), faults.delay(3_600_000), faults.drip(3_600_000)])
      appliance.inject(fault, { times: 1 });
    const replies = [1, 2, 3].map(() =>
      failureOf(call(appliance, 'GET', '/rest/server-hardware', { token })),
    );
    while (appliance.requestCount < 4) await new Promise(setImmediate);
    await appliance.stop();
    expect(await Promise.all(replies)).toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
  });

  it('does what it is asked at once, and answers late', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    appliance.inject(faults.delay(50), LOGOUT);
    const arrived = appliance.nextRequest(LOGOUT);
    const started = performance.now();
    const reply = logOut(appliance, token);
    await arrived;
    expect(appliance.openSessionCount).toBe(0);
    expect((await reply).status).toBe(204);
    expect(performance.now() - started).toBeGreaterThan(45);
  });

  it('drips its answer', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    appliance.inject(faults.drip(1), { times: 2 });
    const incoming = await open(appliance, 'GET', '/rest/roles?count=0', token);
    const chunks: string[] = [];
    for await (const chunk of incoming) chunks.push(String(chunk));
    expect(chunks.length).toBeGreaterThan(10);
    expect(JSON.parse(chunks.join(''))).toEqual(expect.objectContaining({ members: [] }));
    const logout = await logOut(appliance, token);
    expect([logout.status, logout.text]).toEqual([200, '{}']);
  });
});

describe('answers that are too large', () => {
  it('has a header that no client should take', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    appliance.inject(faults.hugeHeader(), LOGOUT);
    expect(await failureOf(logOut(appliance, token))).toBe('HPE_HEADER_OVERFLOW');
    expect(appliance.openSessionCount).toBe(0);
  });

  it('has a body that is valid and as long as wanted', async () => {
    await using appliance = await startAppliance();
    appliance.inject(faults.hugeBody(3_000_000), { path: '/rest/login-sessions' });
    const reply = await call(appliance, 'POST', '/rest/login-sessions', { json: CREDENTIALS });
    expect(reply.headers['content-length']).toBeUndefined();
    expect(reply.text.length).toBeGreaterThan(3_000_000);
    expect(reply.json['sessionID']).toBe(appliance.sessions()[0]?.token);
  });

  it('keeps little of the body in memory while the client does not read', async () => {
    await using appliance = await startAppliance();
    const token = await logIn(appliance);
    appliance.inject(faults.hugeBody(1_000_000_000));
    const before = process.memoryUsage.rss();
    const incoming = await open(appliance, 'GET', '/rest/server-hardware', token);
    await once(incoming, 'readable');
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
    incoming.destroy();
  });

  it('is told apart from a whole one over a connection that is kept', async () => {
    await using appliance = await startAppliance();
    const agent = keepAlive();
    const token = await logIn(appliance, {}, { tls: { agent } });
    appliance.inject(faults.hugeBody(1000), { times: 1 });
    for (let round = 0; round < 2; round += 1) {
      expect(
        (await call(appliance, 'GET', '/rest/server-hardware', { token, tls: { agent } })).json['total'],
      ).toBe(3);
    }
    expect(appliance.openConnectionCount).toBe(1);
    agent.destroy();
  });
});
