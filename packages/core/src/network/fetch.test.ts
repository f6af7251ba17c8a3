import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Server } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from '../errors.ts';
import type { Logger } from '../host.ts';
import { MemoryTrust } from '../memory-stores.ts';
import { APPLIANCE, AUTHORITY, SERVER, type TestIdentity } from './certificates.test.support.ts';
import type { NetworkOptions } from './dialer.ts';
import { at, closedPort, listening, tcpServer, until, type Loopback } from './loopback.test.support.ts';
import { Network } from './network.ts';

const MIB = 1024 * 1024;

interface HttpLoopback extends Loopback {
  readonly requests: readonly IncomingMessage[];
  readonly url: string;
}

/** An HTTP server, over TLS where it has an identity. */
async function httpServer(serve: RequestListener, identity?: TestIdentity): Promise<HttpLoopback> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    serve(request, response);
  };
  const server: Server =
    identity === undefined
      ? createServer(listener)
      : createSecureServer({ cert: identity.certificate, key: identity.privateKey }, listener);
  const loopback = await listening(server, () => '');
  return { ...loopback, requests, url: `http://127.0.0.1:${loopback.port}` };
}

const records: string[] = [];
const log: Logger = {
  debug: (message, fields) => void records.push(`${message} ${JSON.stringify(fields)}`),
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function setUp(options: NetworkOptions = {}) {
  const trust = new MemoryTrust(() => Date.now());
  const network = new Network(options, log, async () => trust, undefined);
  return { network, trust, fetch: network.fetch };
}

async function refusal(work: Promise<unknown>): Promise<DisconnectError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!DisconnectError.is(error)) throw new Error(`not refused in our words: ${String(error)}`);
  return error;
}

describe('a request', () => {
  const echo = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const body = Buffer.concat(chunks).toString();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, url, auth: headers['auth'], body }));
    });
  };

  it('carries method, headers and body, and its answer can be read', async () => {
    await using server = await httpServer(echo);
    const { fetch, network } = setUp();
    const response = await fetch(`${server.url}/rest/login?x=1`, {
      method: 'POST',
      headers: { Auth: 'token' },
      body: '{"a":1}',
    });
    expect([response.status, response.ok, response.headers.get('content-type')]).toEqual([
      200,
      true,
      'application/json',
    ]);
    expect(await response.json()).toEqual({
      method: 'POST',
      url: '/rest/login?x=1',
      auth: 'token',
      body: '{"a":1}',
    });
    await network[Symbol.asyncDispose]();
  });

  it('may be a URL, or a Request', async () => {
    await using server = await httpServer(echo);
    const { fetch, network } = setUp();
    const request = new Request(`${server.url}/a`, { method: 'PUT', headers: { auth: 'x' }, body: 'hello' });
    expect(await (await fetch(request)).json()).toEqual({
      method: 'PUT',
      url: '/a',
      auth: 'x',
      body: 'hello',
    });
    expect(await (await fetch(new URL(`${server.url}/b`))).json()).toMatchObject({
      method: 'GET',
      url: '/b',
    });
    await network[Symbol.asyncDispose]();
  });

  it('keeps its connection for the next one, until the network is closed', async () => {
    await using server = await httpServer((_request, response) => response.end('ok'), SERVER);
    const { fetch, network } = setUp({ authorities: [AUTHORITY], resolve: at('server.test', server) });
    for (const path of ['/1', '/2', '/3', '/4', '/5'])
      await (await fetch(`https://server.test${path}`)).text();
    expect(server.requests).toHaveLength(5);
    // The pool may open a second one when it is asked again before it has noticed the end of an answer.
    expect(server.connections.length).toBeLessThan(3);
    await network[Symbol.asyncDispose]();
    await until(() => server.connections.every(({ destroyed }) => destroyed));
    await network[Symbol.asyncDispose]();
  });

  it('is not sent to a server that cannot be verified', async () => {
    await using server = await httpServer((_request, response) => response.end('ok'), APPLIANCE);
    const { fetch, network, trust } = setUp({ resolve: at('appliance.test', server) });
    const url = 'https://appliance.test/rest/login-sessions';
    const options = { method: 'POST', body: 'a password' };
    expect(await refusal(fetch(url, options))).toMatchObject({
      code: 'untrusted',
      system: 'appliance.test:443',
      mayHaveTakenEffect: false,
    });
    await trust.save({ host: 'appliance.test:443', pin: '0'.repeat(64) });
    expect(await refusal(fetch(url, options))).toMatchObject({ code: 'untrusted' });
    expect(server.requests).toHaveLength(0);
    await network[Symbol.asyncDispose]();
  });

  it('goes where the allow list lets it, and nowhere else', async () => {
    await using server = await httpServer((_request, response) => response.end('ok'));
    const { fetch } = setUp({ allow: ({ host }) => host === 'a.test' });
    expect(await refusal(fetch(server.url))).toMatchObject({ code: 'forbidden', mayHaveTakenEffect: false });
    expect(server.connections).toHaveLength(0);
  });

  it('to an IPv6 address is verified as such', async () => {
    await using server = await httpServer((_request, response) => response.end('ok'), SERVER);
    const { fetch, network } = setUp({ authorities: [AUTHORITY], resolve: at('::1', server) });
    expect(await (await fetch('https://[::1]:8443/')).text()).toBe('ok');
    await network[Symbol.asyncDispose]();
  });

  it('is noted without its query, its headers or its body', async () => {
    await using server = await httpServer((_request, response) => response.end('canary-body'));
    const { fetch, network } = setUp();
    records.length = 0;
    const headers = { auth: 'canary-header' };
    await fetch(`${server.url}/a?token=canary-query`, { method: 'POST', headers, body: 'canary-sent' });
    expect(records).toHaveLength(2);
    expect(records[0]).toContain(`${server.url}/a`);
    expect(records.join()).not.toContain('canary');
    await network[Symbol.asyncDispose]();
  });

  it('follows no redirect', async () => {
    await using other = await httpServer((_request, response) => response.end('other'));
    await using server = await httpServer((_request, response) => {
      response.writeHead(302, { location: other.url }).end();
    });
    const { fetch, network } = setUp();
    const response = await fetch(server.url, { headers: { auth: 'token' } });
    expect([response.status, response.headers.get('location')]).toEqual([302, other.url]);
    expect((await fetch(new Request(server.url))).status).toBe(302);
    expect(other.requests).toHaveLength(0);
    await network[Symbol.asyncDispose]();
  });
});

