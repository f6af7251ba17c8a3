import { describe, expect, it } from '@jest/globals';
import { environmentOf, failureOf, GRAPH, startProvider, TENANT } from './bench.test.support.ts';
import { findEnvironment } from './environments.ts';
import {
  clientOf,
  HeldPartition,
  partitionWithin,
  readKept,
  writeKept,
  type KeptSignIn,
} from './kept-sign-in.ts';
import type { SignInMethod } from './sign-in-method.ts';
import { PUBLIC_APPLICATION, SECRET_APPLICATION } from './testing/index.ts';
import { trustingFetch } from './trusting-fetch.test.support.ts';

const services = { fetch: trustingFetch, variables: {} };

/** A store whose text can be changed under the reader's feet. */
function storeOf(text: string) {
  const store = {
    text,
    read: async () => store.text,
    replace: async (change: (text: string) => Promise<string | undefined>) => {
      store.text = (await change(store.text)) ?? store.text;
    },
  };
  return store;
}

describe('what is kept', () => {
  const worldwide = findEnvironment('Global');
  it.each<[string, SignInMethod]>([
    ['a browser', { kind: 'interactive' }],
    ['a device code', { kind: 'device-code' }],
    ['a secret', { kind: 'client-secret', clientSecret: 'fake' }],
    ['a PEM file', { kind: 'certificate', certificate: { pem: 'fake', password: 'fake' }, sendsChain: true }],
    ['a PFX file', { kind: 'certificate', certificate: { pfx: 'ZmFrZQ==' } }],
    ['a thumbprint', { kind: 'certificate', certificate: { thumbprint: 'AB'.repeat(20) } }],
    ['federation', { kind: 'federated', tokenFile: '/a/token' }],
    ['a managed identity', { kind: 'managed-identity', name: { clientId: 'fake' } }],
    ['a token', { kind: 'access-token', accessToken: 'fake' }],
  ])('can be read again: %s', (_what, method) => {
    const kept: KeptSignIn = { environment: worldwide, clientId: 'a', tenant: 'b', method, partition: 'c' };
    expect(readKept(writeKept(kept))).toEqual(kept);
  });

  it('names a cloud, and describes an environment of ones own', async () => {
    await using provider = await startProvider();
    const environment = environmentOf(provider);
    const text = writeKept({ environment, method: { kind: 'device-code' } });
    expect(readKept(text).environment).toEqual(environment);
    expect(writeKept({ environment: worldwide, method: { kind: 'device-code' } })).not.toContain('https:');
  });

  const good = JSON.parse(
    writeKept({ environment: worldwide, clientId: 'a', method: { kind: 'device-code' } }),
  ) as object;
  it.each<[string, string]>([
    ['is empty', ''],
    ['is cut off', writeKept({ environment: worldwide, method: { kind: 'device-code' } }).slice(0, -5)],
    ['is too deep', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['is of another format', JSON.stringify({ ...good, format: 2 })],
    ['has no method', JSON.stringify({ ...good, method: undefined })],
    ['has an unknown method', JSON.stringify({ ...good, method: { kind: 'password' } })],
    ['has a number for a name', JSON.stringify({ ...good, clientId: 7 })],
    ['has a certificate that is none', JSON.stringify({ ...good, method: { kind: 'certificate' } })],
    ['has an unknown cloud', JSON.stringify({ ...good, environment: 'Mars' })],
    [
      'has an environment without TLS',
      JSON.stringify({
        ...good,
        environment: { name: 'x', login: 'http://a.test', graph: 'https://b.test' },
      }),
    ],
    [
      'has an environment that is no texts',
      JSON.stringify({ ...good, environment: { name: 'x', login: 1, graph: 'https://b.test' } }),
    ],
  ])('that %s is refused, with what to do', async (_what, text) => {
    const store = storeOf(text);
    const error = {
      code: 'unreadable-partition',
      kind: 'refused',
      next: 'disconnect the session and sign in again',
    };
    expect(await failureOf(partitionWithin(store).read())).toMatchObject(error);
    expect(await failureOf(partitionWithin(store).replace(async () => 'x'))).toMatchObject(error);
    expect(store.text).toBe(text);
  });
});

describe('a later process', () => {
  it('goes on where the first one signed in, and stores what it renews', async () => {
    await using provider = await startProvider();
    const { clientId } = PUBLIC_APPLICATION;
    const kept = {
      environment: environmentOf(provider),
      clientId,
      tenant: TENANT,
      method: { kind: 'device-code' },
    } as const;
    const held = new HeldPartition();
    const first = await clientOf(kept, held, services).signIn({
      scopes: [GRAPH],
      onDeviceCode: ({ userCode }) => provider.approveDevice(userCode, 'ada@contoso.onmicrosoft.com'),
    });
    const store = storeOf(writeKept({ ...kept, partition: held.text }));
    const later = clientOf(readKept(store.text), partitionWithin(store), services);
    expect(await later.acquire({ scopes: [GRAPH] })).toMatchObject({ accessToken: first.accessToken });
    const before = store.text;
    const { accessToken } = await later.acquire({ scopes: [GRAPH], forceRefresh: true });
    expect(accessToken).not.toBe(first.accessToken);
    expect(store.text).not.toBe(before);
    expect(readKept(store.text)).toMatchObject({ ...kept, environment: { name: 'lab' } });
  });

  it('signs in with the secret that is kept', async () => {
    await using provider = await startProvider();
    const method = { kind: 'client-secret', clientSecret: 'fake~client-secret' } as const;
    const { clientId } = SECRET_APPLICATION;
    const environment = environmentOf(provider);
    const store = storeOf(writeKept({ environment, clientId, tenant: TENANT, method }));
    const client = clientOf(readKept(store.text), partitionWithin(store), services);
    expect(await client.acquire({ scopes: [GRAPH] })).toMatchObject({ tenantId: TENANT, account: undefined });
    expect(readKept(store.text).partition).toBeDefined();
  });

  it('needs a federated token to be offered to it', () => {
    const environment = findEnvironment('Global');
    const open = () =>
      clientOf({ environment, method: { kind: 'federated' } }, new HeldPartition(), services);
    expect(open).toThrow('no federated token is offered to this process');
  });
});
