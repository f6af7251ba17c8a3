import { describe, expect, it } from '@jest/globals';
import {
  ADA,
  environmentOf,
  failureOf,
  GRAPH,
  MemoryPartition,
  publicClient,
  secretClient,
  signedIn,
  startProvider,
} from './bench.test.support.ts';
import { defineEnvironment } from './environments.ts';
import { faults } from './testing/index.ts';

const ELSEWHERE = 'https://login.evil.example';
const TOKEN = { path: '/token' };
const DISCOVERY = { path: '/openid-configuration' };

describe('instead of a token', () => {
  it.each([
    ['404 with JSON that has no error', faults.notFoundJson(), 'bad-answer', /\(404, application\/json\)/],
    ['a page', faults.html(), 'bad-answer', /\(200, text\/html\)/],
    ['a page with an error', faults.html(502), 'unavailable', /failed/],
    ['what is said to be JSON', faults.notJson(), 'bad-answer', /\(200, application\/json\)/],
    ['a list', faults.array(), 'bad-answer', /something else than a token/],
    ['not a byte', faults.empty(), 'bad-answer', /something else than a token/],
    ['an empty token', faults.emptyToken(), 'bad-answer', /something else than a token/],
    ['a depth without end', faults.deepJson(), 'bad-answer', /something else than a token/],
    ['a length without end', faults.hugeBody(), 'bad-answer', /larger than this client accepts/],
    ['the end of the connection', faults.reset(), 'unreachable', /cannot be reached/],
    ['a redirect to a foreign host', faults.redirectTo(`${ELSEWHERE}/token`), 'foreign-host', /not followed/],
    ['a redirect at home', faults.redirectTo('/common/oauth2/v2.0/token'), 'bad-answer', /not followed/],
    ['too many requests', faults.throttled(7), 'throttled', /overloaded \(AADSTS90055\)/],
    ['the news that it is down', faults.unavailable(), 'unavailable', /failed/],
  ])('%s comes: one clear error, and nothing is lost', async (_what, fault, code, message) => {
    await using provider = await startProvider();
    const { client, partition } = await signedIn(provider);
    const before = partition.text;
    provider.inject(fault, TOKEN);
    const expected = {
      name: 'IdentityError',
      code,
      message: expect.stringMatching(message),
      next: expect.any(String),
    };
    expect(await failureOf(client.acquire({ scopes: [GRAPH], forceRefresh: true }))).toMatchObject(expected);
    const application = secretClient(provider);
    expect(await failureOf(application.client.acquire({ scopes: [GRAPH] }))).toMatchObject(expected);
    expect([partition.text === before, application.partition.text]).toEqual([true, undefined]);
    provider.removeFaults();
    await client.acquire({ scopes: [GRAPH], forceRefresh: true });
  });

  it('nothing comes, until the time is up or the caller has had enough', async () => {
    await using provider = await startProvider();
    const { partition } = await signedIn(provider);
    provider.inject(faults.hang(), TOKEN);
    const { client } = publicClient(provider, { partition, requestTimeout: 30 });
    expect(await failureOf(client.acquire({ scopes: [GRAPH], forceRefresh: true }))).toMatchObject({
      code: 'timeout',
    });
    const controller = new AbortController();
    const reason = new Error('enough');
    const arrived = provider.nextRequest(TOKEN);
    const patient = publicClient(provider, { partition }).client;
    const pending = failureOf(
      patient.acquire({ scopes: [GRAPH], forceRefresh: true, signal: controller.signal }),
    );
    await arrived;
    controller.abort(reason);
    expect(await pending).toBe(reason);
  });

  it('says how long to wait', async () => {
    await using provider = await startProvider();
    provider.inject(faults.throttled(7), TOKEN);
    expect(await failureOf(secretClient(provider).client.acquire({ scopes: [GRAPH] }))).toMatchObject({
      retryAfter: 7000,
    });
  });
});

