import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBench } from '@slipline/hpe-oneview/testing';
import { manualClock } from '@slipline/testkit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { outboundPolicy } from '../outbound/outbound.ts';
import { openTestServer, type Ask, type TestServer } from '../server.test.support.ts';
import { makeWho } from './who.ts';

const clock = manualClock();
let server: TestServer;

beforeEach(async () => {
  server = await openTestServer({ clock });
});

afterEach(async () => server[Symbol.asyncDispose]());

/** Signs in with a new one-time token. */
async function signIn(): Promise<{ readonly cookie: string; readonly csrfToken: string }> {
  const token = server.services.signInTokens.issue(makeWho('olga', 'operator', ['*']));
  const answer = await server.ask('POST', '/v1/sign-in', { token });
  const [cookie] = answer.cookies;
  const { csrfToken } = answer.json<{ readonly csrfToken: string }>();
  return { cookie: `slipline=${cookie?.value ?? ''}`, csrfToken };
}

const notes = async (): Promise<readonly string[]> =>
  (await server.services.audit.read(100)).map(({ what }) => what).reverse();

describe('signing in to the page', () => {
  it('takes the token once, and gives a cookie that no script and no other site can use', async () => {
    const token = server.services.signInTokens.issue(makeWho('olga', 'operator', ['*']));
    const answer = await server.ask('POST', '/v1/sign-in', { token });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['set-cookie']).toMatch(/^slipline=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(answer.headers['cache-control']).toBe('no-store');
    const again = await server.ask('POST', '/v1/sign-in', { token });
    expect(again.statusCode).toBe(401);
    expect(again.headers).not.toHaveProperty('set-cookie');
    expect(await notes()).toEqual(['sign-in', 'sign-in refused']);
  });

  it('takes a key as well, and ends when the key does', async () => {
    const key = await server.key({ role: 'viewer' });
    const answer = await server.ask('POST', '/v1/sign-in', { key });
    expect(answer.json()).toMatchObject({ role: 'viewer' });
    const cookie = `slipline=${answer.cookies[0]?.value ?? ''}`;
    expect((await server.ask('GET', '/v1/me', undefined, { cookie })).statusCode).toBe(200);
    await server.services.keys.revoke(key.slice(4, 16));
    expect((await server.ask('GET', '/v1/me', undefined, { cookie })).statusCode).toBe(401);
  });

  it('takes the token from this machine only', async () => {
    const token = server.services.signInTokens.issue(makeWho('olga', 'operator', ['*']));
    const request = {
      method: 'POST',
      url: '/v1/sign-in',
      payload: { token },
      headers: { host: 'localhost' },
    } as const;
    const far = await server.app.inject({ ...request, remoteAddress: '192.0.2.7' });
    expect(far.statusCode).toBe(401);
    const near = await server.app.inject({ ...request, remoteAddress: '::ffff:127.0.0.1' });
    expect(near.statusCode).toBe(200);
  });

  it('gives a cookie for TLS only, where there is TLS', async () => {
    await using secure = await openTestServer({ settings: { behindProxy: ['127.0.0.1'] } });
    const answer = await secure.ask(
      'POST',
      '/v1/sign-in',
      { key: await secure.key() },
      {
        'x-forwarded-proto': 'https',
      },
    );
    expect(answer.headers['set-cookie']).toMatch(/; Secure/);
  });

  it('ends with signing out', async () => {
    const { cookie, csrfToken } = await signIn();
    const out = await server.ask('DELETE', '/v1/sign-in', undefined, { cookie, 'x-csrf-token': csrfToken });
    expect(out.statusCode).toBe(204);
    expect((await server.ask('GET', '/v1/me', undefined, { cookie })).statusCode).toBe(401);
  });

  it.each([{}, { token: 1 }, { token: '' }, { token: 'a', key: 'b' }, { token: 'a', more: 1 }, [], 'a'])(
    'refuses %j',
    async (payload) => {
      const answer = await server.app.inject({
        method: 'POST',
        url: '/v1/sign-in',
        payload: JSON.stringify(payload),
        headers: { host: 'localhost', 'content-type': 'application/json' },
      });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'invalid-request' });
    },
  );
});

