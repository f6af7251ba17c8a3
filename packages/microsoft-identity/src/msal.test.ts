import { afterEach, describe, expect, it } from '@jest/globals';
import { GRAPH, failureOf, publicClient, secretClient, startProvider, TENANT } from './bench.test.support.ts';
import { findEnvironment } from './environments.ts';

/** What a client asks for, and nothing comes back. */
function recorder() {
  const urls: string[] = [];
  const recording = (async (url: string) => {
    urls.push(url);
    return new Response('{"error":"invalid_client","error_codes":[7000215]}', { status: 401 });
  }) as unknown as typeof fetch;
  return { urls, fetch: recording };
}

describe('for a cloud that MSAL knows', () => {
  it.each([
    ['Global', `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`],
    ['USGov', `https://login.microsoftonline.us/${TENANT}/oauth2/v2.0/token`],
    ['BleuCloud', `https://login.sovcloud-identity.fr/${TENANT}/oauth2/v2.0/token`],
  ])('%s is asked for a token at once, and nobody else for anything', async (name, url) => {
    await using provider = await startProvider();
    const { urls, fetch } = recorder();
    const { client } = secretClient(provider, { environment: findEnvironment(name), fetch });
    expect(await failureOf(client.acquire({ scopes: [GRAPH] }))).toMatchObject({ code: 'wrong-credential' });
    expect(urls.map((asked) => asked.split('?')[0])).toEqual([url]);
  });

  it.each(['China', 'Germany'])('%s is discovered at its own login', async (name) => {
    await using provider = await startProvider();
    const { urls, fetch } = recorder();
    const environment = findEnvironment(name);
    await failureOf(secretClient(provider, { environment, fetch }).client.acquire({ scopes: [GRAPH] }));
    expect(urls).toEqual([`${environment.login}/${TENANT}/v2.0/.well-known/openid-configuration`]);
  });
});

describe("an environment of one's own", () => {
  it('is asked about itself, by host and port, and the public cloud is not', async () => {
    await using provider = await startProvider();
    await secretClient(provider).client.acquire({ scopes: [GRAPH] });
    expect(provider.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /${TENANT}/v2.0/.well-known/openid-configuration`,
      `POST /${TENANT}/oauth2/v2.0/token`,
    ]);
  });
});

describe('variables that MSAL reads by itself', () => {
  const names = ['MSAL_FORCE_REGION', 'REGION_NAME'];
  afterEach(() => {
    for (const name of names) delete process.env[name];
  });

  it('do not send a secret to a regional host', async () => {
    for (const name of names) process.env[name] = 'evil';
    await using provider = await startProvider();
    const { urls, fetch } = recorder();
    const { client } = secretClient(provider, { environment: findEnvironment('Global'), fetch });
    await failureOf(client.acquire({ scopes: [GRAPH] }));
    expect(urls.map((url) => new URL(url).host)).toEqual(['login.microsoftonline.com']);
  });
});

it('asks people over the same grant in its own spelling', async () => {
  await using provider = await startProvider();
  const { client } = publicClient(provider);
  await client.signIn({
    scopes: [GRAPH],
    onDeviceCode: ({ userCode }) =>
      provider.approveDevice(userCode, 'ada@contoso.com'.replace('.com', '.onmicrosoft.com')),
  });
  expect(provider.requestsTo('/token').map(({ form }) => form.get('grant_type'))).toEqual(['device_code']);
});
