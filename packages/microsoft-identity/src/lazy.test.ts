import { createRequire } from 'node:module';
import { expect, it, jest } from '@jest/globals';
import { serverIdentity } from './certificates.test.support.ts';

// Every module that is loaded from now on is seen here when it is a library of ours.
const loaded: string[] = [];
const actual = createRequire(import.meta.url);
for (const name of ['@azure/msal-node', 'node-forge']) {
  jest.unstable_mockModule(name, () => {
    loaded.push(name);
    const library = actual(name) as object;
    return { ...library, default: library };
  });
}

const {
  IdentityClient,
  ENVIRONMENTS,
  decodeClaims,
  defineEnvironment,
  findEnvironment,
  readCertificate,
  readPartition,
} = await import('./index.ts');
const { FakeIdentityProvider, PUBLIC_APPLICATION, SECRET_APPLICATION, CONTOSO } =
  await import('./testing/index.ts');
const { trustingFetch } = await import('./trusting-fetch.test.support.ts');
const { MemoryPartition, GRAPH, movableClock } = await import('./bench.test.support.ts');
const { MODERN_PFX, PASSWORD } = await import('./pfx-files.test.support.ts');

it('loads MSAL when a token must be fetched, and the reader of PFX files when there is one to read', async () => {
  // The certificate of the fake was made with the library, before anything of the package ran.
  serverIdentity();
  loaded.length = 0;
  await using provider = await FakeIdentityProvider.start({ certificate: serverIdentity() });
  const environment = defineEnvironment({
    name: 'lab',
    login: provider.origin,
    graph: 'https://graph.microsoft.com',
  });
  const clock = movableClock();
  const common = { environment, tenant: CONTOSO.id, fetch: trustingFetch, clock };

  expect(findEnvironment('worldwide')).toBe(ENVIRONMENTS[0]);
  expect(decodeClaims('x')).toBeUndefined();
  const accessToken = provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, GRAPH);
  const given = new IdentityClient({
    ...common,
    signIn: { kind: 'access-token', accessToken },
    partition: new MemoryPartition(),
  });
  await given.signIn({ scopes: [GRAPH] });
  const partition = new MemoryPartition();
  const { clientId } = PUBLIC_APPLICATION;
  const client = new IdentityClient({ ...common, clientId, signIn: { kind: 'device-code' }, partition });
  await expect(client.acquire({ scopes: [GRAPH] })).rejects.toMatchObject({ code: 'sign-in-required' });
  expect(await client.redeemable()).toEqual({ status: 'none' });
  expect(loaded).toEqual([]);

  await client.signIn({
    scopes: [GRAPH],
    onDeviceCode: ({ userCode }) => provider.approveDevice(userCode, 'ada@contoso.onmicrosoft.com'),
  });
  expect(loaded).toEqual(['@azure/msal-node']);

  await readCertificate({ content: Buffer.from(MODERN_PFX, 'base64'), password: PASSWORD });
  expect(loaded).toEqual(['@azure/msal-node', 'node-forge']);
  expect(readPartition(partition.text ?? '').hasRefreshToken).toBe(true);
});

it('does not load MSAL for a token that is kept', async () => {
  jest.resetModules();
  loaded.length = 0;
  await using provider = await FakeIdentityProvider.start({ certificate: serverIdentity() });
  const fresh = await import('./index.ts');
  const partition = new MemoryPartition(
    JSON.stringify({
      format: 1,
      kind: 'device-code',
      login: provider.origin,
      clientId: PUBLIC_APPLICATION.clientId,
      tenantId: CONTOSO.id,
      tokens: [
        {
          wanted: [GRAPH],
          scopes: ['User.Read'],
          accessToken: provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, GRAPH),
          expiresAt: Date.now() + 3_600_000,
        },
      ],
    }),
  );
  const client = new fresh.IdentityClient({
    environment: fresh.defineEnvironment({
      name: 'lab',
      login: provider.origin,
      graph: 'https://graph.microsoft.com',
    }),
    tenant: CONTOSO.id,
    clientId: PUBLIC_APPLICATION.clientId,
    signIn: { kind: 'device-code' },
    partition,
    fetch: trustingFetch,
  });
  expect((await client.acquire({ scopes: [GRAPH] })).tenantId).toBe(CONTOSO.id);
  expect(fresh.readPartition(partition.text ?? '').kind).toBe('device-code');
  expect([loaded, provider.requestCount]).toEqual([[], 0]);
});
