import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Secret, type DisconnectError } from '@slipline/core';
import type { RpcMischief, SmbCommand, SmbFault } from '@slipline/msrpc/testing';
import type { TerminalSessionsBenchOptions } from './testing/index.ts';
import { errorOf, World } from './testing/world.test.support.ts';

/** The one problem of a listing, and how long the person who reads it has waited for nothing. */
async function problemOf(world: World, selector = {}, timeout?: number): Promise<DisconnectError> {
  const { credential } = world;
  const { problems } = await world.slipline.sessions({
    provider: 'terminal-sessions',
    selector: { computerName: ['SERVER01'], ...credential, ...selector },
    ...(timeout !== undefined && { timeout }),
  });
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  if (problem === undefined) throw new Error('There was no problem.');
  expect(problem.error.system).toBe('SERVER01');
  expect(problem.error.next).toEqual(expect.any(String));
  return problem.error;
}

const LIST = 'TermSrvEnumeration.10';
const FACTS = 'TermSrvSession.17';
const DISCONNECT = 'TermSrvSession.3';

describe('a host that cannot be reached', () => {
  it('is said to be so where its port is closed', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await using world = await World.open();
    const { problems } = await world.list({ computerName: [`127.0.0.1:${port}`] });
    expect(problems).toMatchObject([{ endpoint: `127.0.0.1:${port}`, error: { code: 'unreachable' } }]);
  });

  it('is waited for no longer than the deadline where a firewall drops everything', async () => {
    await using world = await World.open();
    world.host.smb.faults.isSilent = true;
    expect(await problemOf(world, {}, 300)).toMatchObject({ code: 'timeout' });
  });

  it('is told apart from one that speaks something else', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('SSH-2.0-OpenSSH_9.9\r\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using world = await World.open();
    const { problems } = await world.list({ computerName: [`127.0.0.1:${port}`] });
    server.close();
    expect(problems).toMatchObject([{ error: { code: 'protocol' } }]);
  });
});

describe('a host that is not to be trusted', () => {
  it.each<[string, (world: World) => void, string, RegExp]>([
    ['speaks SMB 1 only', ({ host }) => void (host.smb.faults.isOldOnly = true), 'unsupported', /SMB 1/],
    ['refuses to sign', ({ host }) => void (host.smb.faults.refusesSigning = true), 'untrusted', /sign/],
    [
      'lets us in as a guest',
      ({ host }) => void (host.smb.faults.admitsAsGuest = true),
      'untrusted',
      /guest/,
    ],
  ])('and %s gets no password and no call', async (_what, spoil, code, words) => {
    await using world = await World.open();
    world.logOn();
    spoil(world);
    const error = await problemOf(world);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect(world.host.services.callCount).toBe(0);
  });

  it('and does not encrypt is refused where that is required', async () => {
    await using world = await World.open({
      host: { smb: { encryption: 'off' } },
      plugin: { encryption: 'required' },
    });
    expect(await problemOf(world)).toMatchObject({
      code: 'untrusted',
      message: expect.stringMatching(/encrypt/),
    });
    expect(world.host.services.callCount).toBe(0);
  });

  it('and answers otherwise than it negotiated is refused on 3.0', async () => {
    await using world = await World.open({ host: { smb: { dialects: [0x0300] } } });
    world.host.smb.faults.liesAboutNegotiation = true;
    expect(await problemOf(world)).toMatchObject({ code: 'untrusted' });
    expect(world.host.services.callCount).toBe(0);
  });

  const encrypted: TerminalSessionsBenchOptions = {};
  const signed: TerminalSessionsBenchOptions = { host: { smb: { encryption: 'off' } } };
  it.each<[string, TerminalSessionsBenchOptions, SmbCommand, SmbFault]>([
    ['answers in the clear in an encrypted session', encrypted, 'ioctl', 'unprotected'],
    ['answers unsigned in a signed session', signed, 'ioctl', 'unprotected'],
    ['answers a tree connect unsigned', signed, 'tree-connect', 'unprotected'],
    ['answers with a tag that does not fit', encrypted, 'ioctl', 'tampered'],
    ['answers with a signature that does not fit', signed, 'create', 'tampered'],
    ['signs the end of the sign-in wrongly', signed, 'session-setup', 'tampered'],
  ])('and %s is not believed', async (_what, options, command, fault) => {
    await using world = await World.open(options);
    world.logOn();
    world.host.smb.faults.commands.set(command, fault);
    expect(await problemOf(world)).toMatchObject({ code: 'untrusted' });
  });
});

