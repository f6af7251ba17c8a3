import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Listener } from './listener.ts';
import { readBody } from './request-body.ts';
import { readTarget } from './request-target.ts';
import { ask, dial } from './talk.test.support.ts';

const LIMIT = 100_000;

let listener: Listener;
/** How often a body was handed over. */
let handed: number;
beforeEach(async () => {
  handed = 0;
  listener = new Listener();
  await listener.start((request, response) => {
    const { headers, ...target } = readTarget(request);
    readBody(request, LIMIT, (body) => {
      handed += 1;
      response.end(JSON.stringify({ ...target, host: headers.host, body: body?.toString() ?? 'too large' }));
    });
  });
});
afterEach(() => listener.stop());

const seen = async (options: Parameters<typeof ask>[1]): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse((await ask(listener, options)).text) as Record<string, unknown>;

describe('a target', () => {
  it.each([
    ['/', '/', ''],
    ['/rest/version', '/rest/version', ''],
    ['/rest/version/', '/rest/version', ''],
    ['/rest/version/?a=b/&c=?', '/rest/version', 'a=b/&c=?'],
    ['/?', '/', ''],
    ['/a%2Fb//', '/a%2Fb/', ''],
  ])('%s is a path and a query', async (url, path, query) => {
    const { host, ...target } = await seen({ path: url, method: 'PUT' });
    expect(target).toEqual({ method: 'PUT', path, query, body: '' });
    expect(host).toBe(`127.0.0.1:${listener.port}`);
  });
});

describe('a body', () => {
  it('is read whole, its length announced or not', async () => {
    const body = 'ü'.repeat(LIMIT / 2);
    expect(await seen({ method: 'POST', body })).toMatchObject({ body });
    const headers = { 'transfer-encoding': 'chunked' };
    expect(await seen({ method: 'POST', headers, body })).toMatchObject({ body });
    expect(await seen({ method: 'DELETE', headers, body: '' })).toMatchObject({ body: '' });
  });

  it('is read and not kept where it is too large, and the connection stays usable', async () => {
    const socket = await dial(listener);
    const answers: string[] = [];
    for (const length of [LIMIT + 1, 10 * LIMIT, LIMIT]) {
      socket.write(`POST / HTTP/1.1\r\nhost: here\r\ncontent-length: ${length}\r\n\r\n`);
      socket.write('x'.repeat(length));
      let text = '';
      while (!text.endsWith('}')) text += String((await once(socket, 'data'))[0]);
      answers.push(text.includes('too large') ? 'too large' : 'whole');
    }
    expect(answers).toEqual(['too large', 'too large', 'whole']);
    socket.destroy();
  });

  it('of a client that goes away is never handed over', async () => {
    const socket = await dial(listener);
    socket.write('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\n12345');
    while (listener.openConnectionCount === 0) await new Promise(setImmediate);
    socket.resetAndDestroy();
    while (listener.openConnectionCount > 0) await new Promise(setImmediate);
    await seen({ path: '/' });
    expect(handed).toBe(1);
  });
});
