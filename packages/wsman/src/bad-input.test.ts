import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { DisconnectError, MemoryLedger, Secret, Slipline } from '@slipline/core';
import { wsman } from './index.ts';
import { faults, type Fault, type FakeWinrmOptions, type RequestKind } from './testing/index.ts';
import { authority, errorOf, said, SERVER, USER, World } from './testing/world.test.support.ts';

// Ends of waits are asserted, not their lengths: a busy machine may take its time.
jest.setTimeout(60_000);

type Values = Readonly<Record<string, unknown>>;

/** One clear message: a code, what is wrong, what to do; no control characters, no secret. */
function expectClear(error: DisconnectError, code: string, what: RegExp | string): void {
  expect(error).toMatchObject({
    code,
    message: expect.stringMatching(what),
    next: expect.stringMatching(/\w{3}/),
  });
  expect(DisconnectError.is(error)).toBe(true);
  expect(JSON.stringify(error)).not.toContain('fake-password');
  expect(error.message).not.toMatch(/\n/);
}

describe('a host', () => {
  it('where nothing listens leaves nothing behind', async () => {
    await using world = await World.open();
    await world.winrm.stop();
    expectClear(await errorOf(world.connect()), 'unreachable', /refused/);
    expect(await world.states()).toEqual([]);
  });

  it.each([
    ['that speaks no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n', {}, 'protocol'],
    ['that speaks no TLS', 'SSH-2.0-OpenSSH_9.9\r\n', { useSsl: true }, 'unreachable'],
    ['that hangs up', undefined, {}, 'unreachable'],
  ])('%s gets no password', async (_what, greeting, values, code) => {
    const received: Buffer[] = [];
    const server = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (chunk) => {
          received.push(chunk);
          if (greeting === undefined) socket.destroy();
        });
      if (greeting !== undefined) socket.write(greeting);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using slipline = new Slipline({ providers: [wsman()], ledger: new MemoryLedger() });
    const error = await errorOf(
      slipline.connect('wsman', { computerName: '127.0.0.1', port, ...USER, ...values }),
    );
    server.close();
    expectClear(error, code, /\w/);
    expect(Buffer.concat(received).toString('latin1')).not.toContain('fake-password');
  });

  it('that says nothing is given up at the deadline', async () => {
    await using world = await World.open();
    world.winrm.inject(faults.hang());
    const values = { computerName: SERVER, ...USER };
    const error = await errorOf(world.slipline.connect('wsman', values, { timeout: 300 }));
    expectClear(error, 'timeout', /no answer/);
    expect(await world.states()).toEqual([]);
  });
});

describe('a sign-in', () => {
  const negotiate = { 'www-authenticate': ['Negotiate'] };
  const user = (
    refusal?: 'accountLockedOut' | 'passwordExpired' | 'passwordMustChange' | 'accountDisabled',
  ) => ({
    users: [{ userName: 'Administrator', domain: 'CORP', password: 'fake-password', refusal }],
  });

  it.each<[string, FakeWinrmOptions, Values, string, RegExp]>([
    [
      'that is offered by no mechanism we speak',
      { advertised: ['PlainText', 'Hawk'], authentication: { negotiate: false } },
      {},
      'unauthenticated',
      /offers: plaintext, hawk/,
    ],
    [
      'that is offered in another way only',
      { authentication: { negotiate: false, basic: true } },
      {},
      'unauthenticated',
      /offers: basic/,
    ],
    [
      'that is not offered at all',
      { advertised: [], authentication: { negotiate: false } },
      {},
      'unauthenticated',
      /does not say how/,
    ],
    ['with a wrong password', {}, { password: new Secret('wrong') }, 'unauthenticated', /password is wrong/],
    ['with an expired password', user('passwordExpired'), {}, 'unauthenticated', /expired/],
    ['with a locked account', user('accountLockedOut'), {}, 'unauthenticated', /locked/],
    ['with a weak server', { ntlm: { dropFlags: ['KEY_128'] } }, {}, 'untrusted', /weak/],
    ['whose mechanism list is not signed', { spnego: { mechListMic: 'omit' } }, {}, 'untrusted', /sign/],
    ['whose mechanism list was changed', { spnego: { mechListMic: 'tamper' } }, {}, 'untrusted', /./],
    ['whose server does not know the password', { ntlm: { wrongKey: true } }, {}, 'unauthenticated', /./],
    ['with a token that is none', { ntlm: { challenge: Buffer.from('NTLMSSP\0') } }, {}, 'protocol', /./],
  ])('%s says why, and leaves nothing behind', async (_what, winrm, values, code, message) => {
    await using world = await World.open({ winrm });
    expectClear(await errorOf(world.connect(values)), code, message);
    expect([world.requests.includes('Identify'), await world.states()]).toEqual([false, []]);
  });

  it('with clocks apart says by how much', async () => {
    await using world = await World.open();
    const headers = { ...negotiate, date: new Date(Date.now() + 3_600_000).toUTCString() };
    world.winrm.inject(faults.answer({ status: 401, headers }), { operation: 'Authenticate' });
    expectClear(await errorOf(world.connect()), 'unauthenticated', /clock is 60 minutes apart/);
  });

  it('bound to the TLS channel of another server is refused there', async () => {
    await using world = await World.open();
    const other = await (await authority()).issue({ commonName: 'other', names: ['other.example'] });
    world.winrm.expectBindingOf(other.certificate);
    expectClear(await errorOf(world.connect({ useSsl: true })), 'unauthenticated', /refuses/);
  });

  it('that ends before the server has shown who it is is not believed', async () => {
    await using world = await World.open();
    world.winrm.inject(faults.answer({ status: 200 }), { operation: 'Authenticate' });
    expectClear(await errorOf(world.connect()), 'untrusted', /before it had shown who it is/);
    expect(world.requests).not.toContain('Identify');
  });

  it('that goes on for ever is ended', async () => {
    await using world = await World.open();
    const headers = { 'www-authenticate': ['Negotiate oQcwBaADCgEB'] };
    world.winrm.inject(faults.answer({ status: 401, headers }), { operation: 'Authenticate' });
    const error = await errorOf(world.connect());
    expect(['untrusted', 'protocol']).toContain(error.code);
    expect(world.winrm.requestCount).toBeLessThan(20);
  });
});

