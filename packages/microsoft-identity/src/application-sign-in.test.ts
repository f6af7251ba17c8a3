import { describe, expect, it } from '@jest/globals';
import {
  failureOf,
  GRAPH,
  MemoryPartition,
  publicClient,
  secretClient,
  startProvider,
  TENANT,
} from './bench.test.support.ts';
import { selfSigned } from './certificates.test.support.ts';
import { federatedAssertion } from './federated.ts';
import type { SignIn } from './sign-in.ts';
import {
  CONTOSO,
  SECRET_APPLICATION,
  type FakeApplication,
  type FakeIdentityProvider,
  type Identity,
} from './testing/index.ts';
import { trustingFetch } from './trusting-fetch.test.support.ts';

const DAY = 86_400_000;
const own = selfSigned();
const { clientId } = SECRET_APPLICATION;

const register = (provider: FakeIdentityProvider, change: Partial<FakeApplication>) =>
  provider.register(CONTOSO.id, { ...SECRET_APPLICATION, ...change });

const byCertificate = ({ certificate, privateKey }: Identity, sendsChain = false): SignIn => ({
  kind: 'certificate',
  certificate: { content: certificate + privateKey },
  sendsChain,
});

describe('an application with a secret', () => {
  it('gets tokens of its own, keeps them, and leaves nothing with MSAL', async () => {
    await using provider = await startProvider();
    const { client, partition } = secretClient(provider);
    const token = await client.acquire({ scopes: [GRAPH] });
    expect(token).toMatchObject({
      kind: 'client-secret',
      tenantId: TENANT,
      account: undefined,
      scopes: SECRET_APPLICATION.roles,
    });
    expect(provider.introspect(token.accessToken)).toMatchObject({
      clientId,
      roles: SECRET_APPLICATION.roles,
    });
    expect((await client.acquire({ scopes: [GRAPH] })).accessToken).toBe(token.accessToken);
    expect(provider.requestsTo('/token').length).toBe(1);
    expect((await client.acquire({ scopes: [GRAPH], forceRefresh: true })).accessToken).not.toBe(
      token.accessToken,
    );
    expect(partition.text).not.toMatch(/fake~client-secret|msal/);
  });

  it('signs in with a fresh token, whatever is kept', async () => {
    await using provider = await startProvider();
    const { client, partition } = secretClient(provider);
    const kept = await client.acquire({ scopes: [GRAPH] });
    expect((await client.signIn({ scopes: [GRAPH] })).accessToken).not.toBe(kept.accessToken);
    expect(partition.text).not.toContain(kept.accessToken);
  });

  it('sends the secret in the body, to its login host alone', async () => {
    await using provider = await startProvider();
    await secretClient(provider).client.acquire({ scopes: [GRAPH] });
    const addresses = provider.requests.map(({ path, query }) => `${path}?${query.toString()}`);
    expect(addresses.join()).not.toContain('secret');
    expect(provider.requestsTo('/token')[0]?.form.get('client_secret')).toBe('fake~client-secret');
  });

  it('is told what is wrong with it', async () => {
    await using provider = await startProvider();
    const fails = async (secret: string) =>
      failureOf(
        secretClient(provider, { signIn: { kind: 'client-secret', clientSecret: secret } }).client.acquire({
          scopes: [GRAPH],
        }),
      );
    expect(await fails('wrong')).toMatchObject({ code: 'wrong-credential', aadsts: 7000215 });
    register(provider, { secrets: [{ value: 'old', expiresAt: Date.now() - DAY }] });
    expect(await fails('old')).toMatchObject({ code: 'expired-credential', aadsts: 7000222 });
  });

  it('names its tenant', async () => {
    await using provider = await startProvider();
    for (const tenant of [undefined, 'common', 'organizations']) {
      const pending = secretClient(provider, { tenant }).client.acquire({ scopes: [GRAPH] });
      expect(await failureOf(pending)).toMatchObject({ code: 'invalid-settings' });
    }
    expect(provider.requestCount).toBe(0);
    const { client } = secretClient(provider, { tenant: 'contoso.com' });
    expect((await client.acquire({ scopes: [GRAPH] })).tenantId).toBe(TENANT);
  });

  it('that is not there, is in a tenant that is not there, or may not do this', async () => {
    await using provider = await startProvider();
    const fails = (options: Parameters<typeof secretClient>[1]) =>
      failureOf(secretClient(provider, options).client.acquire({ scopes: [GRAPH] }));
    expect(await fails({ tenant: '99999999-8888-7777-6666-555555555555' })).toMatchObject({
      code: 'unknown-application',
      aadsts: 700016,
    });
    expect(await fails({ tenant: 'nobody.example' })).toMatchObject({
      code: 'unknown-tenant',
      aadsts: 90002,
    });
    const signIn = { kind: 'client-secret', clientSecret: 'x' } as const;
    const publicOne = publicClient(provider, { signIn }).client.acquire({ scopes: [GRAPH] });
    expect(await failureOf(publicOne)).toMatchObject({ code: 'application-misconfigured', aadsts: 700025 });
  });
});