describe('a cookie', () => {
  it('reads, and changes nothing without the page’s own token', async () => {
    const { cookie, csrfToken } = await signIn();
    expect((await server.ask('GET', '/v1/me', undefined, { cookie })).json()).toMatchObject({ csrfToken });
    for (const token of [undefined, '', csrfToken.slice(1), `${csrfToken}x`]) {
      const headers = { cookie, ...(token !== undefined && { 'x-csrf-token': token }) };
      const answer = await server.ask('DELETE', '/v1/sign-in', undefined, headers);
      expect(answer.statusCode).toBe(403);
    }
    expect((await server.ask('GET', '/v1/me', undefined, { cookie })).statusCode).toBe(200);
  });

  it.each([
    'slipline=',
    'slipline=x',
    'slipline=__proto__',
    'slipline=a%00b',
    'slipline=%',
    'a=b',
    '=',
    ';;;',
  ])('that is forged (%s) lets nobody in', async (cookie) => {
    expect((await server.ask('GET', '/v1/me', undefined, { cookie })).statusCode).toBe(401);
  });
});

describe('a key', () => {
  it.each(['', 'Bearer', 'Bearer ', 'Basic b2xnYTp4', 'Bearer slk_x_y', `Bearer ${'x'.repeat(4000)}`])(
    'that is none (%s) lets nobody in',
    async (authorization) => {
      const answer = await server.ask('GET', '/v1/me', undefined, { authorization });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="slipline"');
    },
  );

  it('that is wrong is not made good by a cookie', async () => {
    const { cookie } = await signIn();
    const answer = await server.ask('GET', '/v1/me', undefined, { cookie, authorization: 'Bearer slk_x' });
    expect(answer.statusCode).toBe(401);
  });

  it('that has ended or was revoked lets nobody in, and the audit says who tried', async () => {
    const ask = await server.as({ lifetime: 1000 });
    expect((await ask('GET', '/v1/me')).statusCode).toBe(200);
    await clock.advance(1000);
    expect((await ask('GET', '/v1/me')).statusCode).toBe(401);
    expect(await notes()).toEqual(['key refused']);
  });

  it('is not looked at any more after ten failures in a minute', async () => {
    const key = await server.key();
    const wrong = `${key.slice(0, -4)}AAAA`;
    const attempt = async (authorization: string): Promise<number> =>
      (await server.ask('GET', '/v1/me', undefined, { authorization })).statusCode;
    for (let count = 0; count < 10; count++) expect(await attempt(`Bearer ${wrong}`)).toBe(401);
    const answer = await server.ask('GET', '/v1/me', undefined, { authorization: `Bearer ${wrong}` });
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(await attempt(`Bearer ${key}`)).toBe(429);
    expect(await attempt(`Bearer ${await server.key()}`)).toBe(200);
    await clock.advance(60_000);
    expect(await attempt(`Bearer ${key}`)).toBe(200);
  });
});

it('keys that cannot be read let nobody in, and where they are is not said', async () => {
  const ask = await server.as();
  await writeFile(join(server.folder, 'keys.json'), '{');
  await clock.advance(1000);
  const answer = await ask('GET', '/v1/me');
  expect(answer.statusCode).toBe(503);
  expect(answer.body).not.toContain('keys.json');
  expect(JSON.stringify(server.log.records)).toContain('the keys cannot be read');
});

