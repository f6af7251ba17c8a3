import { describe, expect, it } from '@jest/globals';
import { RESERVED_CLIENT_IDS } from './application.ts';
import {
  ADA,
  environmentOf,
  failureOf,
  GRAPH,
  MemoryPartition,
  movableClock,
  publicClient,
  signedIn,
  startProvider,
  TENANT,
} from './bench.test.support.ts';
import { defineEnvironment } from './environments.ts';
import { parsePartition, readPartition } from './partition.ts';
import { faults, type FakeIdentityProvider } from './testing/index.ts';

const OTHER = 'https://outlook.office365.com/.default';
const refreshes = (provider: FakeIdentityProvider) =>
  provider.requestsTo('/token').filter(({ form }) => form.get('grant_type') === 'refresh_token').length;

describe('acquire', () => {
  it('gives what is kept until five minutes before its end, then a fresh token, asking nobody', async () => {
    await using provider = await startProvider();
    const { partition, token } = await signedIn(provider);
    const clock = movableClock();
    const { client } = publicClient(provider, { partition, clock });
    expect((await client.acquire({ scopes: [GRAPH] })).accessToken).toBe(token.accessToken);
    clock.advance(3_600_000 - 299_000);
    const fresh = await client.acquire({ scopes: [GRAPH] });
    expect([fresh.accessToken === token.accessToken, refreshes(provider)]).toEqual([false, 1]);
    expect(fresh).toMatchObject({ account: token.account, tenantId: TENANT, kind: 'device-code' });
  });

  it.each(['requested', 'granted'] as const)(
    'is not misled by how the service spells scopes: %s',
    async (scopeEcho) => {
      await using provider = await startProvider({ settings: { scopeEcho } });
      const { client } = await signedIn(provider);
      for (let count = 0; count < 3; count += 1) await client.acquire({ scopes: [GRAPH] });
      expect(refreshes(provider)).toBe(0);
    },
  );

  it('keeps a token for each wish, and one sign-in for all', async () => {
    await using provider = await startProvider();
    const { client, token } = await signedIn(provider);
    const other = await client.acquire({ scopes: [OTHER] });
    expect(provider.introspect(other.accessToken)?.audience).toBe('https://outlook.office365.com');
    expect((await client.acquire({ scopes: [GRAPH] })).accessToken).toBe(token.accessToken);
    expect((await client.acquire({ scopes: [OTHER] })).accessToken).toBe(other.accessToken);
    expect(refreshes(provider)).toBe(1);
  });

  it('answers a challenge with a token that the service issues for it', async () => {
    await using provider = await startProvider();
    const { client } = await signedIn(provider);
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';
    await client.acquire({ scopes: [GRAPH], claims });
    expect(JSON.parse(provider.requestsTo('/token').at(-1)?.form.get('claims') ?? '')).toMatchObject(
      JSON.parse(claims) as object,
    );
    expect(refreshes(provider)).toBe(1);
  });

  it.each(['additive', 'exclusive', 'none'] as const)(
    'goes on whatever becomes of refresh tokens: %s',
    async (rotation) => {
      await using provider = await startProvider({ settings: { rotation } });
      const { client } = await signedIn(provider);
      for (let count = 0; count < 3; count += 1)
        await client.acquire({ scopes: [GRAPH], forceRefresh: true });
      expect(refreshes(provider)).toBe(3);
    },
  );

  it('knows the person without client_info too', async () => {
    await using provider = await startProvider({ settings: { clientInfo: false } });
    const { client, token } = await signedIn(provider);
    expect(token.account).toMatchObject({ userName: ADA.userName });
    expect((await client.acquire({ scopes: [GRAPH], forceRefresh: true })).account).toEqual(token.account);
  });

  it('needs a sign-in first, and has nothing left once the partition is empty', async () => {
    await using provider = await startProvider();
    expect(await failureOf(publicClient(provider).client.acquire({ scopes: [GRAPH] }))).toMatchObject({
      code: 'sign-in-required',
    });
    const { client, partition } = await signedIn(provider);
    partition.text = undefined;
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({ code: 'sign-in-required' });
    expect(refreshes(provider)).toBe(0);
  });

  it.each([
    ['revoked', 50173, 'grant-revoked'],
    ['not used for too long', 700082, 'grant-expired'],
    ['too old for a policy', 70043, 'grant-expired'],
    ['in need of a second factor', 50076, 'mfa-required'],
    ['blocked', 53003, 'blocked-by-policy'],
    ['without consent', 65001, 'consent-required'],
    ['of a disabled account', 50057, 'account-refused'],
  ])('says when the sign-in is %s, and loses nothing', async (_what, aadsts, code) => {
    await using provider = await startProvider();
    const { client, partition, token } = await signedIn(provider);
    const before = partition.text;
    provider.refuse(ADA.userName, aadsts);
    expect(await failureOf(client.acquire({ scopes: [GRAPH], forceRefresh: true }))).toMatchObject({
      code,
      aadsts,
    });
    expect(partition.text).toBe(before);
    expect((await client.acquire({ scopes: [GRAPH] })).accessToken).toBe(token.accessToken);
    provider.allow(ADA.userName);
    await client.acquire({ scopes: [GRAPH], forceRefresh: true });
  });
});

