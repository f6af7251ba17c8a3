import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { failureOf } from './bench.test.support.ts';
import { Loopback } from './loopback.ts';

const NEVER = new AbortController().signal;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const port = ({ redirectUri }: Loopback) => Number(new URL(redirectUri).port);

describe('the browser comes back', () => {
  it('by redirect', async () => {
    await using loopback = await Loopback.open('state');
    const page = await fetch(`http://127.0.0.1:${port(loopback)}/?code=the-code&state=state`);
    expect([page.status, await loopback.wait(NEVER)]).toEqual([200, { code: 'the-code', state: 'state' }]);
  });

  it('with a form', async () => {
    await using loopback = await Loopback.open('state');
    const body = 'code=the-code&state=state';
    const page = await fetch(`http://127.0.0.1:${port(loopback)}/`, { method: 'POST', headers: FORM, body });
    expect([page.status, await loopback.wait(NEVER)]).toEqual([200, { code: 'the-code', state: 'state' }]);
  });

  it('with a refusal', async () => {
    await using loopback = await Loopback.open('state');
    const page = await fetch(`http://127.0.0.1:${port(loopback)}/?error=access_denied&state=state`);
    expect(await page.text()).toContain('You have not signed in');
    expect(await loopback.wait(NEVER)).toMatchObject({ error: 'access_denied' });
  });
});

describe('the page', () => {
  it('runs nothing, loads nothing, is kept nowhere and repeats nothing', async () => {
    await using loopback = await Loopback.open('state');
    const page = await fetch(
      `http://127.0.0.1:${port(loopback)}/?code=%3Cscript%3E&state=state&error_description=%3Cimg%3E`,
    );
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    expect(await page.text()).not.toMatch(/script|img/);
  });
});

describe('anybody else', () => {
  it.each<[string, string, RequestInit, number]>([
    ['with another state', '/?code=evil&state=other', {}, 400],
    ['without a state', '/?code=evil', {}, 400],
    ['who wants the sign-in to fail', '/?error=access_denied&state=other', {}, 400],
    ['at another path', '/favicon.ico?state=state', {}, 404],
    ['with another method', '/?code=evil&state=state', { method: 'PUT' }, 404],
    [
      'with a giant form',
      '/',
      { method: 'POST', headers: FORM, body: `state=state&code=${'x'.repeat(70_000)}` },
      404,
    ],
  ])('%s is refused and waited past', async (_what, path, init, status) => {
    await using loopback = await Loopback.open('state');
    const base = `http://127.0.0.1:${port(loopback)}`;
    expect((await fetch(`${base}${path}`, init)).status).toBe(status);
    await fetch(`${base}/?code=good&state=state`);
    expect(await loopback.wait(NEVER)).toMatchObject({ code: 'good' });
  });

  it('who made a name of theirs point here is refused', async () => {
    await using loopback = await Loopback.open('state');
    const socket = connect(port(loopback), '127.0.0.1');
    socket.end('GET /?code=evil&state=state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 404/);
  });

  it('in the network does not reach it', async () => {
    await using loopback = await Loopback.open('state');
    // Another address of this computer; macOS has one only for IPv6.
    const host = process.platform === 'darwin' ? '::1' : '127.0.0.2';
    const socket = connect({ port: port(loopback), host });
    const outcome = await once(socket, 'connect').catch((error: NodeJS.ErrnoException) => error.code);
    socket.destroy();
    expect(outcome).toBe('ECONNREFUSED');
  });
});

it('gives up with the signal, and closes whoever hangs on', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const loopback = await Loopback.open('state');
  const socket = connect(port(loopback), '127.0.0.1');
  await once(socket, 'connect');
  const pending = failureOf(loopback.wait(controller.signal));
  controller.abort(reason);
  expect(await pending).toBe(reason);
  expect(await failureOf(loopback.wait(controller.signal))).toBe(reason);
  await Promise.all([once(socket, 'close'), loopback[Symbol.asyncDispose]()]);
});
