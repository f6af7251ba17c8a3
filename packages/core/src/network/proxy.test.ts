import { createServer, request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { AUTHORITY, SERVER } from './certificates.test.support.ts';
import {
  at,
  closedPort,
  listening,
  noSignal,
  setUpDialer,
  tcpServer,
  tlsServer,
  until,
} from './loopback.test.support.ts';
import { proxyFor } from './proxy.ts';

/** A proxy that tunnels to `port`, whatever it is asked for, and keeps what it was asked. */
async function connectProxy(port: number, refusal?: string) {
  const asked: IncomingMessage[] = [];
  const server = createServer((_request, response) => void response.writeHead(405).end());
  server.on('connect', (asking: IncomingMessage, client: Socket) => {
    asked.push(asking);
    client.on('error', () => undefined);
    if (refusal !== undefined) return void client.end(refusal);
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  const loopback = await listening(server, () => '');
  return { ...loopback, asked, url: `http://127.0.0.1:${loopback.port}` };
}

describe('a tunnel', () => {
  const target = { host: 'server.test', port: 8443, tls: {} };

  it('carries TLS to the name, which is verified as without a proxy', async () => {
    await using server = await tlsServer(SERVER);
    await using proxy = await connectProxy(server.port);
    const { dialer } = setUpDialer({ authorities: [AUTHORITY], proxy: { https: proxy.url } });
    const socket = await dialer.dial(target, noSignal);
    socket.write('a word');
    await until(() => server.received() === 'a word');
    socket.destroy();
    expect(proxy.asked.map(({ url, headers }) => [url, headers.host])).toEqual([
      ['server.test:8443', 'server.test:8443'],
    ]);
    const unknown = setUpDialer({ proxy: { https: proxy.url } }).dialer;
    await expect(unknown.dial(target, noSignal)).rejects.toMatchObject({ code: 'untrusted' });
    expect(server.received()).toBe('a word');
  });

  it('writes IPv6 addresses in brackets', async () => {
    await using server = await tlsServer(SERVER);
    await using proxy = await connectProxy(server.port);
    const { dialer } = setUpDialer({ authorities: [AUTHORITY], proxy: { https: proxy.url } });
    for (const host of ['::1', '[::1]']) (await dialer.dial({ ...target, host }, noSignal)).destroy();
    expect(proxy.asked.map(({ url }) => url)).toEqual(['[::1]:8443', '[::1]:8443']);
  });

  it('shows the proxy the credential in its URL, and nobody else', async () => {
    await using server = await tlsServer(SERVER);
    await using proxy = await connectProxy(server.port);
    const https = proxy.url.replace('//', '//jd%40oe:canary%3A7f3a@');
    const { dialer } = setUpDialer({ authorities: [AUTHORITY], proxy: { https } });
    (await dialer.dial(target, noSignal)).destroy();
    const [asked] = proxy.asked;
    expect(asked?.headers['proxy-authorization']).toBe(
      `Basic ${Buffer.from('jd@oe:canary:7f3a').toString('base64')}`,
    );
  });

  it.each([
    ['407 Proxy Authentication Required', 'answered 407 to CONNECT'],
    ['403 Forbidden', 'answered 403 to CONNECT'],
    ['502 Bad Gateway', 'answered 502 to CONNECT'],
  ])(
    'is unreachable where the proxy answers %s, without a word of its credential',
    async (status, message) => {
      await using proxy = await connectProxy(0, `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
      const https = proxy.url.replace('//', '//jdoe:canary-7f3a@');
      const { dialer } = setUpDialer({ proxy: { https } });
      const error: unknown = await dialer.dial(target, noSignal).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining(message),
        system: 'server.test:8443',
        next: 'check HTTPS_PROXY and NO_PROXY',
      });
      expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('canary');
    },
  );

  it('is unreachable where the proxy speaks no HTTP, hangs up, or is not there', async () => {
    await using babbler = await tcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    await using deaf = await tcpServer((socket) => socket.destroy());
    for (const port of [babbler.port, deaf.port, await closedPort()]) {
      const { dialer } = setUpDialer({ proxy: { https: `127.0.0.1:${port}` } });
      await expect(dialer.dial(target, noSignal)).rejects.toMatchObject({
        code: 'unreachable',
        message: `the proxy 127.0.0.1:${port} cannot be reached`,
      });
    }
  });

  it('is given up with its signal, and when the proxy does not answer', async () => {
    await using silent = await tcpServer();
    const { dialer } = setUpDialer({
      connectTimeout: 200,
      proxy: { https: `http://127.0.0.1:${silent.port}` },
    });
    await expect(dialer.dial(target, noSignal)).rejects.toMatchObject({ code: 'unreachable' });
    const abort = new AbortController();
    const dialled = dialer.dial(target, abort.signal);
    await until(() => silent.connections.length === 2);
    const reason = new Error('Ctrl-C');
    abort.abort(reason);
    await expect(dialled).rejects.toBe(reason);
    await until(() => silent.connections.every((socket) => socket.destroyed || socket.readableEnded));
  });

  it('is not dug for a name that is mapped, nor for what is no TLS', async () => {
    await using server = await tlsServer(SERVER);
    await using plain = await tcpServer((socket) => socket.end('plain'));
    const { dialer } = setUpDialer({
      authorities: [AUTHORITY],
      resolve: at('server.test', server),
      proxy: { https: `http://127.0.0.1:${await closedPort()}` },
    });
    (await dialer.dial(target, noSignal)).destroy();
    (await dialer.dial({ host: '127.0.0.1', port: plain.port }, noSignal)).destroy();
    expect([server.connections.length, plain.connections.length]).toEqual([1, 1]);
  });

  it('is to a proxy that this test would notice', async () => {
    await using proxy = await connectProxy(0, 'HTTP/1.1 403 Forbidden\r\n\r\n');
    const status = await new Promise((resolve) =>
      request({ port: proxy.port, method: 'CONNECT', path: 'a.test:1' })
        .on('connect', (answer) => resolve(answer.statusCode))
        .end(),
    );
    expect([status, proxy.asked.length]).toEqual([403, 1]);
  });
});

describe('proxyFor', () => {
  const https = 'http://proxy.test:3128';
  const isDirect = (no: string, host: string, port = 443): boolean =>
    proxyFor({ https, no }, host, port) === undefined;

  it('is none where none is set', () => {
    expect(proxyFor({}, 'a.test', 443)).toBeUndefined();
    expect(proxyFor({ https: '', no: '' }, 'a.test', 443)).toBeUndefined();
  });

  it('takes a URL, or a host and port', () => {
    expect(proxyFor({ https }, 'a.test', 443)?.href).toBe('http://proxy.test:3128/');
    expect(proxyFor({ https: 'proxy.test:3128' }, 'a.test', 443)?.href).toBe('http://proxy.test:3128/');
  });

  it('refuses what is no URL without repeating it', () => {
    expect(() => proxyFor({ https: 'http://jdoe:canary@[' }, 'a.test', 443)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: 'HTTPS_PROXY is not a URL' }),
    );
  });

  it.each<[string, string, number, boolean]>([
    ['', 'a.test', 443, false],
    ['*', 'a.test', 443, true],
    ['a.test', 'a.test', 443, true],
    ['A.Test', 'a.tEST', 443, true],
    ['a.test', 'b.a.test', 443, true],
    ['.a.test', 'b.a.test', 443, true],
    ['.a.test', 'a.test', 443, true],
    ['*.a.test', 'b.a.test', 443, true],
    ['a.test', 'xa.test', 443, false],
    ['a.test', 'a.test.evil', 443, false],
    ['a.test:8443', 'a.test', 8443, true],
    ['a.test:8443', 'a.test', 443, false],
    ['one.test, a.test  two.test', 'a.test', 443, true],
    ['localhost,127.0.0.1', '127.0.0.1', 443, true],
    ['127.0.0.1', '127.0.0.11', 443, false],
    ['::1', '::1', 443, true],
    ['[::1]', '::1', 443, true],
    ['[::1]:8443', '::1', 8443, true],
    ['[::1]:8443', '::1', 443, false],
    ['fe80::1', '::1', 443, false],
  ])('with NO_PROXY=%p, %s:%d is dialled directly: %p', (no, host, port, expected) => {
    expect(isDirect(no, host, port)).toBe(expected);
  });
});