it('neighbours in one network of IPv6 count as one', async () => {
  const attempt = async (remoteAddress: string): Promise<number> => {
    const headers = { host: 'localhost', authorization: 'Bearer slk_x' };
    return (await server.app.inject({ url: '/v1/me', headers, remoteAddress })).statusCode;
  };
  for (let count = 0; count < 10; count++) expect(await attempt(`2001:db8::${count + 1}`)).toBe(401);
  expect(await attempt('2001:db8::ffff:1')).toBe(429);
  expect(await attempt('2001:db8:0:1::1')).toBe(401);
});

describe('targets that are not listed', () => {
  it.each([
    'elsewhere.example',
    '127.0.0.1:8443',
    'localhost',
    '169.254.169.254',
    '[::1]:443',
    '[::ffff:169.254.169.254]:443',
  ])('%s is not connected to, and the answer says why', async (appliance) => {
    await using bench = await openBench();
    const network = { ...bench.network, ...outboundPolicy(['ov1.example']) };
    await using other = await openTestServer({ bench: { ...bench, network } });
    const ask = await other.as();
    const values = { appliance, userName: 'Administrator', password: 'x' };
    const answer = await ask('POST', '/v1/connections', { provider: 'hpe-oneview', values });
    expect(answer.json()).toMatchObject({
      status: 403,
      code: 'forbidden',
      detail: 'this target is not allowed by the configuration',
      next: 'list it under "outbound" in http.json',
    });
    expect(bench.requests?.()).toBe(0);
  });
});

it('somebody who guesses tokens is held back', async () => {
  for (let count = 0; count < 10; count++)
    expect((await server.ask('POST', '/v1/sign-in', { token: 'x' })).statusCode).toBe(401);
  const token = server.services.signInTokens.issue(makeWho('olga', 'operator', ['*']));
  expect((await server.ask('POST', '/v1/sign-in', { token })).statusCode).toBe(429);
});

describe('the name that was asked', () => {
  const asks = async (host: string): Promise<number> =>
    (await server.ask('GET', '/healthz', undefined, { host })).statusCode;

  it.each(['localhost', 'localhost:4380', '127.0.0.1:4380', '[::1]:4380', 'LOCALHOST', 'localhost.'])(
    '%s is its own',
    async (host) => {
      expect(await asks(host)).toBe(200);
    },
  );

  it.each([
    'evil.test',
    'localhost.evil.test',
    'evil.test:4380',
    '127.0.0.1.evil.test',
    'localhost@evil.test',
    '192.0.2.1',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    '127.0.0.2',
    'localhost:x',
    'localhost:99999',
    '[::1',
  ])('%s is another’s: DNS rebinding', async (host) => {
    expect(await asks(host)).toBe(421);
  });

  it('may be one that is configured', async () => {
    await using named = await openTestServer({
      settings: { names: ['slipline.example'], isLoopback: false },
    });
    const answers = async (host: string): Promise<number> =>
      (await named.ask('GET', '/healthz', undefined, { host })).statusCode;
    expect(await answers('slipline.example')).toBe(200);
    expect(await answers('Slipline.Example:443')).toBe(200);
    expect(await answers('192.0.2.1')).toBe(200);
    expect(await answers('other.example')).toBe(421);
  });
});

