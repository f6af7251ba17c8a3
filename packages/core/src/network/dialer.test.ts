import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { APPLIANCE, AUTHORITY, CLIENT, REPLACED, SERVER, STRANGER } from './certificates.test.support.ts';
import type { DialTarget } from '../host.ts';
import {
  at,
  closedPort,
  noSignal,
  setUpDialer,
  tcpServer,
  tlsServer,
  until,
} from './loopback.test.support.ts';
import type { CertificateFacts } from './trust.ts';

const pinOf = (certificate: string): string =>
  new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();

const secure = (host: string, port = 443): DialTarget => ({ host, port, tls: {} });

/** What the server says first, which it does once TLS stands. */
async function greeting(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return chunk.toString();
}

async function refusal(dialled: Promise<Socket>): Promise<DisconnectError> {
  const error: unknown = await dialled.then(
    (socket) => {
      socket.destroy();
      return undefined;
    },
    (thrown: unknown) => thrown,
  );
  if (!DisconnectError.is(error)) throw new Error(`not refused in our words: ${String(error)}`);
  return error;
}

describe('a certificate', () => {
  it('is believed when a given CA vouches for it, in one handshake', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer } = setUpDialer({
      authorities: [STRANGER, AUTHORITY],
      resolve: at('server.test', server),
    });
    expect(await greeting(await dialer.dial(secure('server.test'), noSignal))).toBe('hello');
    expect(server.connections).toHaveLength(1);
  });

  it('is checked for addresses, and for the name that a target gives', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer } = setUpDialer({ authorities: [AUTHORITY] });
    const address = { host: '127.0.0.1', port: server.port };
    expect(await greeting(await dialer.dial({ ...address, tls: {} }, noSignal))).toBe('hello');
    const named = { ...address, tls: { serverName: 'server.test' } };
    expect(await greeting(await dialer.dial(named, noSignal))).toBe('hello');
    const other = { ...address, tls: { serverName: 'other.test' } };
    expect(await refusal(dialer.dial(other, noSignal))).toMatchObject({ code: 'untrusted' });
  });

  it('is checked for an IPv6 address, with brackets or without', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer, trust } = setUpDialer({ authorities: [AUTHORITY], resolve: at('::1', server) });
    for (const host of ['::1', '[::1]'])
      expect(await greeting(await dialer.dial(secure(host), noSignal))).toBe('hello');
    const other = setUpDialer({ authorities: [AUTHORITY], resolve: at('::2', server) }).dialer;
    expect(await refusal(other.dial(secure('::2'), noSignal))).toMatchObject({ code: 'untrusted' });
    dialer.expect('[::1]', { pin: pinOf(SERVER.certificate) });
    (await dialer.dial(secure('::1'), noSignal)).destroy();
    await dialer.keepExpectation('::1');
    expect(await trust.list()).toMatchObject([{ host: '[::1]:443' }]);
  });

  it.each<[string, string, typeof SERVER, string]>([
    ['nobody vouches for it', 'appliance.test', APPLIANCE, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['it is for another name', 'other.test', SERVER, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('is refused when %s, before a byte is sent', async (_why, host, identity, problem) => {
    await using server = await tlsServer(identity);
    const { dialer } = setUpDialer({ authorities: [AUTHORITY], resolve: at(host, server) });
    const error = await refusal(dialer.dial(secure(host, 8443), noSignal));
    const fingerprint = pinOf(identity.certificate);
    expect(error).toMatchObject({ code: 'untrusted', system: `${host}:8443`, details: { fingerprint } });
    expect(error.message).toBe(
      `the certificate cannot be verified (${problem}); it is sha256:${fingerprint}`,
    );
    expect(error.next).toMatch(/--ca-file.*--pin/);
    await closed(server.connections);
    expect(server.received()).toBe('');
  });

  it('is refused when only another CA is given, once no other root helps either', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer } = setUpDialer({ authorities: [STRANGER], resolve: at('server.test', server) });
    const refused = async (): Promise<number> => {
      const before = server.connections.length;
      const error = await refusal(dialer.dial(secure('server.test'), noSignal));
      expect(error).toMatchObject({ code: 'untrusted' });
      return server.connections.length - before;
    };
    expect(await refused()).toBeGreaterThanOrEqual(2);
    // From then on with all roots at once.
    expect(await refused()).toBe(1);
  });

  it('of a CA must be PEM', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer } = setUpDialer({ authorities: ['not PEM'], resolve: at('server.test', server) });
    expect(await refusal(dialer.dial(secure('server.test'), noSignal))).toMatchObject({
      code: 'invalid-request',
      message: 'a CA certificate cannot be read: it must be PEM',
    });
  });
});