describe('a sign-in', () => {
  it('with a wrong password is refused once, and not tried again', async () => {
    await using world = await World.open();
    const error = await problemOf(world, { password: new Secret('wrong') });
    expect(error).toMatchObject({ code: 'unauthenticated', message: expect.stringMatching(/password/) });
    expect([world.host.smb.connectionCount, world.host.smb.signIns]).toEqual([1, []]);
  });

  it('without a credential asks for one, and goes nowhere', async () => {
    await using world = await World.open();
    const error = await problemOf(world, { userName: undefined, password: undefined });
    expect(error).toMatchObject({ code: 'unauthenticated', next: expect.stringMatching(/--user-name/) });
    expect(world.host.smb.connectionCount).toBe(0);
  });

  it("does not find somebody else's connection open", async () => {
    await using world = await World.open();
    world.logOn();
    expect((await world.list()).sessions).toHaveLength(1);
    expect(await problemOf(world, { password: new Secret('wrong') })).toMatchObject({
      code: 'unauthenticated',
    });
  });

  it.each<[number, string, RegExp]>([
    [0xc0000071, 'unauthenticated', /expired/],
    [0xc0000072, 'unauthenticated', /disabled/],
    [0xc0000234, 'unauthenticated', /locked/],
    [0xc000015b, 'forbidden', /over the network/],
    [0xc00000bb, 'unsupported', /NTLM/],
    [0xc0000418, 'unsupported', /NTLM/],
  ])('that comes to 0x%x is told in words', async (status, code, words) => {
    await using world = await World.open();
    world.host.smb.faults.commands.set('session-setup', { status });
    const error = await problemOf(world);
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(words)]);
  });
});

describe('a host without', () => {
  it.each<[string, number, string]>([
    ['the pipe', 0xc0000034, 'unsupported'],
    ['anybody behind the pipe', 0xc0000236, 'unsupported'],
    ['room for one more pipe', 0xc00000ac, 'unreachable'],
    ['leave for this user to open it', 0xc0000022, 'forbidden'],
  ])('%s says which service is missing', async (_what, status, code) => {
    await using world = await World.open();
    world.host.smb.faults.commands.set('create', { status });
    expect(await problemOf(world)).toMatchObject({ code });
  });

  it('Remote Desktop is listed all the same, without clients', async () => {
    await using world = await World.open();
    world.logOn();
    world.host.services.faults.absent.add('RCMPublic');
    const { sessions, problems } = await world.list();
    expect(problems).toEqual([]);
    expect(sessions).toMatchObject([{ details: { userName: 'jdoe', state: 'Active' } }]);
    expect(sessions[0]?.details).not.toHaveProperty('clientName');
  });

  it.each([
    ['TermSrvEnumeration', 'unsupported'],
    ['TermSrvSession', 'unsupported'],
  ])('the interface %s', async (name, code) => {
    await using world = await World.open();
    world.logOn();
    world.host.services.faults.absent.add(name);
    expect(await problemOf(world)).toMatchObject({ code });
  });

  it('a sign-in for RPC that we know', async () => {
    await using world = await World.open();
    world.host.services.faults.bind = { reason: 8 };
    expect(await problemOf(world)).toMatchObject({ code: 'forbidden' });
  });
});

