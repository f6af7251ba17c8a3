import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { portOf } from './server.ts';
import { openTestServer, type TestServer } from './server.test.support.ts';

let server: TestServer;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  server = await openTestServer({ limits: { headSeconds: 1, requestSeconds: 2, connections: 50 } });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server[Symbol.asyncDispose]();
});

async function dial(): Promise<Socket> {
  const socket = connect(portOf(server.app), '127.0.0.1');
  // What is not read keeps a connection from closing.
  socket.on('error', () => undefined).resume();
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** All that the service says to these bytes until it closes the connection. */
async function send(bytes: string | Buffer): Promise<string> {
  const socket = await dial();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

const POST = 'POST /v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const isWell = async (): Promise<number> => (await server.ask('GET', '/healthz')).statusCode;

describe('what is hardly HTTP', () => {
  it.each([
    ['nothing but noise', '\x16\x03\x01\x02\x00\x01\x00'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['a zero byte in a header', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\0c\r\n\r\n'],
    ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a length and chunks', `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`],
    ['a negative length', `${POST}Content-Length: -1\r\n\r\n`],
    ['chunks of no size', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['a method that is none', 'FROB /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ])('%s is answered with 400 and closed', async (_name, bytes) => {
    const answer = await send(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await isWell()).toBe(200);
  });

  it('a problem document says what is wrong', async () => {
    const answer = await send('FROB / HTTP/1.1\r\n\r\n');
    expect(answer).toMatch(/Content-Type: application\/problem\+json/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      status: 400,
      code: 'invalid-request',
      detail: 'this is not HTTP that can be understood',
    });
  });

  it.each([
    ['one header that is too long', `X: ${'x'.repeat(20_000)}`],
    ['too many headers', Array.from({ length: 3000 }, (_, place) => `X${place}: y`).join('\r\n')],
  ])('%s is answered with 431', async (_name, header) => {
    const answer = await send(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('slow clients', () => {
  it('a head that does not come to its end is cut off', async () => {
    const socket = await dial();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
    const drip = setInterval(() => socket.write('X: y\r\n'), 100);
    await once(socket, 'close');
    clearInterval(drip);
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('a body that does not come to its end is cut off', async () => {
    const socket = await dial();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(`${POST}Content-Length: 1000\r\n\r\n{"token":"`);
    const drip = setInterval(() => socket.write('x'), 100);
    await once(socket, 'close');
    clearInterval(drip);
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 408 /);
    expect(await isWell()).toBe(200);
  });

  it('as many of them as there may be do not keep others out for long', async () => {
    const slow = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = await dial();
        socket.write('GET / HT');
        return socket;
      }),
    );
    await Promise.all(slow.filter((socket) => !socket.closed).map((socket) => once(socket, 'close')));
    expect(await send('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 /,
    );
  });

  it('more connections than there may be are closed at once', async () => {
    const held = await Promise.all(Array.from({ length: 50 }, () => dial()));
    const extra = await dial();
    await once(extra, 'close');
    expect(held.every((socket) => !socket.destroyed)).toBe(true);
  });
});

describe('bodies', () => {
  const post = async (payload: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/v1/sign-in',
      payload,
      headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
    });
    return { status: answer.statusCode, problem: answer.json<{ readonly detail: string }>() };
  };

  it.each([
    ['nothing', '', 400],
    ['half of it', '{"token":', 400],
    ['text', 'token', 400],
    ['a number', '1', 400],
    ['nothing at all', 'null', 400],
    ['a list', '[]', 400],
    ['a wrong type', '{"token":1}', 400],
    ['no coercion', '{"token":true}', 400],
    ['an unknown field', '{"token":"x","more":1}', 400],
    ['a prototype', '{"token":"x","__proto__":{"isAdmin":true}}', 400],
    ['a constructor', '{"token":"x","constructor":{"prototype":{"a":1}}}', 400],
    ['two roots', '{}{}', 400],
    ['bytes that are no UTF-8', '{"token":"\xff\xfe"', 400],
    ['depth', `{"token":${'['.repeat(1000)}${']'.repeat(1000)}}`, 400],
    ['size', JSON.stringify({ token: 'x'.repeat(10_000) }), 413],
  ])('%s', async (_name, payload, status) => {
    const answer = await post(payload);
    expect(answer.status).toBe(status);
    expect(answer.problem).toMatchObject({ code: 'invalid-request', status });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/xml',
    'x',
    '',
  ])('of the type %j are refused: forms of other pages send such', async (type) => {
    const answer = await post('{"token":"x"}', { 'content-type': type });
    expect([400, 415]).toContain(answer.status);
  });

  it('that are said to be huge are not read', async () => {
    const answer = await send(`${POST}Content-Length: 99999999999\r\n\r\n{`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that turn out to be huge are not read to their end', async () => {
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
    const answer = await send(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(100)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(await isWell()).toBe(200);
  });

  it('of somebody who is not signed in are not looked at', async () => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/v1/plans',
      payload: '{"sessions":',
      headers: { host: 'localhost', 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(401);
  });

  it('what is wrong is said in words, with the place', async () => {
    expect((await post('{"token":"x","more":1}')).problem.detail).toMatch(
      /^body must NOT have.*"more"|^body must NOT have/,
    );
  });
});

describe('paths', () => {
  it.each([
    '/../package.json',
    '/assets/../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..%2fpackage.json',
    '/assets/..%5c..%5cpackage.json',
    '/assets/%252e%252e%252fpackage.json',
    '/assets//etc/passwd',
    '/assets/\0',
    '/assets/%00index.html',
    '/assets/',
    '/assets/.env',
    '/assets/CON',
    '/index.html',
    '/src/main.ts',
    '//evil.test/',
    '/v1//me',
    '/v1/me/',
    '/V1/ME',
    '/v1/%6de/..',
    '/healthz;a=b',
    '/%',
    '/%zz',
    '/v1/sessions/%c0%ae',
    '/v1/sessions/%00',
    `/v1/sessions/${'x'.repeat(2000)}`,
    `/${'x'.repeat(9000)}`,
    '*',
  ])('%s leads nowhere', async (path) => {
    const target = path.replaceAll('\0', '%00');
    const key = await server.key();
    const answer = await send(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404|414|421) /);
    expect(answer).not.toMatch(/"name": "@slipline|root:/);
  });

  it('in full form lead nowhere else', async () => {
    const answer = await send(
      'GET http://evil.test/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('answers', () => {
  it.each([
    '/%0d%0aSet-Cookie:%20x=y',
    '/assets/%0d%0aX-Evil:%20y',
    '/v1/sessions/%0d%0aX-Evil:y',
    '/?a=%0d%0aX-Evil:%20y',
  ])('have no header that was smuggled in: %s', async (path) => {
    const answer = await server.ask('GET', path);
    expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(['x-evil']));
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.statusCode).toBeLessThan(500);
  });
});