describe('a check that is left out', () => {
  const skipping = (skip: object, port: number): DialTarget => ({ host: 'other.test', port, tls: { skip } });

  it.each([
    ['both', { authority: true, name: true }],
    ['the name of a certificate that a CA vouches for', { name: true }],
  ])('lets %s pass', async (_what, skip) => {
    await using server = await tlsServer(SERVER);
    const { dialer } = setUpDialer({
      ...('authority' in skip ? {} : { authorities: [AUTHORITY] }),
      resolve: at('other.test', server),
    });
    expect(await greeting(await dialer.dial(skipping(skip, 443), noSignal))).toBe('hello');
  });

  it.each([
    ['the name', { authority: true }],
    ['the authority', { name: true }],
  ])('leaves the other one, %s', async (_what, skip) => {
    await using server = await tlsServer(SERVER);
    const { dialer } = setUpDialer({ resolve: at('other.test', server) });
    expect((await refusal(dialer.dial(skipping(skip, 443), noSignal))).code).toBe('untrusted');
  });
});

describe('a pin', () => {
  it('is enough, whatever else is wrong with the certificate', async () => {
    await using server = await tlsServer(APPLIANCE);
    const { dialer, trust } = setUpDialer({ resolve: at('other.test', server) });
    await trust.save({ host: 'other.test:443', pin: pinOf(APPLIANCE.certificate) });
    expect(await greeting(await dialer.dial(secure('OTHER.test'), noSignal))).toBe('hello');
  });

  it('that does not match refuses even a certificate that a CA vouches for, before a byte is sent', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer, trust } = setUpDialer({ authorities: [AUTHORITY], resolve: at('server.test', server) });
    const pin = pinOf(APPLIANCE.certificate);
    await trust.save({ host: 'server.test:443', pin });
    const error = await refusal(dialer.dial(secure('server.test'), noSignal));
    const fingerprint = pinOf(SERVER.certificate);
    expect(error).toMatchObject({ code: 'untrusted', system: 'server.test:443', details: { fingerprint } });
    expect(error.message).toContain(`it is sha256:${fingerprint}, pinned is sha256:${pin}`);
    expect(error.next).toContain('slipline trust remove server.test:443');
    await closed(server.connections);
    expect(server.received()).toBe('');
  });

  it('belongs to one port', async () => {
    await using server = await tlsServer(APPLIANCE);
    const { dialer, trust } = setUpDialer({ resolve: at('appliance.test', server) });
    await trust.save({ host: 'appliance.test:443', pin: pinOf(APPLIANCE.certificate) });
    expect(await greeting(await dialer.dial(secure('appliance.test'), noSignal))).toBe('hello');
    expect(await refusal(dialer.dial(secure('appliance.test', 8443), noSignal))).toMatchObject({
      code: 'untrusted',
    });
  });

  it('that was given for a run comes before the saved one, and is kept only where it held', async () => {
    await using server = await tlsServer(APPLIANCE);
    const { dialer, trust } = setUpDialer({ resolve: at('appliance.test', server) });
    const pin = pinOf(APPLIANCE.certificate);
    await trust.save({ host: 'appliance.test:443', pin: pinOf(REPLACED.certificate) });
    dialer.expect('Appliance.test', { pin });
    expect(await greeting(await dialer.dial(secure('appliance.test'), noSignal))).toBe('hello');
    await dialer.keepExpectation('other.test');
    expect(await trust.find('appliance.test:443')).toMatchObject({ pin: pinOf(REPLACED.certificate) });
    await dialer.keepExpectation('appliance.TEST');
    expect(await trust.list()).toMatchObject([{ host: 'appliance.test:443', pin }]);
  });

  it('that was given for a run and does not match keeps nothing', async () => {
    await using server = await tlsServer(APPLIANCE);
    const { dialer, trust } = setUpDialer({ resolve: at('appliance.test', server) });
    dialer.expect('appliance.test', { pin: pinOf(REPLACED.certificate) });
    expect(await refusal(dialer.dial(secure('appliance.test'), noSignal))).toMatchObject({
      code: 'untrusted',
    });
    await dialer.keepExpectation('appliance.test');
    expect(await trust.list()).toEqual([]);
  });
});