describe('tokens that are not what they should be', () => {
  it.each([
    ['an id token of another issuer', 'issuer', 'untrusted-answer'],
    ['an id token for another application', 'audience', 'untrusted-answer'],
    ['an id token that is none', 'id-token', 'bad-answer'],
    ["another tenant's", 'tenant', 'wrong-tenant'],
    ['tokens that are over', 'expired-token', 'untrusted-answer'],
  ] as const)('%s', async (_what, forgery, code) => {
    await using provider = await startProvider();
    provider.inject(faults.forge(forgery), TOKEN);
    const partition = new MemoryPartition();
    expect(await failureOf(signedIn(provider, { partition }))).toMatchObject({ name: 'IdentityError', code });
    expect(partition.text).toBeUndefined();
  });

  it.each([
    ['tenant', 'wrong-tenant'],
    ['expired-token', 'untrusted-answer'],
    ['opaque-token', 'untrusted-answer'],
  ] as const)("an application's, forged: %s", async (forgery, code) => {
    await using provider = await startProvider();
    provider.inject(faults.forge(forgery), TOKEN);
    const { client, partition } = secretClient(provider);
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({ code });
    expect(partition.text).toBeUndefined();
  });

  it('an opaque access token is fine where the id token says whose it is', async () => {
    await using provider = await startProvider();
    provider.inject(faults.forge('opaque-token'), TOKEN);
    const { token } = await signedIn(provider);
    expect(token).toMatchObject({ tenantId: provider.tenants[0]?.id, account: { userName: ADA.userName } });
    expect(token.accessToken).toMatch(/^fake-opaque\./);
  });

  it.each([
    ['behind', 7_200_000],
    ['ahead of', -7_200_000],
  ])("a clock %s the service's is named", async (direction, skew) => {
    await using provider = await startProvider({ clock: { now: () => Date.now() + skew } });
    const partition = new MemoryPartition();
    expect(await failureOf(signedIn(provider, { partition }))).toMatchObject({
      code: 'clock-skew',
      message: `this computer's clock is 120 minutes ${direction} the service's`,
    });
    expect(partition.text).toBeUndefined();
  });

  it('a clock that is a little off does no harm', async () => {
    for (const skew of [-200_000, 200_000]) {
      await using provider = await startProvider({ clock: { now: () => Date.now() + skew } });
      const { token } = await signedIn(provider);
      expect(Math.abs((token.expiresAt ?? 0) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    }
  });
});

describe('discovery', () => {
  it.each([
    ['leads to another host', faults.foreignEndpoints(ELSEWHERE), 'foreign-host'],
    ['is a page', faults.html(), 'bad-answer'],
    ['is not there', faults.notFoundJson(), 'bad-answer'],
    ['is empty', faults.answer({ status: 200, body: '{}' }), 'untrusted-answer'],
    ['is cut off', faults.reset(), 'unreachable'],
    ['redirects', faults.redirectTo(ELSEWHERE), 'foreign-host'],
  ])('that %s ends the sign-in before a secret leaves', async (_what, fault, code) => {
    await using provider = await startProvider();
    provider.inject(fault, DISCOVERY);
    expect(await failureOf(secretClient(provider).client.acquire({ scopes: [GRAPH] }))).toMatchObject({
      code,
    });
    expect(provider.requestsTo('/token')).toEqual([]);
  });

  it('with a foreign issuer is refused', async () => {
    await using provider = await startProvider();
    const base = `${provider.origin}/common`;
    const body = JSON.stringify({
      issuer: `${ELSEWHERE}/x/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    });
    provider.inject(faults.answer({ status: 200, body }), DISCOVERY);
    expect(await failureOf(secretClient(provider).client.acquire({ scopes: [GRAPH] }))).toMatchObject({
      code: 'untrusted-answer',
    });
    expect(provider.requestsTo('/token')).toEqual([]);
  });

  it('of an environment that is not there', async () => {
    await using provider = await startProvider();
    const nowhere = defineEnvironment({
      name: 'nowhere',
      basedOn: environmentOf(provider),
      login: 'https://127.0.0.1:1',
    });
    const { client } = secretClient(provider, { environment: nowhere });
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({ code: 'unreachable' });
  });

  it('tells of a tenant that is not there', async () => {
    await using provider = await startProvider();
    const { client } = secretClient(provider, { tenant: 'nobody.example' });
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({
      code: 'unknown-tenant',
      aadsts: 90002,
    });
  });
});
