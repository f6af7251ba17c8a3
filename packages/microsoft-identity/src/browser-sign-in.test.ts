import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  ADA,
  browserOf,
  failureOf,
  GRAPH,
  publicClient,
  startProvider,
  TENANT,
} from './bench.test.support.ts';
import { readPartition } from './partition.ts';
import {
  CONTOSO,
  faults,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
  type FakeIdentityProvider,
} from './testing/index.ts';

const browserClient = (provider: FakeIdentityProvider, options: Parameters<typeof publicClient>[1] = {}) =>
  publicClient(provider, { signIn: { kind: 'interactive' }, ...options });

describe('a sign-in in the browser', () => {
  it('ends with tokens of the person, and can be refreshed', async () => {
    await using provider = await startProvider();
    const { client, partition } = browserClient(provider);
    const token = await client.signIn({ scopes: [GRAPH], openBrowser: browserOf() });
    expect(token).toMatchObject({
      kind: 'interactive',
      tenantId: TENANT,
      account: { userName: ADA.userName, name: 'Ada Admin' },
    });
    expect(provider.introspect(token.accessToken)).toMatchObject({
      userName: ADA.userName,
      clientId: PUBLIC_APPLICATION.clientId,
    });
    expect(readPartition(partition.text ?? '')).toMatchObject({
      hasRefreshToken: true,
      account: token.account,
    });
    const fresh = await client.acquire({ scopes: [GRAPH], forceRefresh: true });
    expect(provider.introspect(fresh.accessToken)?.userName).toBe(ADA.userName);
  });

  it('is made with PKCE, a state and a nonce, new ones each time, and comes back as a form', async () => {
    await using provider = await startProvider();
    const urls: URLSearchParams[] = [];
    for (let count = 0; count < 2; count += 1) {
      const signIn = browserOf();
      const openBrowser = (url: string) => {
        urls.push(new URL(url).searchParams);
        return signIn(url);
      };
      await browserClient(provider).client.signIn({ scopes: [GRAPH], openBrowser, loginHint: ADA.userName });
    }
    for (const [index, url] of urls.entries()) {
      const verifier = provider.requestsTo('/token')[index]?.form.get('code_verifier') ?? '';
      expect(Object.fromEntries(url)).toMatchObject({
        response_type: 'code',
        response_mode: 'form_post',
        code_challenge_method: 'S256',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+$/),
        login_hint: ADA.userName,
      });
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = urls.map((url) => url.get(name) ?? '');
      expect([new Set(values).size, values.every((value) => value.length >= 43)]).toEqual([2, true]);
    }
  });

  it('lets the person choose an account, unless it is known who is expected', async () => {
    await using provider = await startProvider();
    const prompts: (string | null)[] = [];
    for (const loginHint of [undefined, ADA.userName]) {
      const signIn = browserOf();
      const openBrowser = (url: string) => {
        prompts.push(new URL(url).searchParams.get('prompt'));
        return signIn(url);
      };
      await browserClient(provider).client.signIn({ scopes: [GRAPH], openBrowser, loginHint });
    }
    expect(prompts).toEqual(['select_account', null]);
  });

  it('works for a registration that wants a secret', async () => {
    await using provider = await startProvider();
    const signIn = { kind: 'interactive', clientSecret: 'fake~client-secret' } as const;
    const { client } = browserClient(provider, { clientId: SECRET_APPLICATION.clientId, signIn });
    const token = await client.signIn({ scopes: [GRAPH], openBrowser: browserOf() });
    expect(provider.introspect(token.accessToken)?.clientId).toBe(SECRET_APPLICATION.clientId);
    await client.acquire({ scopes: [GRAPH], forceRefresh: true });
    expect(provider.requestsTo('/token').map(({ form }) => form.get('grant_type'))).toEqual([
      'authorization_code',
      'refresh_token',
    ]);
  });

  it('needs a way to open a browser', async () => {
    await using provider = await startProvider();
    await expect(browserClient(provider).client.signIn({ scopes: [GRAPH] })).rejects.toMatchObject({
      code: 'sign-in-required',
    });
    expect(provider.requestCount).toBe(0);
  });
});

describe('a sign-in in the browser that fails', () => {
  it.each([
    ['declines', { ...ADA, decision: 'decline' } as const, 'declined', 65004],
    ['is refused by Conditional Access', ADA, 'blocked-by-policy', 53003],
    ['has no second factor', ADA, 'mfa-required', 50079],
  ])('since the person %s', async (_what, person, code, aadsts) => {
    await using provider = await startProvider();
    if (code !== 'declined') provider.refuse(ADA.userName, aadsts);
    const { client, partition } = browserClient(provider);
    const pending = client.signIn({ scopes: [GRAPH], openBrowser: browserOf(person) });
    expect(await failureOf(pending)).toMatchObject({ code, aadsts });
    expect([partition.text, provider.requestsTo('/token')]).toEqual([undefined, []]);
  });

  it('since an administrator must consent', async () => {
    await using provider = await startProvider();
    provider.register(CONTOSO.id, { ...PUBLIC_APPLICATION, consent: 'admin' });
    const pending = browserClient(provider).client.signIn({ scopes: [GRAPH], openBrowser: browserOf() });
    expect(await failureOf(pending)).toMatchObject({ code: 'consent-required', aadsts: 90094 });
  });

  it('since nobody comes back in time', async () => {
    await using provider = await startProvider();
    const { client } = browserClient(provider, { signInTimeout: 20 });
    const pending = client.signIn({ scopes: [GRAPH], openBrowser: () => undefined });
    expect(await failureOf(pending)).toMatchObject({ code: 'code-expired', next: 'sign in again' });
  });

  it('since the browser cannot be opened, in the words of whoever tried', async () => {
    await using provider = await startProvider();
    const reason = new Error('no browser');
    const attempts = [
      () => Promise.reject(reason),
      () => {
        throw reason;
      },
    ];
    for (const openBrowser of attempts) {
      expect(await failureOf(browserClient(provider).client.signIn({ scopes: [GRAPH], openBrowser }))).toBe(
        reason,
      );
    }
  });

  it('since the caller has had enough', async () => {
    await using provider = await startProvider();
    const controller = new AbortController();
    const reason = new Error('enough');
    const openBrowser = () => controller.abort(reason);
    const pending = browserClient(provider).client.signIn({
      scopes: [GRAPH],
      openBrowser,
      signal: controller.signal,
    });
    expect(await failureOf(pending)).toBe(reason);
  });

  it('since the token is for another sign-in', async () => {
    await using provider = await startProvider();
    provider.inject(faults.forge('nonce'), { path: '/token' });
    const { client, partition } = browserClient(provider);
    const pending = client.signIn({ scopes: [GRAPH], openBrowser: browserOf() });
    expect(await failureOf(pending)).toMatchObject({ code: 'untrusted-answer' });
    expect(partition.text).toBeUndefined();
  });

  it('since the sign-in page is on another host, which is not opened', async () => {
    await using provider = await startProvider();
    provider.inject(faults.foreignEndpoints('https://login.evil.example'), { path: '/openid-configuration' });
    const opened: string[] = [];
    const openBrowser = (url: string) => void opened.push(url);
    const pending = browserClient(provider).client.signIn({ scopes: [GRAPH], openBrowser });
    expect(await failureOf(pending)).toMatchObject({
      code: 'foreign-host',
    });
    expect(opened).toEqual([]);
  });
});
