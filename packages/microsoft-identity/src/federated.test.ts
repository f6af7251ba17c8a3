import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startProvider } from './bench.test.support.ts';
import { federatedAssertion } from './federated.ts';
import { faults } from './testing/index.ts';
import { trustingFetch } from './trusting-fetch.test.support.ts';

const NEVER = new AbortController().signal;
const options = { fetch: trustingFetch };

describe('AZURE_FEDERATED_TOKEN_FILE', () => {
  const inFolder = async (work: (path: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'slipline-$federated-'));
    await work(join(folder, 'token')).finally(() => rm(folder, { recursive: true }));
  };

  it('is read anew each time', () =>
    inFolder(async (path) => {
      const assertion = federatedAssertion({ AZURE_FEDERATED_TOKEN_FILE: path }, options);
      for (const token of ['a.b.c', 'd.e.f']) {
        await writeFile(path, `${token}\n`);
        expect(await assertion?.(NEVER)).toBe(token);
      }
    }));

  it.each([
    ['is empty', ''],
    ['is no token', 'not a token'],
    ['has two', 'a.b.c\na.b.c'],
    ['is a giant', `${'x'.repeat(70_000)}.b.c`],
  ])('%s: refused', (_what, text) =>
    inFolder(async (path) => {
      await writeFile(path, text);
      const assertion = federatedAssertion({ AZURE_FEDERATED_TOKEN_FILE: path }, options);
      await expect(assertion?.(NEVER)).rejects.toMatchObject({ code: 'invalid-settings' });
    }),
  );

  it('may be missing', async () => {
    const assertion = federatedAssertion({ AZURE_FEDERATED_TOKEN_FILE: '/nowhere/token' }, options);
    await expect(assertion?.(NEVER)).rejects.toMatchObject({ code: 'invalid-settings' });
  });
});

describe('GitHub', () => {
  it('gives an assertion for Entra', async () => {
    await using provider = await startProvider();
    const assertion = federatedAssertion(variablesOf(provider), options);
    const token = await assertion?.(NEVER);
    expect(JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      iss: provider.workload.issuer,
      aud: 'api://AzureADTokenExchange',
    });
    expect(provider.requests[0]?.query.get('api-version')).toBe('2.0');
  });

  it('refuses a wrong request token', async () => {
    await using provider = await startProvider();
    const variables = { ...variablesOf(provider), ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'wrong' };
    const refused = federatedAssertion(variables, options)?.(NEVER);
    await expect(refused).rejects.toMatchObject({
      code: 'invalid-settings',
      message: 'GitHub gave no federated token (401)',
    });
  });

  it('is asked over https only, and not at length', async () => {
    await using provider = await startProvider();
    const plain = { ...variablesOf(provider), ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1/token' };
    await expect(federatedAssertion(plain, options)?.(NEVER)).rejects.toMatchObject({
      code: 'invalid-settings',
    });
    provider.inject(faults.hang());
    const slow = federatedAssertion(variablesOf(provider), { ...options, requestTimeout: 20 });
    await expect(slow?.(NEVER)).rejects.toMatchObject({ code: 'timeout' });
  });

  function variablesOf(provider: Awaited<ReturnType<typeof startProvider>>) {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${provider.origin}/actions/id-token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: provider.workload.requestToken,
    };
  }
});

it.each([{}, { AZURE_FEDERATED_TOKEN_FILE: '' }, { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x' }])(
  'says so when %j tells of no issuer',
  (variables) => {
    expect(federatedAssertion(variables, options)).toBeUndefined();
  },
);