describe('an answer that is too large', () => {
  const largest = MIB;
  const tooLarge = { code: 'protocol', message: 'the answer is larger than this client accepts' };

  it('is refused by its announced length, without reading it', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-length': String(100 * MIB) });
      response.write('x'.repeat(1000));
    });
    const { fetch, network } = setUp({ largestBody: largest });
    expect(await refusal(fetch(server.url))).toMatchObject({ ...tooLarge, mayHaveTakenEffect: true });
    await network[Symbol.asyncDispose]();
    await until(() => server.connections.every(({ destroyed }) => destroyed));
  });

  it.each(['text', 'json', 'arrayBuffer'] as const)(
    'is refused when it grows, read by %s',
    async (reader) => {
      let sent = 0;
      await using server = await httpServer((_request, response) => {
        const more = (): void => {
          while (sent < 100 * MIB && !response.destroyed) {
            sent += 65_536;
            if (!response.write(Buffer.alloc(65_536, 32))) return void response.once('drain', more);
          }
          response.end();
        };
        more();
      });
      const { fetch, network } = setUp({ largestBody: largest });
      const response = await fetch(server.url);
      expect(await refusal(response[reader]())).toMatchObject(tooLarge);
      await until(() => server.connections.every(({ destroyed }) => destroyed));
      expect(sent).toBeLessThan(90 * MIB);
      await network[Symbol.asyncDispose]();
    },
  );

  it.each(['gzip', 'deflate', 'br'] as const)(
    'is refused when it is small and unpacks to much: %s',
    async (encoding) => {
      const pack = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[encoding];
      const bomb = pack(Buffer.alloc(8 * MIB));
      expect(bomb.length).toBeLessThan(MIB / 10);
      await using server = await httpServer((_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding, 'content-length': bomb.length }).end(bomb);
      });
      const { fetch, network } = setUp({ largestBody: largest });
      expect(await refusal((await fetch(server.url)).text())).toMatchObject(tooLarge);
      await network[Symbol.asyncDispose]();
    },
  );

  it('is not what fits exactly, packed or not', async () => {
    const body = 'x'.repeat(largest);
    await using server = await httpServer(({ url }, response) => {
      if (url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
      else response.end(body);
    });
    const { fetch, network } = setUp({ largestBody: largest });
    for (const path of ['/plain', '/packed']) {
      const response = await fetch(`${server.url}${path}`);
      expect((await response.text()).length).toBe(largest);
      expect(response.status).toBe(200);
    }
    await network[Symbol.asyncDispose]();
  });

  it('is one of more than 16 MiB where nothing else is said', async () => {
    await using server = await httpServer(({ url }, response) => {
      response.writeHead(200, { 'content-length': 16 * MIB + (url === '/more' ? 1 : 0) });
      response.end(Buffer.alloc(16 * MIB + (url === '/more' ? 1 : 0)));
    });
    const { fetch, network } = setUp();
    expect((await (await fetch(server.url)).arrayBuffer()).byteLength).toBe(16 * MIB);
    expect(await refusal(fetch(`${server.url}/more`))).toMatchObject(tooLarge);
    await network[Symbol.asyncDispose]();
  });
});