describe('an RPC answer', () => {
  const lie = (at: number, value: number): RpcMischief => ({
    stub: (stub) => {
      const copy = Buffer.from(stub);
      copy.writeUInt32LE(value >>> 0, at);
      return copy;
    },
  });

  it.each<[string, RpcMischief, string]>([
    ['is a fault', { fault: 0x000006f7 }, 'protocol'],
    ['is a fault for want of rights', { fault: 0x5 }, 'forbidden'],
    ['is a fault for want of the operation', { fault: 0x1c010002 }, 'unsupported'],
    ['says that it is longer than anything', 'oversized', 'protocol'],
    ['comes twice', 'replayed', 'untrusted'],
    ['has its fragments in another order', 'reordered', 'untrusted'],
    ['has another bit', 'tampered', 'untrusted'],
    ['is not sealed', 'clear', 'untrusted'],
    ['belongs to another call', 'strange-call', 'protocol'],
    ['never has a last fragment', 'endless', 'untrusted'],
    ['has four thousand million sessions', lie(8, 0xffffffff), 'protocol'],
    ['has one session more than it holds', lie(8, 16), 'protocol'],
    ['has one session less than it holds', lie(8, 14), 'protocol'],
    ['has sessions of a level that does not exist', lie(16, 7), 'protocol'],
    ['is empty', { answer: Buffer.alloc(0) }, 'protocol'],
    ['is half', { stub: (stub) => stub.subarray(0, stub.length >> 1) }, 'protocol'],
    [
      'is HRESULT 0x80070005',
      { answer: Buffer.from('02000000000000000000000005000780', 'hex') },
      'forbidden',
    ],
  ])('that %s is no list', async (_what, mischief, code) => {
    await using world = await World.open();
    for (let place = 0; place < 12; place++) world.logOn();
    world.host.services.faults.calls.set(LIST, mischief);
    const error = await problemOf(world);
    expect(error.code).toBe(code);
  });
});

describe('an RPC answer that is cut off', () => {
  it('is waited for no longer than the deadline', async () => {
    await using world = await World.open();
    world.host.services.faults.calls.set(LIST, 'truncated');
    expect(await problemOf(world, {}, 300)).toMatchObject({ code: 'timeout' });
  });
});

describe('a session', () => {
  it('that this user may not end stays, and says which right is missing', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    world.desktops.grant('opadmin', 'query');
    const outcome = await world.end(await world.session(desktop));
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'forbidden', message: expect.stringContaining('0x80070005') },
    });
    expect(desktop.state).toBe('Active');
  });

  it('that does not exist is not found', async () => {
    await using world = await World.open();
    world.logOn();
    const { problems, sessions } = await world.list({ sessionId: [77] });
    expect(sessions).toEqual([]);
    expect(problems).toMatchObject([{ error: { code: 'not-found' } }]);
  });

  it('that ends between the list and the disconnect was gone already', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const session = await world.session(desktop);
    const plan = await world.slipline.plan({ sessions: [session] }, world.credential);
    world.desktops.logOff(desktop.id);
    const { outcomes } = await world.slipline.apply(plan, world.credential);
    expect(outcomes).toMatchObject([{ status: 'already-gone' }]);
  });

  it.each([
    ['opening it', 'TermSrvSession.0'],
    ['disconnecting it', DISCONNECT],
  ])('that ends with %s was gone already', async (_when, call) => {
    await using world = await World.open();
    const desktop = world.logOn();
    const session = await world.session(desktop);
    world.host.services.before.set(call, () => world.desktops.logOff(desktop.id));
    expect(await world.end(session)).toMatchObject({ status: 'already-gone' });
  });

  it('whose id is taken over in the last moment is not touched', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const session = await world.session(desktop);
    let reads = 0;
    world.host.services.before.set(FACTS, () => {
      reads += 1;
      // The plan has read it again by then, and so has its application.
      if (reads !== 3) return;
      world.desktops.logOff(desktop.id);
      world.logOn({ id: desktop.id, userName: 'asmith', loggedOn: 10 });
    });
    expect(await world.end(session)).toMatchObject({ status: 'failed', error: { code: 'changed' } });
    expect(world.desktops.get(desktop.id)).toMatchObject({ userName: 'asmith', state: 'Active' });
    expect(world.bench.writes()).toBe(0);
  });

  it('of services, a listener or "whatever is current" cannot even be named', async () => {
    await using world = await World.open();
    for (const sessionId of [0, 65_536, 4_294_967_295, -1, 1.5])
      expect(await errorOf(world.list({ sessionId: [sessionId] }))).toMatchObject({
        code: 'invalid-request',
      });
    expect(world.host.smb.connectionCount).toBe(0);
  });

  it('with times that no calendar has is listed without them', async () => {
    await using world = await World.open();
    for (const time of [0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 84_540_000_000n]) {
      const desktop = world.logOn({ userName: `user${world.desktops.all().length}` });
      desktop.lastInputTime = time;
      desktop.connectTime = time;
      desktop.disconnectTime = time;
    }
    const { sessions, problems } = await world.list();
    expect(problems).toEqual([]);
    expect(sessions).toHaveLength(6);
    for (const { details } of sessions) expect(details).not.toHaveProperty('idleSeconds');
  });
});