describe('a page of another origin', () => {
  let ask: Ask;

  beforeEach(async () => {
    ask = await server.as();
  });

  it.each([
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { origin: 'http://localhost:9999' },
    { origin: 'https://localhost' },
    { origin: 'http://localhost.evil.test' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('is refused: %j', async (headers) => {
    const answer = await ask('GET', '/v1/me', undefined, headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('is refused its preflight', async () => {
    const headers = { origin: 'https://evil.test', 'access-control-request-method': 'POST' };
    const answer = await server.ask('OPTIONS', '/v1/sign-in', undefined, headers);
    expect(answer.statusCode).toBe(403);
  });

  it('may link to the page, and to nothing else', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await server.ask('GET', '/healthz', undefined, link)).statusCode).toBe(200);
    expect((await ask('GET', '/v1/me', undefined, link)).statusCode).toBe(403);
  });

  it.each([
    { origin: 'http://localhost' },
    { origin: 'HTTP://LOCALHOST' },
    { 'sec-fetch-site': 'same-origin' },
  ])('is not this one: %j', async (headers) => {
    expect((await ask('GET', '/v1/me', undefined, headers)).statusCode).toBe(200);
  });
});

describe('proxies', () => {
  const forwarded = {
    'x-forwarded-for': '192.0.2.9',
    'x-forwarded-host': 'slipline.example',
    'x-forwarded-proto': 'https',
  };

  it('are believed only where they are configured', async () => {
    const settings = { names: ['slipline.example'], isLoopback: false };
    await using direct = await openTestServer({ settings });
    const origin = { origin: 'https://slipline.example' };
    const refused = await direct.ask('GET', '/healthz', undefined, { ...forwarded, ...origin });
    expect(refused.statusCode).toBe(403);
    await using behind = await openTestServer({ settings: { ...settings, behindProxy: ['127.0.0.0/8'] } });
    const answer = await behind.ask('GET', '/healthz', undefined, { ...forwarded, ...origin });
    expect(answer.statusCode).toBe(200);
    expect(behind.log.records.at(-1)?.fields).toMatchObject({ address: '192.0.2.9' });
  });

  it('cannot make somebody far away look near', async () => {
    await using behind = await openTestServer({
      settings: { behindProxy: ['10.0.0.0/8'], names: ['slipline.example'], isLoopback: false },
    });
    const token = behind.services.signInTokens.issue(makeWho('olga', 'operator', ['*']));
    const answer = await behind.app.inject({
      method: 'POST',
      url: '/v1/sign-in',
      payload: { token },
      headers: { host: 'slipline.example', 'x-forwarded-for': '127.0.0.1' },
      remoteAddress: '192.0.2.7',
    });
    expect(answer.statusCode).toBe(401);
  });
});

describe('limits', () => {
  it('hold for an address and for a key, each by itself', async () => {
    await using small = await openTestServer({ limits: { requestsPerAddress: 8, requestsPerUser: 3 } });
    const one = await small.as();
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await one('GET', '/v1/me')).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const other = await small.as();
    for (let count = 0; count < 3; count++) expect((await other('GET', '/v1/me')).statusCode).toBe(200);
    expect((await small.ask('GET', '/healthz')).statusCode).toBe(200);
    const refused = await small.ask('GET', '/healthz');
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'quota' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('headers', () => {
  it.each(['/healthz', '/v1/me', '/nothing', '/v1/%zz', '/openapi.json'])(
    'of %s keep a browser from doing anything with it but reading',
    async (url) => {
      const { headers } = await server.ask('GET', url);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers['cache-control']).toBe('no-store');
    },
  );
});

it('a stream ends within a second of the key that it was opened with', async () => {
  const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const key = await server.key();
  const answer = await fetch(`${address}/v1/events`, { headers: { authorization: `Bearer ${key}` } });
  const reader = answer.body?.getReader();
  await reader?.read();
  await server.services.keys.revoke(key.slice(4, 16));
  const ended = (async () => {
    for (;;) if ((await reader?.read())?.done !== false) return 'ended';
  })().catch(() => 'ended');
  await clock.advance(1000);
  expect(await ended).toBe('ended');
});

it('nothing that was sent gets into the log', async () => {
  const key = await server.key();
  await server.ask(
    'POST',
    '/v1/sign-in?password=canary-1',
    { token: 'canary-2' },
    {
      authorization: 'Bearer canary-3',
      cookie: 'slipline=canary-4',
      'user-agent': 'canary-5',
    },
  );
  await server.ask('GET', '/v1/me', undefined, { authorization: `Bearer ${key}` });
  const shown = JSON.stringify(server.log.records);
  expect(shown).not.toContain('canary');
  expect(shown).not.toContain(key.slice(17));
});