describe('an answer that is wrong', () => {
  it.each<[string, string, string]>([
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'the answer is not HTTP that this client accepts'],
    [
      'has huge headers',
      `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`,
      'the answer is not HTTP that',
    ],
    [
      'has two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      'the answer is not HTTP that',
    ],
    [
      'has a chunk of no length',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'the answer is not HTTP that',
    ],
  ])('%s', async (_what, answer, message) => {
    await using server = await tcpServer((socket) => void socket.once('data', () => socket.end(answer)));
    const { fetch, network } = setUp();
    const error = await refusal(
      fetch(`http://127.0.0.1:${server.port}/`).then((response) => response.text()),
    );
    expect(error).toMatchObject({ code: 'protocol', mayHaveTakenEffect: true });
    expect(error.message).toContain(message);
    await network[Symbol.asyncDispose]();
  });

  it('is not JSON', async () => {
    await using server = await httpServer((_request, response) => response.end('<html>canary</html>'));
    const { fetch, network } = setUp();
    const error = await refusal((await fetch(server.url)).json());
    expect(error).toMatchObject({ code: 'protocol', message: 'the answer is not JSON' });
    await network[Symbol.asyncDispose]();
  });

  it('is not packed as it says', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip');
    });
    const { fetch, network } = setUp();
    expect(await refusal((await fetch(server.url)).text())).toMatchObject({ code: 'protocol' });
    await network[Symbol.asyncDispose]();
  });
});

describe('an answer that does not come', () => {
  it('is refused where the port is that of another protocol', async () => {
    const { network, fetch } = setUp();
    const error = await refusal(fetch('http://127.0.0.1:25/'));
    expect(error).toMatchObject({
      code: 'invalid-request',
      system: '127.0.0.1:25',
      mayHaveTakenEffect: false,
    });
    await network[Symbol.asyncDispose]();
  });

  it('because nothing listens', async () => {
    const { fetch } = setUp();
    const port = await closedPort();
    expect(await refusal(fetch(`http://127.0.0.1:${port}/`))).toMatchObject({
      code: 'unreachable',
      system: `127.0.0.1:${port}`,
      mayHaveTakenEffect: false,
    });
  });

  it('because the server hangs up', async () => {
    await using server = await tcpServer((socket) => void socket.once('data', () => socket.destroy()));
    const { fetch, network } = setUp();
    const error = await refusal(fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST', body: 'x' }));
    expect(error).toMatchObject({ code: 'unreachable', mayHaveTakenEffect: true });
    expect(error.next).toBeDefined();
    await network[Symbol.asyncDispose]();
  });

  it('because the connection is reset in mid-body', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.socket?.resetAndDestroy());
    });
    const { fetch, network } = setUp();
    const response = await fetch(server.url);
    expect(await refusal(response.text())).toMatchObject({ code: 'unreachable', mayHaveTakenEffect: true });
    await network[Symbol.asyncDispose]();
  });

  it('because the body ends too early', async () => {
    await using server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.socket?.end());
    });
    const { fetch, network } = setUp();
    expect(await refusal((await fetch(server.url)).text())).toMatchObject({ code: 'unreachable' });
    await network[Symbol.asyncDispose]();
  });

  it('because the server only drips, which the signal ends', async () => {
    await using server = await httpServer((_request, response) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const { fetch, network } = setUp();
    const abort = new AbortController();
    const response = await fetch(server.url, { signal: abort.signal });
    const reading = refusal(response.text());
    const deadline = new DisconnectError('timeout', 'no answer within 20 s', { mayHaveTakenEffect: true });
    abort.abort(deadline);
    expect(await reading).toBe(deadline);
    await until(() => server.connections.every(({ destroyed }) => destroyed));
    await network[Symbol.asyncDispose]();
  });

  it.each<[string, () => AbortSignal, string]>([
    ['the caller aborts', () => AbortSignal.timeout(1e9), 'aborted'],
    ['a time-out of the caller ends it', () => AbortSignal.timeout(20), 'timeout'],
  ])('because %s', async (_why, limit, code) => {
    await using server = await httpServer(() => undefined);
    const { fetch, network } = setUp();
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, limit()]);
    const asked = refusal(fetch(server.url, { method: 'POST', signal }));
    await until(() => server.requests.length === 1 || signal.aborted);
    if (code === 'aborted') abort.abort();
    expect(await asked).toMatchObject({ code, mayHaveTakenEffect: true });
    await network[Symbol.asyncDispose]();
  });

  it('because the caller had aborted before: then nothing is sent', async () => {
    await using server = await httpServer((_request, response) => response.end('ok'));
    const { fetch } = setUp();
    const error = await refusal(fetch(server.url, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted', mayHaveTakenEffect: false });
    expect(server.connections).toHaveLength(0);
  });

  it('because the network is closed', async () => {
    await using server = await httpServer(() => undefined);
    const { fetch, network } = setUp();
    const asked = refusal(fetch(server.url));
    await until(() => server.requests.length === 1);
    await network[Symbol.asyncDispose]();
    expect((await asked).mayHaveTakenEffect).toBe(true);
  });
});