describe('a host that hangs', () => {
  it.each<[SmbCommand]>([['negotiate'], ['session-setup'], ['tree-connect'], ['create'], ['ioctl']])(
    'at %s is left at the deadline',
    async (command) => {
      await using world = await World.open();
      world.logOn();
      world.host.smb.faults.commands.set(command, 'hang');
      expect(await problemOf(world, {}, 300)).toMatchObject({ code: 'timeout' });
      world.host.heal();
      expect((await world.list()).sessions).toHaveLength(1);
    },
  );

  it.each<[SmbCommand]>([['negotiate'], ['session-setup'], ['tree-connect'], ['create'], ['ioctl']])(
    'up at %s is unreachable',
    async (command) => {
      await using world = await World.open();
      world.host.smb.faults.commands.set(command, 'drop');
      expect((await problemOf(world)).code).toMatch(/^(unreachable|unsupported)$/);
    },
  );

  it.each([[LIST], [FACTS], ['RCMPublic.0']])('in %s is left at the deadline', async (call) => {
    await using world = await World.open();
    world.logOn();
    world.host.services.faults.calls.set(call, 'hang');
    expect(await problemOf(world, {}, 300)).toMatchObject({ code: 'timeout' });
    world.host.heal();
    expect((await world.list()).sessions).toHaveLength(1);
  });

  it('in one disconnect does not hold up the others of the same host', async () => {
    await using world = await World.open();
    const desktops = [world.logOn(), world.logOn({ userName: 'asmith' })];
    const sessions = await Promise.all(desktops.map((desktop) => world.session(desktop)));
    const plan = await world.slipline.plan({ sessions }, world.credential);
    world.host.services.before.set(DISCONNECT, () => {
      world.host.services.faults.calls.set(DISCONNECT, 'hang');
      world.host.services.before.set(DISCONNECT, () => world.host.services.faults.calls.delete(DISCONNECT));
    });
    const { outcomes } = await world.slipline.apply(plan, { ...world.credential, timeout: 2500 });
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['disconnected', 'failed']);
    expect(world.host.smb.connectionCount).toBe(1);
  });
});

describe('a parameter', () => {
  it.each([
    ['that is unknown', { colour: 'blue' }, 'unknown parameter "colour"'],
    ['that is a path instead of a host', { computerName: ['\\\\SERVER01\\IPC$'] }, 'right form'],
    ['that needs another one', { computerName: undefined, sessionId: [5] }, 'sessionId needs computerName'],
    ['beside one that it excludes', { connection: ['1'] }, 'exclude each other'],
    ['that is none of the states', { state: ['Asleep'] }, 'is one of: Active'],
    ['with a zero byte', { user: ['jdoe\0'] }, 'zero byte'],
    ['out of range', { port: 70_000 }, 'at most 65535'],
  ])('%s is refused before anything is sent', async (_what, values, message) => {
    await using world = await World.open();
    const error = await errorOf(world.list(values));
    expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining(message) });
    expect(world.host.smb.connectionCount).toBe(0);
  });
});
