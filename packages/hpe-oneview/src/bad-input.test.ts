import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { DisconnectError, MemoryLedger, Secret, Slipline, type ConnectOptions } from '@slipline/core';
import { hpeOneView } from './index.ts';
import { faults, type Fault } from './testing/index.ts';
import { authority, errorOf, World } from './testing/world.test.support.ts';

// Ends of waits are asserted, not their lengths: a busy machine may take its time.
jest.setTimeout(30_000);

const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };
const PROBE = { path: '/rest/sessions' };

/** A port of this machine where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a host', () => {
  it('where nothing listens leaves nothing behind', async () => {
    await using world = await World.open();
    const error = await errorOf(world.connect({ appliance: `127.0.0.1:${await closedPort()}` }));
    expect(error).toMatchObject({ code: 'unreachable', next: expect.any(String), mayHaveTakenEffect: false });
    expect(await world.states()).toEqual([]);
  });

  it('that speaks no TLS gets no credential', async () => {
    await using world = await World.open();
    const received: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('data', (chunk) => received.push(chunk));
      socket.on('error', () => undefined);
      socket.write('SSH-2.0-OpenSSH_9.9\r\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await errorOf(world.connect({ appliance: `127.0.0.1:${port}` }));
    server.close();
    expect(error.code).toBe('unreachable');
    expect(Buffer.concat(received).toString('latin1')).not.toContain('fake-password');
    expect(await world.states()).toEqual([]);
  });
});

describe('a certificate', () => {
  const connect = (world: World, trust: ConnectOptions['trust']) =>
    world.slipline.connect('hpe-oneview', world.bench.connectValues(), { trust });

  it('that does not match its pin ends the talk before it has begun', async () => {
    await using world = await World.open();
    const error = await errorOf(connect(world, { pin: '0'.repeat(64) }));
    expect(error.code).toBe('untrusted');
    expect([world.appliance.requestCount, await world.states()]).toEqual([0, []]);
  });

  it('that changed after the connect keeps the token here', async () => {
    const self = await (
      await authority()
    ).selfSigned({ commonName: 'ci-005056a1b2c3', names: ['127.0.0.1'] });
    const { X509Certificate } = await import('node:crypto');
    const pin = new X509Certificate(self.certificate).fingerprint256.replaceAll(':', '').toLowerCase();
    await using world = await World.open({ appliance: { certificate: self } });
    const { session } = await connect(world, { pin });
    const stranger = await (
      await authority()
    ).selfSigned({ commonName: 'ci-005056a1b2c3', names: ['127.0.0.1'] });
    world.appliance.useCertificate(stranger);
    world.appliance.clearRequests();
    await using other = world.process();
    expect(await world.end(session, {}, other)).toMatchObject({
      status: 'failed',
      error: { code: 'untrusted' },
    });
    expect([world.appliance.requestCount, await world.states()]).toEqual([0, ['closing']]);
  });
});

describe('a ledger that cannot be written', () => {
  class FullLedger extends MemoryLedger {
    override async opened(): Promise<never> {
      throw new DisconnectError('internal', 'no space left on device', { next: 'make room' });
    }
  }
  const connect = (world: World) => {
    const slipline = new Slipline({
      providers: [world.bench.plugin],
      ledger: new FullLedger(),
      network: world.bench.network,
    });
    return errorOf(slipline.connect('hpe-oneview', world.bench.connectValues()));
  };

  it('leaves no session that nobody knows of', async () => {
    await using world = await World.open();
    expect(await connect(world)).toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/ended again: no space left on device/),
      next: 'make room',
      mayHaveTakenEffect: false,
    });
    expect(world.appliance.sessions()).toMatchObject([{ endedBy: 'logout' }]);
  });

  it('says so where the session cannot be ended either', async () => {
    await using world = await World.open();
    world.appliance.inject(faults.serverError(), LOGOUT);
    expect(await connect(world)).toMatchObject({
      message: expect.stringContaining('may live on'),
      mayHaveTakenEffect: true,
    });
  });
});

describe('a parameter', () => {
  it.each([
    ['that is unknown', { colour: 'blue' }, 'unknown parameter "colour"'],
    ['that names a certificate to log in with', { certificate: 'x' }, 'unknown parameter "certificate"'],
    ['beside one that it excludes', { sessionId: new Secret('token') }, 'exclude each other'],
    ['that is empty', { authLoginDomain: '' }, 'authLoginDomain'],
    ['with a zero byte', { authLoginDomain: 'LOCAL\0' }, 'zero byte'],
    ['that is a URL instead of a host', { appliance: 'https://ov1.example/' }, 'right form'],
  ])('%s is refused before anything is sent', async (_what, values, message) => {
    await using world = await World.open();
    const error = await errorOf(world.connect(values));
    expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining(message) });
    expect([world.appliance.requestCount, await world.states()]).toEqual([0, []]);
  });

  it.each([
    ['that is unknown', { colour: 'blue' }, 'unknown parameter "colour"'],
    ['that is empty', { appliance: [] }, 'appliance needs at least one value'],
  ])('of a disconnect %s is refused', async (_what, selector, message) => {
    await using world = await World.open();
    expect((await errorOf(world.disconnect(selector))).message).toContain(message);
  });
});

describe('an interruption', () => {
  it.each<[string, Fault, typeof LOGOUT | typeof PROBE, string, string[], number]>([
    ['before the logout is answered', faults.hang(), LOGOUT, 'failed', ['closing'], 1],
    ['after the logout was done', faults.hang('after'), LOGOUT, 'failed', ['closing'], 0],
    ['while the end is being verified', faults.hang(), PROBE, 'disconnected', ['closing'], 0],
  ])('%s leaves the ledger true', async (_when, fault, scope, status, states, open) => {
    await using world = await World.open();
    const session = await world.connect();
    const hang = world.appliance.inject(fault, scope);
    const abort = new AbortController();
    const arrived = world.appliance.nextRequest(scope);
    const ended = world.end(session, { signal: abort.signal });
    await arrived;
    abort.abort();
    const outcome = await ended;
    expect(outcome.status).toBe(status);
    expect(await world.states()).toEqual(states);
    expect(world.appliance.openSessionCount).toBe(open);
    hang.remove();
    await using other = world.process();
    expect((await world.end(session, {}, other)).status).toBe(open === 1 ? 'disconnected' : 'already-gone');
    expect(await world.states()).toEqual([]);
  });

  it('of a connect whose login was sent says that nobody can tell', async () => {
    await using world = await World.open();
    const login = { method: 'POST', path: '/rest/login-sessions' };
    world.appliance.inject(faults.hang('after'), login);
    const abort = new AbortController();
    const arrived = world.appliance.nextRequest(login);
    const { slipline, bench } = world;
    const connected = errorOf(
      slipline.connect('hpe-oneview', bench.connectValues(), { signal: abort.signal }),
    );
    await arrived;
    abort.abort();
    expect((await connected).code).toBe('aborted');
    expect(await world.states()).toEqual(['unknown']);
  });
});

describe('an answer to a look at the session', () => {
  it.each<[string, Fault, string]>([
    ['no JSON', faults.notJson(), 'protocol'],
    ['a success with an error in it', faults.errorWithStatus200(), 'protocol'],
    ['a body of 100 MB', faults.hugeBody(), 'protocol'],
    ['a slow drip', faults.drip(60_000), 'timeout'],
    ['half a body', faults.cut(), 'unreachable'],
    ['a page that says 404', faults.answer({ status: 404, body: '<html>no</html>' }), 'protocol'],
    ['a 401', faults.unauthorized(), 'unauthenticated'],
  ])('that is %s proves nothing', async (_what, fault, code) => {
    await using world = await World.open();
    const session = await world.connect();
    world.appliance.inject(fault, PROBE);
    expect(await world.end(session, { verifyTimeout: 300 })).toMatchObject({
      status: 'disconnected',
      verification: 'pending',
    });
    expect(await world.states()).toEqual(['closing']);
    await using live = new Slipline({
      providers: [hpeOneView({ liveTimeout: code === 'timeout' ? 1000 : 15_000 })],
      ledger: world.ledger,
      network: world.bench.network,
    });
    const { sessions, problems } = await live.sessions({ provider: 'hpe-oneview', isLive: true });
    expect(sessions.map(({ state }) => state)).toEqual(['unknown']);
    expect(problems.map(({ error }) => error.code)).toEqual([code]);
  });
});