describe('an answer', () => {
  const HTML = faults.html();
  it.each<[string, Fault, string, RegExp]>([
    ['in the clear to an encrypted request', faults.unsealed(), 'untrusted', /not encrypted/],
    ['whose signature was changed', faults.tamperedSignature(), 'untrusted', /./],
    ['whose data was changed', faults.tamperedData(), 'untrusted', /./],
    ['of another length than it says', faults.wrongLength(), 'protocol', /cut off or wrongly framed|length/],
    ['that was given before', faults.replay(), 'untrusted', /./],
    ['to another request', faults.wrongRelatesTo(), 'protocol', /belongs to another request/],
    [
      'that redirects',
      faults.redirect('http://evil.example/wsman'),
      'protocol',
      /redirects to http:\/\/evil\.example\/wsman/,
    ],
    ['that is a web page', HTML, 'protocol', /web page/],
    ['that is an error without words', faults.emptyError(), 'protocol', /without saying why/],
    ['that laughs a billion times', faults.billionLaughs(), 'protocol', /document type/],
    ['that is nested for ever', faults.deepXml(), 'protocol', /deeply/],
    ['that is no XML', faults.notXml(), 'protocol', /well-formed/],
    ['that is an empty envelope', faults.emptyEnvelope(), 'protocol', /./],
    ['of 64 MB', faults.huge(), 'protocol', /larger/],
    ['that is cut off in its multipart frame', faults.truncated(), 'protocol', /cut off/],
    ['that is cut off in the middle', faults.cut(), 'unreachable', /before the answer was complete/],
    ['that is no answer', faults.reset(), 'unreachable', /./],
    ['that the service is busy', faults.busy(), 'unreachable', /busy/],
    ['that refuses', faults.forbidden(), 'forbidden', /refuses/],
    ['that time ran out', faults.soapFault('OPERATION_TIMEDOUT'), 'timeout', /in time/],
  ])('%s is one clear error, and no list', async (_what, fault, code, message) => {
    await using world = await World.open();
    await world.connect();
    // What was answered before, for a replay.
    await world.list({ computerName: [SERVER], shells: true });
    world.winrm.inject(fault, { operation: 'Enumerate' });
    const { sessions, problems } = await world.list({ computerName: [SERVER], shells: true });
    expect([sessions, problems.length]).toEqual([[], 1]);
    expectClear(problems[0]!.error, code, message);
    world.winrm.removeFaults();
    const healed = await world.list({ computerName: [SERVER], shells: true });
    expect(healed.problems).toEqual([]);
  });

  it('that is a fault with HTTP 200 is a fault all the same', async () => {
    await using world = await World.open({ winrm: { faultStatus: 200 } });
    await world.connect();
    world.winrm.inject(faults.soapFault('ACCESS_DENIED'), { operation: 'Enumerate' });
    const { problems } = await world.list({ computerName: [SERVER], shells: true });
    expectClear(problems[0]!.error, 'forbidden', /denied/);
  });

  it('of 64 MB is not kept in memory', async () => {
    await using world = await World.open();
    await world.connect();
    world.winrm.inject(faults.huge(), { operation: 'Enumerate' });
    const before = process.memoryUsage().arrayBuffers;
    await world.list({ computerName: [SERVER], shells: true });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });

  const lost: readonly [string, Fault, RequestKind][] = [
    ['in the clear', faults.unsealed(), 'Delete'],
    ['tampered with', faults.tamperedData(), 'Delete'],
    ['that is a web page', HTML, 'Delete'],
    ['that is an empty error', faults.emptyError(), 'Delete'],
    ['to another request', faults.wrongRelatesTo(), 'Delete'],
  ];
  it.each(lost)('to a disconnect, %s, is never success', async (_what, fault, operation) => {
    await using world = await World.open();
    await world.connect();
    const session = await world.listed(world.shell().id);
    world.winrm.inject(fault, { operation });
    expect(said(await world.end(session))).toMatch(/^failed/);
  });

  it('that lies about a disconnect is found out', async () => {
    await using world = await World.open();
    await world.connect();
    const session = await world.listed(world.shell().id);
    world.winrm.inject(faults.lie(), { operation: 'Delete' });
    expect(said(await world.end(session, { verifyTimeout: 500 }))).toBe('failed: still-live');
  });
});

