import { describe, expect, it } from '@jest/globals';
import { ADA, failureOf, publicClient, signedIn, startProvider, TENANT } from './bench.test.support.ts';
import { serverIdentity } from './certificates.test.support.ts';
import { defineEnvironment } from './environments.ts';
import { GraphClient } from './graph-client.ts';
import { COMPUTER_CLOCK } from './http.ts';
import { FakeGraph, faults, graphFaults, SECRET_APPLICATION, type Fault } from './testing/index.ts';
import { trustingFetch } from './trusting-fetch.test.support.ts';

async function openWorld() {
  let now = Date.now();
  const clock = { ...COMPUTER_CLOCK, now: () => now };
  const provider = await startProvider({ clock });
  const graph = await FakeGraph.start({ certificate: serverIdentity(), provider, clock });
  const environment = defineEnvironment({ name: 'lab', login: provider.origin, graph: graph.origin });
  const scopes = [`${graph.origin}/.default`];
  return {
    provider,
    graph,
    environment,
    clock,
    scopes,
    client: new GraphClient({ environment, fetch: trustingFetch }),
    advance: (milliseconds: number) => void (now += milliseconds),
    /** Ada's session, and her access token for Graph. */
    async ada() {
      const session = await signedIn(provider, { environment, clock });
      const { accessToken } = await session.client.acquire({ scopes });
      return { ...session, accessToken };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([graph.stop(), provider.stop()]);
    },
  };
}

describe('a person', () => {
  it('is told by their token', async () => {
    await using world = await openWorld();
    const { accessToken } = await world.ada();
    expect(await world.client.me(accessToken)).toMatchObject({
      userPrincipalName: ADA.userName,
      displayName: 'Ada Admin',
    });
  });

  it('is nobody for a token of an application, or for another resource', async () => {
    await using world = await openWorld();
    const application = world.provider.issueForApplication(
      TENANT,
      SECRET_APPLICATION,
      `${world.graph.origin}/.default`,
    );
    expect(await failureOf(world.client.me(application))).toMatchObject({ code: 'bad-answer' });
    const { token } = await signedIn(world.provider, { environment: world.environment });
    expect(await failureOf(world.client.me(token.accessToken))).toMatchObject({ code: 'token-refused' });
  });
});