describe('two at once', () => {
  it.each([false, true])('get the same fresh token, fetched once (forced: %s)', async (forceRefresh) => {
    await using provider = await startProvider({ settings: { rotation: 'exclusive' } });
    const { partition, token } = await signedIn(provider);
    const clock = movableClock(Date.now() + 3_500_000);
    const held = provider.inject(faults.hang(), { path: '/token', times: 1 });
    const arrived = provider.nextRequest({ path: '/token' });
    const acquire = () =>
      publicClient(provider, { partition, clock }).client.acquire({ scopes: [GRAPH], forceRefresh });
    const both = [acquire(), acquire()];
    await arrived;
    held.release();
    const [one, other] = await Promise.all(both);
    expect(one?.accessToken).toBe(other?.accessToken);
    expect([one?.accessToken === token.accessToken, refreshes(provider)]).toEqual([false, 1]);
  });
});

describe('a token of somebody else', () => {
  it('of another tenant is refused at sign-in, and leaves no trace', async () => {
    await using provider = await startProvider();
    provider.inject(faults.forge('tenant'), { path: '/token' });
    const partition = new MemoryPartition();
    expect(await failureOf(signedIn(provider, { partition }))).toMatchObject({ code: 'wrong-tenant' });
    expect(partition.text).toBeUndefined();
  });

  it.each([TENANT, 'contoso.com', undefined])(
    'of another tenant is refused later (tenant: %s)',
    async (tenant) => {
      await using provider = await startProvider();
      const { client, partition } = await signedIn(provider, { tenant });
      const before = partition.text;
      provider.inject(faults.forge('tenant'), { path: '/token' });
      expect(await failureOf(client.acquire({ scopes: [GRAPH], forceRefresh: true }))).toMatchObject({
        code: 'wrong-tenant',
      });
      expect(partition.text).toBe(before);
    },
  );

  it('of another account is refused', async () => {
    await using provider = await startProvider();
    const { client, partition } = await signedIn(provider);
    const before = partition.text;
    provider.inject(faults.forge('account'), { path: '/token' });
    expect(await failureOf(client.acquire({ scopes: [GRAPH], forceRefresh: true }))).toMatchObject({
      code: 'wrong-account',
    });
    expect(partition.text).toBe(before);
  });

  it('is asked for in the tenant that the sign-in taught', async () => {
    await using provider = await startProvider();
    const { client } = await signedIn(provider, { tenant: undefined });
    await client.acquire({ scopes: [GRAPH], forceRefresh: true });
    const paths = provider.requestsTo('/token').map(({ path }) => path.split('/')[1]);
    expect(paths).toEqual(['organizations', TENANT]);
  });
});