describe('a saved authority', () => {
  it('vouches for its host', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer, trust } = setUpDialer({ resolve: at('server.test', server) });
    await trust.save({ host: 'server.test:443', authority: AUTHORITY });
    expect(await greeting(await dialer.dial(secure('server.test'), noSignal))).toBe('hello');
    expect(await refusal(dialer.dial(secure('server.test', 8443), noSignal))).toMatchObject({
      code: 'untrusted',
    });
  });

  it('is where the chain must end: another that is trusted in general will not do, and nobody is asked', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer, trust } = setUpDialer(
      { authorities: [AUTHORITY], resolve: at('server.test', server) },
      async () => true,
    );
    await trust.save({ host: 'server.test:443', authority: STRANGER });
    expect(await refusal(dialer.dial(secure('server.test'), noSignal))).toMatchObject({ code: 'untrusted' });
  });

  it('is kept where it held', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer, trust } = setUpDialer({ resolve: at('server.test', server) });
    dialer.expect('server.test', { authority: AUTHORITY });
    (await dialer.dial(secure('server.test'), noSignal)).destroy();
    await dialer.keepExpectation('server.test');
    expect(await trust.list()).toMatchObject([{ host: 'server.test:443', authority: AUTHORITY }]);
  });
});

describe('a person who is asked', () => {
  it('sees what there is to see, and a yes is kept as a pin', async () => {
    await using server = await tlsServer(APPLIANCE);
    const asked: CertificateFacts[] = [];
    const { dialer, trust } = setUpDialer({ resolve: at('appliance.test', server) }, async (facts) => {
      asked.push(facts);
      return true;
    });
    expect(await greeting(await dialer.dial(secure('appliance.test'), noSignal))).toBe('hello');
    expect(await greeting(await dialer.dial(secure('appliance.test'), noSignal))).toBe('hello');
    const pin = pinOf(APPLIANCE.certificate);
    expect(asked).toEqual([
      {
        host: 'appliance.test:443',
        fingerprint: pin,
        subject: 'CN=appliance.test',
        issuer: 'CN=appliance.test',
        validTo: '2120-01-01T00:00:00.000Z',
        problem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      },
    ]);
    expect(await trust.list()).toMatchObject([{ host: 'appliance.test:443', pin }]);
  });

  it('may decline: then nothing is sent, and nothing kept', async () => {
    await using server = await tlsServer(APPLIANCE);
    const { dialer, trust } = setUpDialer({ resolve: at('appliance.test', server) }, async () => false);
    expect(await refusal(dialer.dial(secure('appliance.test'), noSignal))).toMatchObject({
      code: 'untrusted',
    });
    await closed(server.connections);
    expect(server.received()).toBe('');
    expect(await trust.list()).toEqual([]);
  });

  it('is asked once for what several connections need', async () => {
    await using server = await tlsServer(APPLIANCE);
    let questions = 0;
    let answer: ((isTrusted: boolean) => void) | undefined;
    const { dialer } = setUpDialer({ resolve: at('appliance.test', server) }, () => {
      questions += 1;
      return new Promise((resolve) => (answer = resolve));
    });
    const sockets = [1, 2, 3].map(() => dialer.dial(secure('appliance.test'), noSignal));
    await until(() => server.connections.length >= 3 && answer !== undefined);
    answer?.(true);
    for (const socket of await Promise.all(sockets)) expect(await greeting(socket)).toBe('hello');
    expect(questions).toBe(1);
  });

  it('does not answer for another certificate than the one that was shown', async () => {
    await using genuine = await tlsServer(APPLIANCE);
    await using intruder = await tlsServer(REPLACED);
    const resolve = [{ host: 'appliance.test', address: '127.0.0.1', toPort: genuine.port }];
    const asked: string[] = [];
    const { dialer } = setUpDialer({ resolve }, async ({ fingerprint }) => {
      asked.push(fingerprint);
      // Both connections are there before either is answered for.
      await until(() => asked.length === 2);
      return fingerprint === pinOf(APPLIANCE.certificate);
    });
    const first = dialer.dial(secure('appliance.test'), noSignal);
    await until(() => asked.length === 1);
    resolve[0]!.toPort = intruder.port;
    const second = refusal(dialer.dial(secure('appliance.test'), noSignal));
    expect(await greeting(await first)).toBe('hello');
    expect(await second).toMatchObject({ code: 'untrusted' });
    expect(intruder.received()).toBe('');
  });

  it('may take longer than the server waits', async () => {
    await using server = await tlsServer(APPLIANCE);
    let before = 0;
    const { dialer } = setUpDialer({ resolve: at('appliance.test', server) }, async () => {
      // Long enough for the server to have finished its handshake, and for the client to notice the reset.
      await new Promise((resolve) => setTimeout(resolve, 50));
      before = server.connections.length;
      for (const connection of server.connections) connection.resetAndDestroy();
      await new Promise((resolve) => setTimeout(resolve, 50));
      return true;
    });
    expect(await greeting(await dialer.dial(secure('appliance.test'), noSignal))).toBe('hello');
    expect(server.connections.length - before).toBe(1);
  });

  it('is told when nobody waits for the answer any more', async () => {
    await using server = await tlsServer(APPLIANCE);
    const abort = new AbortController();
    const { dialer } = setUpDialer(
      { resolve: at('appliance.test', server) },
      (_facts, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          abort.abort(new Error('Ctrl-C'));
        }),
    );
    await expect(dialer.dial(secure('appliance.test'), abort.signal)).rejects.toThrow('Ctrl-C');
    await closed(server.connections);
  });
});