describe('an application with a certificate', () => {
  it('proves itself with PS256 and the SHA-256 thumbprint', async () => {
    await using provider = await startProvider();
    register(provider, { certificates: [own.certificate] });
    const { client, partition } = publicClient(provider, { clientId, signIn: byCertificate(own) });
    const token = await client.acquire({ scopes: [GRAPH] });
    expect(provider.introspect(token.accessToken)?.clientId).toBe(clientId);
    const assertion = provider.requestsTo('/token')[0]?.form.get('client_assertion') ?? '';
    const [header, claims] = assertion.split('.').map(
      (part) =>
        JSON.parse(
          Buffer.from(part, 'base64url')
            .toString('latin1')
            .replace(/^[^{].*/s, 'null'),
        ) as Record<string, unknown>,
    );
    expect(header).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': expect.any(String) });
    expect(claims).toMatchObject({
      iss: clientId,
      sub: clientId,
      aud: `${provider.origin}/${TENANT}/oauth2/v2.0/token`,
    });
    expect(Number(claims?.['exp']) - Number(claims?.['nbf'])).toBe(600);
    expect(partition.text).not.toContain('PRIVATE KEY');
  });

  it('sends its chain where that is wanted', async () => {
    await using provider = await startProvider();
    register(provider, { certificates: [own.certificate] });
    await publicClient(provider, { clientId, signIn: byCertificate(own, true) }).client.acquire({
      scopes: [GRAPH],
    });
    const [header = ''] = (provider.requestsTo('/token')[0]?.form.get('client_assertion') ?? '').split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
      x5c: [expect.stringMatching(/^MII/)],
    });
  });

  it.each([
    ['is not registered', selfSigned(), 'wrong-credential', 1],
    [
      'has expired',
      selfSigned({ validFrom: new Date(Date.now() - 2 * DAY), validTo: new Date(Date.now() - DAY) }),
      'expired-credential',
      0,
    ],
    ['is not valid yet', selfSigned({ validFrom: new Date(Date.now() + DAY) }), 'expired-credential', 0],
  ])('that %s is told so', async (_what, identity, code, asked) => {
    await using provider = await startProvider();
    register(provider, { certificates: [own.certificate] });
    const { client } = publicClient(provider, { clientId, signIn: byCertificate(identity) });
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({ code });
    // What has expired is not even shown.
    expect(provider.requestsTo('/token').length).toBe(asked);
  });

  it('on a computer with a wrong clock is told of the clock', async () => {
    await using provider = await startProvider({ clock: { now: () => Date.now() + 7_200_000 } });
    register(provider, { certificates: [own.certificate] });
    const { client } = publicClient(provider, { clientId, signIn: byCertificate(own) });
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({
      code: 'clock-skew',
      message: "this computer's clock is 120 minutes behind the service's",
      next: 'set the clock, then try again',
    });
  });
});

