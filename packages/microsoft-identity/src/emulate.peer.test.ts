import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failureOf, MemoryPartition } from './bench.test.support.ts';
import { startEmulator, type Emulated, type Emulator } from './emulate.peer.test.support.ts';
import { defineEnvironment } from './environments.ts';
import { IdentityClient, type IdentityOptions } from './identity-client.ts';
import { parsePartition, readPartition, refreshTokenIn } from './partition.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const CLIENT = '36ee4c6c-0812-40a2-b820-b22ebd02bce3';
const SECRET = 's3cret';
const SCOPE = 'https://graph.microsoft.com/.default';
const ADA = 'admin@contoso.onmicrosoft.com';

const users = [{ email: ADA, name: 'Ada Admin', tenant_id: TENANT }];
const application = {
  client_id: CLIENT,
  client_secret: SECRET,
  name: 'test',
  redirect_uris: ['http://localhost:53682/callback'],
  tenant_id: TENANT,
};

let emulator: Emulator;
let strict: Emulated;
let open: Emulated;

beforeAll(async () => {
  // The second knows no application, and therefore takes any, without a secret and from any port.
  emulator = await startEmulator([
    { microsoft: { users, oauth_clients: [application] } },
    { microsoft: { users } },
  ]);
  const [first, second] = emulator.services;
  if (first === undefined || second === undefined) throw new Error('Two services were asked for.');
  [strict, open] = [first, second];
}, 180_000);
afterAll(async () => {
  await emulator?.[Symbol.asyncDispose]();
});

/** A client of a service, and the addresses that it asks. */
function clientOf({ origin, fetch }: Emulated, options: Partial<IdentityOptions> = {}) {
  const asked: string[] = [];
  const partition = new MemoryPartition();
  const counting: typeof fetch = (input, init) => {
    asked.push(`${init?.method} ${new URL(input instanceof Request ? input.url : input).pathname}`);
    return fetch(input, init);
  };
  const client = new IdentityClient({
    environment: defineEnvironment({
      name: 'emulate',
      login: origin,
      graph: 'https://graph.microsoft.com',
      protocolMode: 'OIDC',
    }),
    clientId: CLIENT,
    tenant: TENANT,
    signIn: { kind: 'client-secret', clientSecret: SECRET },
    partition,
    fetch: counting,
    ...options,
  });
  return { client, partition, asked };
}

/** Ada at the sign-in page: takes its form for her, and goes where it leads. */
function browser({ fetch }: Emulated) {
  return async (url: string) => {
    const page = await (await fetch(url)).text();
    expect(page).toContain(ADA);
    const fields = new URLSearchParams(new URL(url).searchParams);
    fields.set('email', ADA);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const callback = `${new URL(url).origin}/oauth2/v2.0/authorize/callback`;
    const answer = await fetch(callback, {
      method: 'POST',
      headers,
      body: fields.toString(),
      redirect: 'manual',
    });
    await globalThis.fetch(answer.headers.get('location') ?? '');
  };
}

async function signedIn() {
  const bench = clientOf(open, { signIn: { kind: 'interactive' } });
  const token = await bench.client.signIn({ scopes: [SCOPE], openBrowser: browser(open) });
  return { ...bench, token };
}

describe('an application', () => {
  it('gets a token, keeps it, and gets another when it insists', async () => {
    const { client, asked } = clientOf(strict);
    const token = await client.acquire({ scopes: [SCOPE] });
    expect(token).toMatchObject({
      accessToken: expect.stringMatching(/^microsoft_/),
      scopes: [SCOPE],
      account: undefined,
    });
    expect((await client.acquire({ scopes: [SCOPE] })).accessToken).toBe(token.accessToken);
    expect((await client.acquire({ scopes: [SCOPE], forceRefresh: true })).accessToken).not.toBe(
      token.accessToken,
    );
    expect(asked.filter((line) => line === 'POST /oauth2/v2.0/token').length).toBe(2);
  });

  it('hears that its secret is wrong', async () => {
    const { client, partition } = clientOf(strict, {
      signIn: { kind: 'client-secret', clientSecret: 'wrong' },
    });
    expect(await failureOf(client.acquire({ scopes: [SCOPE] }))).toMatchObject({ code: 'wrong-credential' });
    expect(partition.text).toBeUndefined();
  });

  it('hears that it is not known', async () => {
    const { client } = clientOf(strict, { clientId: 'ffffffff-0000-4000-8000-000000000000' });
    expect(await failureOf(client.acquire({ scopes: [SCOPE] }))).toMatchObject({ code: 'wrong-credential' });
  });

  it('is not taken in by an address that is not there', async () => {
    const { client } = clientOf(strict, {
      environment: defineEnvironment({
        name: 'wrong',
        login: strict.origin,
        graph: 'https://graph.microsoft.com',
      }),
    });
    expect(await failureOf(client.acquire({ scopes: [SCOPE] }))).toMatchObject({ code: 'bad-answer' });
  });
});

describe('a person', () => {
  it('signs in in the browser, with PKCE, and goes on by rotating refresh tokens', async () => {
    const { client, partition, token, asked } = await signedIn();
    expect(token).toMatchObject({
      tenantId: TENANT,
      account: { userName: ADA, name: 'Ada Admin', tenantId: TENANT },
    });
    expect(readPartition(partition.text ?? '')).toMatchObject({ hasRefreshToken: true, kind: 'interactive' });
    const seen = new Set([token.accessToken]);
    for (let count = 0; count < 3; count += 1)
      seen.add((await client.acquire({ scopes: [SCOPE], forceRefresh: true })).accessToken);
    expect([seen.size, asked.filter((line) => line === 'POST /oauth2/v2.0/token').length]).toEqual([4, 4]);
  });

  it('whose refresh token is gone at the service must sign in again, and loses nothing before', async () => {
    const { client, partition } = await signedIn();
    const before = partition.text;
    const token = refreshTokenIn(parsePartition(before ?? '').msal ?? '') ?? '';
    const body = new URLSearchParams({ token }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await open.fetch(`${open.origin}/oauth2/v2.0/revoke`, { method: 'POST', headers, body });
    expect(await client.redeemable()).toMatchObject({ status: 'refused', error: { code: 'grant-expired' } });
    expect(await failureOf(client.acquire({ scopes: [SCOPE], forceRefresh: true }))).toMatchObject({
      code: 'grant-expired',
    });
    expect(partition.text).toBe(before);
  });

  it('of another tenant is refused', async () => {
    const { client, partition } = clientOf(open, {
      tenant: '99999999-8888-7777-6666-555555555555',
      signIn: { kind: 'interactive' },
    });
    const pending = client.signIn({ scopes: [SCOPE], openBrowser: browser(open) });
    expect(await failureOf(pending)).toMatchObject({
      code: 'wrong-tenant',
    });
    expect(partition.text).toBeUndefined();
  });

  it('cannot sign in by device code, which it does not know', async () => {
    const { client } = clientOf(open, { signIn: { kind: 'device-code' } });
    const told: unknown[] = [];
    const pending = client.signIn({ scopes: [SCOPE], onDeviceCode: (code) => void told.push(code) });
    expect(await failureOf(pending)).toMatchObject({ code: 'bad-answer' });
    expect(told).toEqual([]);
  });
});