describe('a client certificate', () => {
  const client = { certificate: CLIENT.certificate, privateKey: new Secret(CLIENT.privateKey) };

  it('is shown, and the server is verified all the same', async () => {
    await using server = await tlsServer(SERVER, {
      requestCert: true,
      rejectUnauthorized: true,
      ca: AUTHORITY,
    });
    const known = setUpDialer({ authorities: [AUTHORITY], resolve: at('server.test', server) });
    const target = { host: 'server.test', port: 443, tls: { clientCertificate: client } };
    expect(await greeting(await known.dialer.dial(target, noSignal))).toBe('hello');
    const unknown = setUpDialer({ resolve: at('server.test', server) });
    expect(await refusal(unknown.dialer.dial(target, noSignal))).toMatchObject({ code: 'untrusted' });
  });

  it('works with a pin', async () => {
    await using server = await tlsServer(SERVER, {
      requestCert: true,
      rejectUnauthorized: true,
      ca: AUTHORITY,
    });
    const { dialer, trust } = setUpDialer({ resolve: at('server.test', server) });
    await trust.save({ host: 'server.test:443', pin: pinOf(SERVER.certificate) });
    const target = { host: 'server.test', port: 443, tls: { clientCertificate: client } };
    expect(await greeting(await dialer.dial(target, noSignal))).toBe('hello');
  });

  it('that cannot be read is refused without repeating it', async () => {
    await using server = await tlsServer(SERVER);
    const { dialer } = setUpDialer({ authorities: [AUTHORITY], resolve: at('server.test', server) });
    const clientCertificate = { ...client, privateKey: new Secret('canary-7f3a') };
    const error = await refusal(
      dialer.dial({ host: 'server.test', port: 443, tls: { clientCertificate } }, noSignal),
    );
    expect(error.code).toBe('invalid-request');
    expect(JSON.stringify(error) + String(error.stack) + String(error.cause)).not.toContain('canary');
  });
});