describe('a shell', () => {
  it('that vanishes between list and delete is gone already', async () => {
    await using world = await World.open();
    await world.connect();
    const session = await world.listed(world.powerShell().id);
    world.winrm.inject(faults.vanish(), { operation: 'Delete' });
    expect(said(await world.end(session))).toBe('already-gone');
    expect(
      said(
        await world.slipline
          .apply({
            version: 1,
            createdAt: '',
            steps: [{ session, effect: 'end', isNamed: true }],
            problems: [],
            isEverything: false,
          })
          .then(({ outcomes }) => outcomes[0]),
      ),
    ).toBe('already-gone');
  });

  it.each<[string, Fault, string, number]>([
    ['before its delete is done', faults.hang(), 'failed: aborted', 1],
    ['after its delete was done', faults.hang('after'), 'failed: aborted', 0],
  ])('whose end is interrupted %s is told as it is', async (_when, fault, outcome, open) => {
    await using world = await World.open();
    await world.connect();
    const session = await world.listed(world.shell().id);
    const hang = world.winrm.inject(fault, { operation: 'Delete' });
    const abort = new AbortController();
    const arrived = world.winrm.nextRequest('Delete');
    const ended = world.end(session, { signal: abort.signal });
    await arrived;
    abort.abort();
    expect([said(await ended), world.winrm.openShellCount]).toEqual([outcome, open]);
    hang.remove();
    const again = await world.slipline.plan({ sessions: [session] });
    expect(again.steps).toHaveLength(open);
  });
});

describe('a parameter', () => {
  it.each<[string, Values, string]>([
    ['that is unknown', { colour: 'blue' }, 'unknown parameter "colour"'],
    ['with a URL for a name', { computerName: 'http://server01' }, 'right form'],
    ['with a port in the name', { computerName: 'server01:5985' }, 'right form'],
    ['with a line break', { computerName: 'server01\r\nX: y' }, 'right form'],
    ['with a port that is none', { port: 65_536 }, 'at most 65535'],
    ['with a way to sign in that is none', { authentication: 'ntlm' }, 'is one of'],
    ['beside one that it excludes', { connectionUri: 'http://server01' }, 'exclude each other'],
    ['with a URI that is none', { computerName: undefined, connectionUri: 'server01' }, 'no connection URI'],
    [
      'with a URI that carries a password',
      { computerName: undefined, connectionUri: 'http://u:p@server01' },
      'no connection URI',
    ],
    ['with a path that leaves its place', { applicationName: 'wsman?x y' }, 'right form'],
  ])('%s is refused before anything is sent', async (_what, values, message) => {
    await using world = await World.open();
    const error = await errorOf(world.connect(values));
    expect(error).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(message),
      next: expect.any(String),
    });
    expect([world.winrm.requestCount, await world.states()]).toEqual([0, []]);
  });

  it.each<[string, Values, string]>([
    ['with an id that is none', { computerName: [SERVER], shellId: ['<x/>'] }, 'right form'],
    ['for listing only', { drive: true }, 'listing only'],
    ['that excludes another', { computerName: [SERVER], shells: true, strict: true }, 'exclude each other'],
    ['with a state that is none', { computerName: [SERVER], shells: true, state: 'dead' }, 'is one of'],
  ])('of a disconnect %s is refused', async (_what, selector, message) => {
    await using world = await World.open();
    expect((await errorOf(world.disconnect(selector))).message).toContain(message);
  });

  it('is needed: a bare disconnect says so', async () => {
    await using world = await World.open();
    await world.connect();
    const error = await errorOf(world.slipline.plan({ provider: 'wsman' }));
    expectClear(error, 'invalid-request', /which sessions/);
  });
});
