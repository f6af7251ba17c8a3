import { describe, expect, it } from '@jest/globals';
import {
  failureOf,
  GRAPH,
  MemoryPartition,
  publicClient,
  startProvider,
  TENANT,
} from './bench.test.support.ts';
import { managedIdentityFrom, type ManagedIdentityName } from './managed-identity.ts';
import { CONTOSO, FakeMetadataService, faults } from './testing/index.ts';

const [SYSTEM, USER] = CONTOSO.managedIdentities;

async function machine() {
  const provider = await startProvider();
  const service = await FakeMetadataService.start({ provider });
  const azure = { AZURE_POD_IDENTITY_AUTHORITY_HOST: `${service.origin}/` };
  const appService = { IDENTITY_ENDPOINT: service.identityEndpoint, IDENTITY_HEADER: service.identityHeader };
  const client = (
    variables: Readonly<Record<string, string>>,
    name: ManagedIdentityName = {},
    tenant = TENANT,
  ) =>
    publicClient(provider, {
      clientId: undefined,
      tenant,
      signIn: { kind: 'managed-identity', source: managedIdentityFrom(variables, name) },
      fetch,
    });
  return {
    provider,
    service,
    azure,
    appService,
    client,
    [Symbol.asyncDispose]: async () => {
      await service.stop();
      await provider.stop();
    },
  };
}

describe.each(['azure', 'appService'] as const)('a managed identity by %s', (where) => {
  it.each([
    ['none', {}, SYSTEM],
    ['a client id', { clientId: USER?.clientId }, USER],
    ['an object id', { objectId: USER?.objectId }, USER],
    ['a resource id', { resourceId: USER?.resourceId }, USER],
  ])('is the one that %s names', async (_what, name, identity) => {
    await using lab = await machine();
    const { client } = lab.client(lab[where], name);
    const token = await client.acquire({ scopes: [GRAPH] });
    expect(lab.provider.introspect(token.accessToken)).toMatchObject({
      clientId: identity?.clientId,
      audience: GRAPH.slice(0, -9),
    });
    expect(token).toMatchObject({
      tenantId: TENANT,
      account: undefined,
      kind: 'managed-identity',
      scopes: identity?.roles,
    });
    expect(Math.abs((token.expiresAt ?? 0) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect((await client.acquire({ scopes: [GRAPH] })).accessToken).toBe(token.accessToken);
    expect(lab.service.requests.length).toBe(1);
  });

  it('that the machine does not have is named', async () => {
    await using lab = await machine();
    const { client } = lab.client(lab[where], { clientId: 'ffffffff-0000-4000-8000-000000000000' });
    await expect(client.acquire({ scopes: [GRAPH] })).rejects.toMatchObject({
      code: 'wrong-credential',
      message: 'this machine has no such managed identity (400)',
    });
  });

  it.each([
    ['HTML', faults.html(), 'bad-answer'],
    ['404 without an error', faults.notFoundJson(), 'bad-answer'],
    ['an empty token', faults.emptyToken(), 'bad-answer'],
    ['nothing', faults.reset(), 'unreachable'],
    ['no end of it', faults.hugeBody(5_000_000), 'bad-answer'],
    ['a redirect', faults.redirectTo('https://elsewhere.example/'), 'foreign-host'],
  ])('answers with %s', async (_what, fault, code) => {
    await using lab = await machine();
    lab.service.inject(fault);
    const { client, partition } = lab.client(lab[where]);
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({ code });
    expect(partition.text).toBeUndefined();
  });
});

describe('a managed identity', () => {
  it('of another tenant is refused', async () => {
    await using lab = await machine();
    const { client, partition } = lab.client(lab.azure, {}, '99999999-8888-7777-6666-555555555555');
    await expect(client.acquire({ scopes: [GRAPH] })).rejects.toMatchObject({ code: 'wrong-tenant' });
    expect(partition.text).toBeUndefined();
  });

  it('is not there on other machines', async () => {
    await using lab = await machine();
    lab.service.inject(faults.hang());
    const { client } = publicClient(lab.provider, {
      clientId: undefined,
      signIn: { kind: 'managed-identity', source: managedIdentityFrom(lab.azure) },
      fetch,
      requestTimeout: 20,
    });
    await expect(client.acquire({ scopes: [GRAPH] })).rejects.toMatchObject({
      code: 'timeout',
      message: 'there is no managed identity service here',
    });
  });

  it('is asked for at the address that every Azure machine knows', async () => {
    const asked: string[] = [];
    const spying = (async (url: string) => {
      asked.push(url);
      return new Response('{}', { status: 404 });
    }) as unknown as typeof fetch;
    await using provider = await startProvider();
    const signIn = { kind: 'managed-identity', source: managedIdentityFrom({}) } as const;
    const { client } = publicClient(provider, { clientId: undefined, signIn, fetch: spying });
    await failureOf(client.acquire({ scopes: [GRAPH] }));
    expect(asked).toEqual([
      'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com',
    ]);
  });

  it.each(['http://192.0.2.1/msi', 'http://127.0.0.1.evil.example/', 'ftp://127.0.0.1/', 'nonsense'])(
    'is not asked for at %s',
    async (url) => {
      await using provider = await startProvider();
      const source = managedIdentityFrom({ IDENTITY_ENDPOINT: url, IDENTITY_HEADER: 'h' });
      const signIn = { kind: 'managed-identity', source } as const;
      const { client } = publicClient(provider, {
        clientId: undefined,
        signIn,
        partition: new MemoryPartition(),
      });
      await expect(client.acquire({ scopes: [GRAPH] })).rejects.toMatchObject({ code: 'invalid-settings' });
    },
  );

  it('has tokens for one resource at a time', async () => {
    await using lab = await machine();
    const { client } = lab.client(lab.azure);
    for (const scopes of [['User.Read'], [GRAPH, 'https://outlook.office365.com/.default']]) {
      await expect(client.acquire({ scopes })).rejects.toMatchObject({ code: 'invalid-settings' });
    }
  });
});