describe('revoking', () => {
  it('sends one request, and the old refresh token is refused afterwards', async () => {
    await using world = await openWorld();
    const { client, accessToken } = await world.ada();
    expect(await client.redeemable()).toEqual({ status: 'accepted' });
    await world.client.revokeSignInSessions(accessToken);
    expect(world.graph.requests).toMatchObject([
      { method: 'POST', path: '/v1.0/me/revokeSignInSessions', body: '' },
    ]);
    expect(await client.redeemable()).toMatchObject({ status: 'refused', error: { aadsts: 50173 } });
    // What was issued lives on until it expires.
    expect(await world.client.me(accessToken)).toMatchObject({ userPrincipalName: ADA.userName });
  });

  it('takes effect after the delay, by the clock', async () => {
    await using world = await openWorld();
    world.graph.configure({ revocationDelay: 120_000 });
    const { client, accessToken } = await world.ada();
    await world.client.revokeSignInSessions(accessToken);
    expect(await client.redeemable()).toEqual({ status: 'accepted' });
    world.advance(120_000);
    expect(await client.redeemable()).toMatchObject({ status: 'refused' });
  });

  it('reaches nobody else', async () => {
    await using world = await openWorld();
    const { accessToken } = await world.ada();
    const { client: ben } = publicClient(world.provider, { environment: world.environment });
    await ben.signIn({
      scopes: world.scopes,
      onDeviceCode: ({ userCode }) => world.provider.approveDevice(userCode, 'ben@contoso.onmicrosoft.com'),
    });
    await world.client.revokeSignInSessions(accessToken);
    expect(await ben.redeemable()).toEqual({ status: 'accepted' });
  });

  it('ends access tokens too where they are evaluated continuously', async () => {
    await using world = await openWorld();
    world.graph.configure({ isContinuous: true });
    const { accessToken } = await world.ada();
    await world.client.revokeSignInSessions(accessToken);
    expect(await failureOf(world.client.me(accessToken))).toMatchObject({ code: 'token-refused' });
  });

  it('needs the permission, which is named', async () => {
    await using world = await openWorld();
    const { client } = await world.ada();
    const { accessToken } = await client.acquire({ scopes: [`${world.graph.origin}/User.Read`] });
    expect(await failureOf(world.client.revokeSignInSessions(accessToken))).toMatchObject({
      code: 'permission-missing',
      kind: 'denied',
      message: 'the sign-in lacks the permission User.RevokeSessions.All',
    });
    expect(await client.redeemable()).toEqual({ status: 'accepted' });
  });

  it.each<[string, Fault, object]>([
    ['401', graphFaults.unauthorized(), { code: 'token-refused', kind: 'refused', next: 'sign in again' }],
    ['403', graphFaults.forbidden(), { code: 'permission-missing', kind: 'denied' }],
    ['404', graphFaults.notFound(), { code: 'account-refused', kind: 'denied' }],
    [
      '429 with a time',
      graphFaults.throttled(17),
      { code: 'throttled', kind: 'throttled', retryAfter: 17_000, next: 'wait 17 seconds, then try again' },
    ],
    ['429', graphFaults.throttled(), { code: 'throttled', retryAfter: undefined }],
    ['503', graphFaults.serverError(), { code: 'unavailable', kind: 'unreachable' }],
    ['value: false', graphFaults.valueFalse(), { code: 'not-revoked', kind: 'protocol' }],
    ['a page', faults.html(), { code: 'bad-answer', kind: 'protocol' }],
    ['a page with 404', faults.html(404), { code: 'bad-answer' }],
    ['nothing', faults.empty(), { code: 'bad-answer' }],
    ['deep JSON', faults.deepJson(), { code: 'bad-answer' }],
    ['a reset', faults.reset(), { code: 'unreachable', kind: 'unreachable' }],
    [
      'a foreign host',
      faults.redirectTo('https://elsewhere.example/'),
      { code: 'foreign-host', kind: 'untrusted' },
    ],
  ])('that is answered with %s has failed, and nothing was revoked', async (_what, fault, expected) => {
    await using world = await openWorld();
    const { client, accessToken } = await world.ada();
    world.graph.inject(fault);
    const error = await failureOf(world.client.revokeSignInSessions(accessToken));
    expect(error).toMatchObject(expected);
    const shown = JSON.stringify([error, (error as Error).message, (error as Error).stack]);
    expect(world.provider.canaries().filter((canary) => shown.includes(canary))).toEqual([]);
    expect(await client.redeemable()).toEqual({ status: 'accepted' });
  });

  it('that is answered with too much is not believed, although it was carried out', async () => {
    await using world = await openWorld();
    const { accessToken } = await world.ada();
    world.graph.inject(faults.hugeBody());
    expect(await failureOf(world.client.revokeSignInSessions(accessToken))).toMatchObject({
      code: 'bad-answer',
    });
  });

  it('that is never answered ends in time, or when it is told to', async () => {
    await using world = await openWorld();
    const { accessToken } = await world.ada();
    world.graph.inject(faults.hang());
    const { environment } = world;
    const impatient = new GraphClient({ environment, fetch: trustingFetch, requestTimeout: 50 });
    expect(await failureOf(impatient.revokeSignInSessions(accessToken))).toMatchObject({ code: 'timeout' });
    const stop = new AbortController();
    const pending = world.client.revokeSignInSessions(accessToken, { signal: stop.signal });
    stop.abort();
    expect(await failureOf(pending)).toBe(stop.signal.reason);
  });

  it('puts no token into an address', async () => {
    await using world = await openWorld();
    const { accessToken } = await world.ada();
    await world.client.me(accessToken);
    await world.client.revokeSignInSessions(accessToken);
    const addresses = [...world.graph.requests, ...world.provider.requests].map(
      ({ path, query }) => `${path}?${query.toString()}`,
    );
    const canaries = world.provider.canaries();
    expect(addresses.filter((address) => canaries.some((canary) => address.includes(canary)))).toEqual([]);
  });
});