describe('a partition', () => {
  it('is only ever answered from by its own application, environment, kind and tenant', async () => {
    await using provider = await startProvider();
    const { partition } = await signedIn(provider);
    const before = partition.text;
    const elsewhere = defineEnvironment({
      name: 'other',
      basedOn: environmentOf(provider),
      login: 'https://login.other.example',
    });
    const fails = (options: object) =>
      failureOf(publicClient(provider, { partition, ...options }).client.acquire({ scopes: [GRAPH] }));
    provider.clearRequests();
    expect(await fails({ clientId: '8f0c7c1e-5a43-4f4e-9d55-6f2f3f0a9b01' })).toMatchObject({
      code: 'unreadable-partition',
    });
    expect(await fails({ environment: elsewhere })).toMatchObject({ code: 'unreadable-partition' });
    expect(await fails({ signIn: { kind: 'interactive' } })).toMatchObject({ code: 'unreadable-partition' });
    expect(await fails({ tenant: '99999999-8888-7777-6666-555555555555' })).toMatchObject({
      code: 'wrong-tenant',
    });
    expect([partition.text === before, provider.requestCount]).toEqual([true, 0]);
  });

  it('that holds a token of another tenant gives it to nobody', async () => {
    await using provider = await startProvider();
    const { client, partition } = await signedIn(provider);
    const token = provider.issueForApplication(
      '99999999-8888-7777-6666-555555555555',
      { clientId: 'c', objectId: 'o', roles: [] },
      GRAPH,
    );
    const content = parsePartition(partition.text ?? '');
    const tokens = content.tokens.map((kept) => ({ ...kept, accessToken: token }));
    partition.text = JSON.stringify({ ...content, tokens });
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({ code: 'wrong-tenant' });
  });

  it.each(['', 'rubbish', '{"format":1}', '{"RefreshToken":{}}'])(
    'that is spoilt (%j) is left as it is',
    async (text) => {
      await using provider = await startProvider();
      const { client, partition } = publicClient(provider);
      partition.text = text;
      const attempts = [client.acquire({ scopes: [GRAPH] }), client.redeemable()];
      for (const attempt of attempts)
        expect(await failureOf(attempt)).toMatchObject({ code: 'unreadable-partition' });
      expect([partition.text, provider.requestCount]).toEqual([text, 0]);
    },
  );

  it('is filled anew by a sign-in, spoilt or not', async () => {
    await using provider = await startProvider();
    const { partition } = await signedIn(provider, { partition: new MemoryPartition('rubbish') });
    expect(readPartition(partition.text ?? '').account?.userName).toBe(ADA.userName);
  });

  it('that fails is heard in its own words', async () => {
    await using provider = await startProvider();
    const reason = new Error('the disk is full');
    const partition = new MemoryPartition();
    partition.replace = () => Promise.reject(reason);
    expect(await failureOf(signedIn(provider, { partition }))).toBe(reason);
  });

  it('never holds access tokens in what MSAL keeps', async () => {
    await using provider = await startProvider();
    const { client, partition, token } = await signedIn(provider);
    await client.acquire({ scopes: [GRAPH], forceRefresh: true });
    const { msal = '' } = parsePartition(partition.text ?? '');
    expect([JSON.parse(msal)]).toEqual([expect.objectContaining({ AccessToken: {} })]);
    expect(partition.text).not.toContain(token.accessToken);
  });
});

describe('redeemable', () => {
  it('tells accepted from refused, and changes nothing', async () => {
    let now = Date.now();
    await using provider = await startProvider({ clock: { now: () => now } });
    const { client, partition } = await signedIn(provider);
    const before = partition.text;
    provider.revoke(ADA.userName, { delay: 60_000 });
    expect(await client.redeemable()).toEqual({ status: 'accepted' });
    now += 60_000;
    expect(await client.redeemable()).toMatchObject({
      status: 'refused',
      error: { code: 'grant-revoked', aadsts: 50173 },
    });
    expect(partition.text).toBe(before);
  });

  it.each([
    ['a page', faults.html(), 'bad-answer'],
    ['too many requests', faults.throttled(7), 'throttled'],
    ['nothing', faults.reset(), 'unreachable'],
  ])('does not know when %s comes', async (_what, fault, code) => {
    await using provider = await startProvider();
    const { client } = await signedIn(provider);
    provider.inject(fault, { path: '/token' });
    expect(await client.redeemable()).toMatchObject({ status: 'unknown', error: { code } });
  });

  it('does not take a demand for a second factor, or another refusal, for the end of it', async () => {
    await using provider = await startProvider();
    const { client } = await signedIn(provider);
    for (const aadsts of [50076, 53003, 70000]) {
      provider.refuse(ADA.userName, aadsts);
      expect(await client.redeemable()).toMatchObject({ status: 'unknown' });
    }
  });

  it('has nothing to try without a refresh token', async () => {
    await using provider = await startProvider();
    expect(await publicClient(provider).client.redeemable()).toEqual({ status: 'none' });
  });

  it('ends with the signal', async () => {
    await using provider = await startProvider();
    const { client } = await signedIn(provider);
    const controller = new AbortController();
    const reason = new Error('enough');
    provider.inject(faults.hang(), { path: '/token' });
    const arrived = provider.nextRequest({ path: '/token' });
    const pending = failureOf(client.redeemable({ signal: controller.signal }));
    await arrived;
    controller.abort(reason);
    expect(await pending).toBe(reason);
  });
});

describe('what the caller gives', () => {
  it.each([
    ['no client id', { clientId: undefined }, 'client-id-required'],
    ...RESERVED_CLIENT_IDS.map(
      (clientId) => [`Microsoft's own ${clientId}`, { clientId }, 'client-id-reserved'] as const,
    ),
    ['a tenant that is none', { tenant: 'contoso' }, 'invalid-settings'],
  ] as const)('is refused before anything is sent: %s', async (_what, options, code) => {
    await using provider = await startProvider();
    const { client } = publicClient(provider, options);
    const onDeviceCode = () => undefined;
    expect(await failureOf(client.signIn({ scopes: [GRAPH], onDeviceCode }))).toMatchObject({ code });
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({ code });
    expect(await failureOf(client.acquire({ scopes: [] }))).toMatchObject({ code: 'invalid-settings' });
    expect(provider.requestCount).toBe(0);
  });
});