describe('an application that another system vouches for', () => {
  const federated = (provider: FakeIdentityProvider, assertion: () => Promise<string>) =>
    publicClient(provider, {
      clientId,
      signIn: { kind: 'federated', assertion },
      partition: new MemoryPartition(),
    }).client;

  it('gets tokens for each assertion, fresh ones each time', async () => {
    await using provider = await startProvider();
    register(provider, { federatedCredentials: [provider.workload.credential] });
    const variables = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${provider.origin}/actions/id-token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: provider.workload.requestToken,
    };
    const assertion = federatedAssertion(variables, { fetch: trustingFetch });
    if (assertion === undefined) throw new Error('There is no issuer.');
    const { client } = publicClient(provider, { clientId, signIn: { kind: 'federated', assertion } });
    const token = await client.acquire({ scopes: [GRAPH] });
    expect(provider.introspect(token.accessToken)?.clientId).toBe(clientId);
    await client.acquire({ scopes: [GRAPH], forceRefresh: true });
    const assertions = provider.requestsTo('/token').map(({ form }) => form.get('client_assertion'));
    expect([assertions.length, provider.requestsTo('/id-token').length]).toEqual([2, 2]);
  });

  it('is told what is wrong with it', async () => {
    await using provider = await startProvider();
    const { workload } = provider;
    register(provider, { federatedCredentials: [workload.credential] });
    const seconds = Math.floor(Date.now() / 1000);
    const fails = (assertion: string) =>
      failureOf(federated(provider, async () => assertion).acquire({ scopes: [GRAPH] }));
    expect(await fails(workload.assertion({ exp: seconds - 600 }))).toMatchObject({
      code: 'expired-credential',
      aadsts: 700024,
    });
    expect(await fails(workload.assertion({ sub: 'another' }))).toMatchObject({
      code: 'wrong-credential',
      aadsts: 70021,
    });
    expect(await fails('nonsense')).toMatchObject({ code: 'invalid-settings' });
  });

  it('hears what keeps it from an assertion', async () => {
    await using provider = await startProvider();
    const reason = new Error('no workload here');
    expect(
      await failureOf(federated(provider, () => Promise.reject(reason)).acquire({ scopes: [GRAPH] })),
    ).toBe(reason);
  });
});

describe('a token that is there already', () => {
  const given = (provider: FakeIdentityProvider, accessToken: string, tenant: string | undefined = TENANT) =>
    publicClient(provider, { clientId: undefined, tenant, signIn: { kind: 'access-token', accessToken } });
  const issue = (provider: FakeIdentityProvider) =>
    provider.issueForApplication(TENANT, SECRET_APPLICATION, GRAPH);

  it('is used as it is, for whatever is asked, and asks nobody', async () => {
    await using provider = await startProvider();
    const accessToken = issue(provider);
    const { client } = given(provider, `${accessToken}\n`, undefined);
    expect(await client.signIn({ scopes: [GRAPH] })).toMatchObject({
      accessToken,
      tenantId: TENANT,
      scopes: SECRET_APPLICATION.roles,
    });
    expect((await client.acquire({ scopes: ['Another.Scope'] })).accessToken).toBe(accessToken);
    expect(provider.requestCount).toBe(0);
  });

  it('cannot be renewed', async () => {
    let behind = 7_200_000;
    await using provider = await startProvider({ clock: { now: () => Date.now() - behind } });
    const expired = given(provider, issue(provider)).client.signIn({ scopes: [GRAPH] });
    expect(await failureOf(expired)).toMatchObject({ code: 'sign-in-required' });
    behind = 0;
    const { client, partition } = given(provider, issue(provider));
    await client.signIn({ scopes: [GRAPH] });
    const before = partition.text;
    expect(await failureOf(client.acquire({ scopes: [GRAPH], forceRefresh: true }))).toMatchObject({
      code: 'sign-in-required',
    });
    expect(partition.text).toBe(before);
  });

  it.each(['', ' ', 'Bearer eyJ', 'a\nb', 'x'.repeat(70_000)])(
    'is refused where it is %j',
    async (accessToken) => {
      await using provider = await startProvider();
      expect(await failureOf(given(provider, accessToken).client.signIn({ scopes: [GRAPH] }))).toMatchObject({
        code: 'invalid-settings',
      });
    },
  );

  it('of another tenant is refused', async () => {
    await using provider = await startProvider();
    const { client, partition } = given(provider, issue(provider), '99999999-8888-7777-6666-555555555555');
    expect(await failureOf(client.signIn({ scopes: [GRAPH] }))).toMatchObject({ code: 'wrong-tenant' });
    expect(partition.text).toBeUndefined();
  });
});