describe('a target', () => {
  it('is dialled where a rule says, for one port or for all', async () => {
    await using one = await tcpServer((socket) => socket.end('one'));
    await using other = await tcpServer((socket) => socket.end('other'));
    const { dialer } = setUpDialer({
      resolve: [
        { host: 'SERVER01', port: 5985, address: '127.0.0.1', toPort: one.port },
        { host: 'server01', address: '127.0.0.1', toPort: other.port },
      ],
    });
    const dial = async (port: number) => greeting(await dialer.dial({ host: 'server01', port }, noSignal));
    expect(await dial(5985)).toBe('one');
    expect(await dial(445)).toBe('other');
  });

  it('that is not allowed is refused before anything is sent', async () => {
    await using server = await tcpServer();
    const { dialer } = setUpDialer({
      allow: ({ host, port }) => host === '127.0.0.1' && port !== server.port,
    });
    const error = await refusal(dialer.dial({ host: '127.0.0.1', port: server.port }, noSignal));
    expect(error).toMatchObject({ code: 'forbidden', system: `127.0.0.1:${server.port}` });
    expect(server.connections).toHaveLength(0);
  });

  it.each([{ authority: true }, { name: true }])(
    'is not dialled without a check (%j) where all have to be made',
    async (skip) => {
      await using server = await tcpServer();
      const { dialer } = setUpDialer({ verifiesAlways: true });
      const target = { host: '127.0.0.1', port: server.port, tls: { skip } };
      expect(await refusal(dialer.dial(target, noSignal))).toMatchObject({
        code: 'forbidden',
        message: 'no check of a certificate may be left out here',
      });
      expect(server.connections).toHaveLength(0);
    },
  );

  it('stands for several addresses, of which only permitted ones are dialled', async () => {
    await using server = await tcpServer((socket) => socket.end('here'));
    const asked: string[] = [];
    const { dialer } = setUpDialer({
      allowAddress: ({ host, port, address }) => {
        asked.push(`${host} ${port} ${address}`);
        return address === '127.0.0.1';
      },
    });
    expect(await greeting(await dialer.dial({ host: 'localhost', port: server.port }, noSignal))).toBe(
      'here',
    );
    expect(asked).toContain(`localhost ${server.port} 127.0.0.1`);
  });

  it.each(['localhost', '127.0.0.1', '[::1]'])('%s is refused where none is permitted', async (host) => {
    await using server = await tcpServer();
    const { dialer } = setUpDialer({ allowAddress: () => false });
    for (const tls of [undefined, {}]) {
      const error = await refusal(dialer.dial({ host, port: server.port, tls }, noSignal));
      expect(error).toMatchObject({ code: 'forbidden' });
    }
    expect(server.connections).toHaveLength(0);
  });

  it('that a rule maps is dialled where the rule says', async () => {
    await using server = await tcpServer((socket) => socket.end('here'));
    const { dialer } = setUpDialer({
      allowAddress: () => false,
      resolve: [{ host: 'server01', address: '127.0.0.1', toPort: server.port }],
    });
    expect(await greeting(await dialer.dial({ host: 'server01', port: 445 }, noSignal))).toBe('here');
  });

  it('where nothing listens is unreachable', async () => {
    const { dialer } = setUpDialer();
    for (const tls of [undefined, {}]) {
      const error = await refusal(
        dialer.dial({ host: '127.0.0.1', port: await closedPort(), tls }, noSignal),
      );
      expect(error).toMatchObject({
        code: 'unreachable',
        message: 'nothing listens there: the connection was refused',
        mayHaveTakenEffect: false,
        cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
      });
    }
  });

  it('that says nothing is given up', async () => {
    await using server = await tcpServer();
    const { dialer } = setUpDialer({ connectTimeout: 100 });
    const error = await refusal(dialer.dial(secure('127.0.0.1', server.port), noSignal));
    expect(error).toMatchObject({ code: 'unreachable', message: 'no connection within 0.1 s' });
    await until(() => server.connections.every(isClosed));
  });

  it.each<[string, (socket: Socket) => void, string]>([
    [
      'speaks no TLS',
      (socket) => socket.end('SSH-2.0-OpenSSH\r\n'),
      'there is no TLS that this client can speak',
    ],
    ['hangs up', (socket) => socket.destroy(), 'the connection was'],
    [
      'resets',
      (socket) => void socket.once('data', () => socket.resetAndDestroy()),
      'the connection was reset',
    ],
  ])('that %s is unreachable', async (_what, serve, message) => {
    await using server = await tcpServer(serve);
    const { dialer } = setUpDialer();
    const error = await refusal(dialer.dial(secure('127.0.0.1', server.port), noSignal));
    expect(error.code).toBe('unreachable');
    expect(error.message).toContain(message);
  });

  it('that speaks only what is too old is unreachable', async () => {
    await using server = await tlsServer(SERVER, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const { dialer } = setUpDialer({ authorities: [AUTHORITY] });
    expect(await refusal(dialer.dial(secure('127.0.0.1', server.port), noSignal))).toMatchObject({
      code: 'unreachable',
      message: 'there is no TLS that this client can speak',
    });
  });
});

describe('an abort', () => {
  it('before the call dials nobody', async () => {
    await using server = await tcpServer();
    const { dialer } = setUpDialer();
    const reason = new Error('Ctrl-C');
    const dialled = dialer.dial({ host: '127.0.0.1', port: server.port }, AbortSignal.abort(reason));
    await expect(dialled).rejects.toBe(reason);
    expect(server.connections).toHaveLength(0);
  });

  it('during the handshake ends the connection', async () => {
    await using server = await tcpServer();
    const { dialer } = setUpDialer();
    const abort = new AbortController();
    const dialled = dialer.dial(secure('127.0.0.1', server.port), abort.signal);
    const reason = new Error('Ctrl-C');
    await until(() => server.received() !== '');
    abort.abort(reason);
    await expect(dialled).rejects.toBe(reason);
    await closed(server.connections);
  });
});

/** Resolves when every connection has been closed by the other side. */
async function closed(connections: readonly Socket[]): Promise<void> {
  await until(() => connections.length > 0 && connections.every(isClosed));
}

function isClosed(socket: Socket): boolean {
  return socket.destroyed || socket.readableEnded;
}
