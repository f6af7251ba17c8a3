import { once } from 'node:events';
import { Agent, type RequestListener } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Listener, type Identity, type ListenerOptions } from './listener.ts';
import { ask, dial, failureOf, open, selfSigned } from './talk.test.support.ts';

let server: Identity;
let client: Identity;
beforeAll(() => {
  server = selfSigned('a service');
  client = selfSigned('a client');
});

let listener: Listener;
afterEach(() => listener.stop());

async function start(receive: RequestListener, options?: ListenerOptions): Promise<Listener> {
  listener = new Listener(options);
  await listener.start(receive);
  return listener;
}

const greet: RequestListener = (request, response) => response.end(`hello, ${request.method}`);

describe('over plain HTTP', () => {
  it('has a port of its own, and counts connections', async () => {
    await start(greet);
    expect(listener.port).toBeGreaterThan(0);
    expect(await ask(listener)).toEqual({ status: 200, text: 'hello, GET' });
    while (listener.openConnectionCount > 0) await new Promise(setImmediate);
    const agent = new Agent({ keepAlive: true });
    await ask(listener, { agent });
    await ask(listener, { agent });
    expect(listener.openConnectionCount).toBe(1);
    agent.destroy();
  });

  it('numbers connections in the order in which they came', async () => {
    await start((request, response) => response.end(String(listener.numberOf(request.socket))));
    const agent = new Agent({ keepAlive: true });
    const numbers: string[] = [];
    for (const options of [{ agent }, {}, { agent }]) numbers.push((await ask(listener, options)).text);
    expect(numbers).toEqual(['1', '2', '1']);
    agent.destroy();
  });

  it('resets a connection', async () => {
    await start((request) => listener.reset(request.socket));
    // A client of HTTP takes an orderly end for a reset; a bare socket does not.
    const socket = await dial(listener);
    const ended = failureOf(once(socket.resume(), 'end'));
    socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    expect(await ended).toBe('ECONNRESET');
  });

  it('stops although it owes an answer, twice, and never again listens', async () => {
    await start((_request, response) => response.write('one'));
    const incoming = await open(listener);
    const ended = failureOf(once(incoming.resume(), 'end'));
    await listener.stop();
    await listener.stop();
    expect(await ended).toBe('ECONNRESET');
    expect(listener.openConnectionCount).toBe(0);
    expect(await failureOf(ask(listener))).toBe('ECONNREFUSED');
  });

  it('can be stopped before it has begun', async () => {
    listener = new Listener();
    await listener.stop();
    expect(listener.port).toBe(0);
  });

  it('takes a request in pieces, and keeps its connection for ten minutes', async () => {
    await start(greet);
    const socket = await dial(listener);
    socket.write('GET / HTTP/1.1\r\nhost: here\r\n');
    while (listener.openConnectionCount === 0) await new Promise(setImmediate);
    socket.write('\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('Keep-Alive: timeout=600\r\n');
    socket.destroy();
  });
});

describe('over TLS', () => {
  it('presents its certificate, and refuses what is older than TLS 1.2', async () => {
    await start(greet, { certificate: server });
    const tls = { ca: server.certificate };
    expect((await ask(listener, { tls })).text).toBe('hello, GET');
    expect(await failureOf(ask(listener, { tls: { ca: client.certificate } }))).toBe(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    );
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(ask(listener, { tls: { ...tls, ...old } })).rejects.toThrow('alert protocol version');
  });

  it('resets a connection', async () => {
    await start((request) => listener.reset(request.socket), { certificate: server });
    expect(await failureOf(ask(listener, { tls: { ca: server.certificate } }))).toBe('ECONNRESET');
  });

  it('changes its certificate, and closes connections that saw the other one', async () => {
    await start((_request, response) => response.write('one'), { certificate: server });
    const incoming = await open(listener, { tls: { ca: server.certificate } });
    const ended = failureOf(once(incoming.resume(), 'end'));
    const other = selfSigned('another service');
    listener.useCertificate(other);
    expect(await ended).toBe('ECONNRESET');
    const again = await open(listener, { tls: { ca: other.certificate } });
    expect(again.statusCode).toBe(200);
    again.destroy();
  });

  it('believes client certificates of one authority, and lets others in without', async () => {
    await start((request, response) => response.end(String((request.socket as TLSSocket).authorized)), {
      certificate: server,
      clientAuthority: client.certificate,
    });
    const known = { ca: server.certificate, cert: client.certificate, key: client.privateKey };
    const stranger = selfSigned('a stranger');
    const unknown = { ...known, cert: stranger.certificate, key: stranger.privateKey };
    const answers: string[] = [];
    for (const tls of [known, unknown, { ca: server.certificate }])
      answers.push((await ask(listener, { tls })).text);
    expect(answers).toEqual(['true', 'false', 'false']);
  });
});
