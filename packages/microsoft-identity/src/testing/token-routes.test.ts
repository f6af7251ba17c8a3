import { constants, createHash, sign, X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { trustingFetch } from '../trusting-fetch.test.support.ts';
import { selfSigned } from '../certificates.test.support.ts';
import {
  CONTOSO,
  FABRIKAM,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
  type FakeIdentityProvider,
  type Identity,
} from './index.ts';
import {
  ADA,
  authorization,
  numberOf,
  post,
  publicFields,
  refresh,
  secretFields,
  signIn,
  start,
  TOKEN,
  wire,
} from './wire.test.support.ts';

const DEVICE_CODE = `/${CONTOSO.id}/oauth2/v2.0/devicecode`;

describe('the token endpoint refuses', () => {
  it.each([
    ['an unknown tenant', '/nobody.example/oauth2/v2.0/token', {}, 400, 'invalid_request', 90002],
    [
      'an unknown application',
      TOKEN,
      { client_id: 'ffffffff-0000-4000-8000-000000000000' },
      400,
      'unauthorized_client',
      700016,
    ],
    ['a wrong secret', TOKEN, { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['an unknown grant', TOKEN, { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    [
      'a mixture of resources',
      TOKEN,
      { scope: 'https://a.example/.default https://b.example/.default' },
      400,
      'invalid_scope',
      70011,
    ],
    ['a delegated scope for an application', TOKEN, { scope: 'User.Read' }, 400, 'invalid_scope', 70011],
    [
      'an application without a tenant',
      '/organizations/oauth2/v2.0/token',
      {},
      400,
      'invalid_request',
      50059,
    ],
    [
      'an application of another tenant',
      `/${FABRIKAM.id}/oauth2/v2.0/token`,
      {},
      400,
      'unauthorized_client',
      700016,
    ],
  ] as const)('%s', async (_what, path, change, status, error, code) => {
    await using provider = await start();
    const reply = await post(provider, path, { ...secretFields, ...change });
    expect([reply.status, reply.json['error'], numberOf(reply)]).toEqual([status, error, code]);
    expect(reply.json['error_description']).toMatch(new RegExp(`^AADSTS${code}: .*\\r\\nTrace ID: `));
  });

  it('an application that shows nothing, a public one that shows something, and a secret past its time', async () => {
    await using provider = await start();
    const { client_id, scope, grant_type } = secretFields;
    const nothing = { client_id, scope, grant_type };
    expect(numberOf(await post(provider, TOKEN, nothing))).toBe(7000218);
    const shown = { ...secretFields, client_id: PUBLIC_APPLICATION.clientId };
    expect(numberOf(await post(provider, TOKEN, shown))).toBe(700025);
    provider.register(CONTOSO.id, {
      ...SECRET_APPLICATION,
      secrets: [{ value: 'old', expiresAt: Date.now() }],
    });
    expect(numberOf(await post(provider, TOKEN, { ...secretFields, client_secret: 'old' }))).toBe(7000222);
  });

  it('a body that is not a form', async () => {
    await using provider = await start();
    const body = JSON.stringify(secretFields);
    const reply = await trustingFetch(`${provider.origin}${TOKEN}`, { method: 'POST', body });
    expect([reply.status, await reply.json()]).toEqual([
      400,
      expect.objectContaining({ error_codes: [900144] }),
    ]);
  });

  it('whom it is told to refuse, until it is told otherwise', async () => {
    await using provider = await start();
    const { refresh_token: refreshToken } = await signIn(provider);
    provider.refuse(ADA.userName, 53003);
    expect(numberOf(await refresh(provider, refreshToken))).toBe(53003);
    provider.allow(ADA.userName);
    expect((await refresh(provider, refreshToken)).status).toBe(200);
    provider.refuse(SECRET_APPLICATION.clientId, 7000112);
    expect(numberOf(await post(provider, TOKEN, secretFields))).toBe(7000112);
  });

  it('a refresh token that is made up, of another application, or for another tenant', async () => {
    await using provider = await start();
    const { refresh_token: refreshToken } = await signIn(provider);
    expect(numberOf(await refresh(provider, 'made-up'))).toBe(70000);
    const stolen = { ...secretFields, grant_type: 'refresh_token', refresh_token: String(refreshToken) };
    expect(numberOf(await post(provider, TOKEN, stolen))).toBe(70000);
    const elsewhere = { ...publicFields, grant_type: 'refresh_token', refresh_token: String(refreshToken) };
    expect(numberOf(await post(provider, `/${FABRIKAM.id}/oauth2/v2.0/token`, elsewhere))).toBe(50034);
  });
});

describe('device codes', () => {
  const poll = (
    provider: FakeIdentityProvider,
    code: unknown,
    grant = 'urn:ietf:params:oauth:grant-type:device_code',
  ) => post(provider, TOKEN, { ...publicFields, grant_type: grant, device_code: String(code) });

  it('are pending until somebody signs in, then good once, in both spellings', async () => {
    await using provider = await start();
    for (const grant of ['device_code', 'urn:ietf:params:oauth:grant-type:device_code']) {
      const { json } = await post(provider, DEVICE_CODE, publicFields);
      expect(json).toMatchObject({
        expires_in: 900,
        interval: 5,
        verification_uri: expect.stringContaining('https://'),
      });
      const pending = await poll(provider, json['device_code'], grant);
      expect([pending.status, pending.json['error'], numberOf(pending)]).toEqual([
        400,
        'authorization_pending',
        70016,
      ]);
      provider.approveDevice(String(json['user_code']), ADA.userName);
      expect((await poll(provider, json['device_code'], grant)).json).toHaveProperty('refresh_token');
      expect(numberOf(await poll(provider, json['device_code'], grant))).toBe(70000);
    }
  });

  it('are declined, expire, and ask for patience', async () => {
    let now = Date.UTC(2026, 0, 1);
    await using provider = await start({ clock: { now: () => now } });
    const { json } = await post(provider, DEVICE_CODE, publicFields);
    provider.slowDown(String(json['user_code']), 1);
    expect((await poll(provider, json['device_code'])).json['error']).toBe('slow_down');
    provider.declineDevice(String(json['user_code']));
    expect((await poll(provider, json['device_code'])).json['error']).toBe('authorization_declined');
    now += 900_000;
    expect((await poll(provider, json['device_code'])).json['error']).toBe('expired_token');
    expect((await poll(provider, 'made-up')).json['error']).toBe('bad_verification_code');
    expect(provider.deviceCodes()).toEqual([{ userCode: json['user_code'], state: 'declined', polls: 3 }]);
  });

  it('can be approved and declined at the page', async () => {
    await using provider = await start();
    const page = `${provider.origin}/common/oauth2/deviceauth`;
    const enter = async (userCode: unknown, decision: 'accept' | 'decline', password = ADA.password) => {
      const fields = { user_code: String(userCode), user_name: ADA.userName, password, decision };
      return (await wire.fetch(page, new URLSearchParams(fields))).status;
    };
    expect((await wire.fetch(page)).text).toContain('name="user_code"');
    const { json: yes } = await post(provider, DEVICE_CODE, publicFields);
    expect(await enter(yes['user_code'], 'accept', 'wrong')).toBe(401);
    expect(await enter(yes['user_code'], 'accept')).toBe(200);
    expect((await poll(provider, yes['device_code'])).status).toBe(200);
    const { json: no } = await post(provider, DEVICE_CODE, publicFields);
    expect(await enter(no['user_code'], 'decline')).toBe(200);
    expect((await poll(provider, no['device_code'])).json['error']).toBe('authorization_declined');
    expect(await enter('NONSENSE', 'accept')).toBe(400);
  });

  it('are for public applications', async () => {
    await using provider = await start();
    expect(numberOf(await post(provider, DEVICE_CODE, secretFields))).toBe(7000218);
  });
});

describe('authorization codes', () => {
  const redeem = async (provider: FakeIdentityProvider, change: Readonly<Record<string, string>> = {}) => {
    const { url, verifier } = authorization(provider);
    const page = await wire.fetch(url);
    expect(page.text).toContain('name="password"');
    const { fields } = authorization(provider, Object.fromEntries(new URL(url).searchParams));
    for (const [name, value] of Object.entries({ user_name: ADA.userName, password: ADA.password }))
      fields.set(name, value);
    const { headers } = await wire.fetch(`${provider.origin}/${CONTOSO.id}/oauth2/v2.0/authorize`, fields);
    const code = new URL(headers.location ?? '').searchParams.get('code') ?? '';
    const body = {
      ...publicFields,
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: 'http://localhost:1',
    };
    return {
      code,
      first: await post(provider, TOKEN, { ...body, ...change }),
      again: () => post(provider, TOKEN, body),
    };
  };

  it('are good once', async () => {
    await using provider = await start();
    const { first, again } = await redeem(provider);
    expect(first.status).toBe(200);
    expect(numberOf(await again())).toBe(54005);
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 501481],
    ['another redirect address', { redirect_uri: 'http://localhost:2' }, 50011],
    ['another code', { code: 'made-up' }, 70000],
  ])('are refused with %s', async (_what, change, code) => {
    await using provider = await start();
    expect(numberOf((await redeem(provider, change)).first)).toBe(code);
  });

  it.each([
    ['a redirect address that is not registered', { redirect_uri: 'http://localhost.evil.example' }, 50011],
    ['another path', { redirect_uri: 'http://localhost:1/other' }, 50011],
    ['no PKCE', { code_challenge: '' }, 50147],
    ['plain PKCE', { code_challenge_method: 'plain' }, 50147],
    ['an unknown application', { client_id: 'nobody' }, 700016],
    ['another response type', { response_type: 'token' }, 900144],
  ])('are not handed out for %s', async (_what, change, code) => {
    await using provider = await start();
    const page = await wire.fetch(authorization(provider, change).url);
    expect([page.status, page.headers.location, page.text]).toEqual([
      400,
      undefined,
      expect.stringContaining(`AADSTS${code}`),
    ]);
  });
});

describe('assertions', () => {
  const assert = (identity: Identity, change: object = {}, alg: 'PS256' | 'RS256' = 'PS256') => {
    const now = Math.floor(Date.now() / 1000);
    const print = new X509Certificate(identity.certificate).raw;
    const header = { alg, typ: 'JWT', 'x5t#S256': createHash('sha256').update(print).digest('base64url') };
    const { clientId } = SECRET_APPLICATION;
    const claims = { iss: clientId, sub: clientId, aud: '', nbf: now, exp: now + 600, ...change };
    const signed = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const padding = alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
    const saltLength = alg === 'PS256' ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
    const signature = sign('sha256', Buffer.from(signed), {
      key: identity.privateKey,
      padding,
      ...saltLength,
    });
    return {
      client_id: clientId,
      scope: secretFields.scope,
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${signed}.${signature.toString('base64url')}`,
    };
  };
  const own = selfSigned();
  const other = selfSigned();
  const prepared = async () => {
    const provider = await start();
    provider.register(CONTOSO.id, { ...SECRET_APPLICATION, certificates: [own.certificate] });
    const aud = `${provider.origin}${TOKEN}`;
    return { provider, aud, [Symbol.asyncDispose]: () => provider.stop() };
  };

  it.each(['PS256', 'RS256'] as const)('are accepted with %s of the registered certificate', async (alg) => {
    await using lab = await prepared();
    const { provider, aud } = lab;
    expect((await post(provider, TOKEN, assert(own, { aud }, alg))).status).toBe(200);
    const byName = `${provider.origin}/contoso.com/oauth2/v2.0/token`;
    const reply = await post(provider, '/contoso.com/oauth2/v2.0/token', assert(own, { aud: byName }, alg));
    expect(reply.status).toBe(200);
  });

  it('are refused from anybody else, for another audience, and out of their time', async () => {
    await using lab = await prepared();
    const { provider, aud } = lab;
    const now = Math.floor(Date.now() / 1000);
    const numbers = [
      assert(other, { aud }),
      assert({ ...other, certificate: own.certificate }, { aud }),
      assert(own, { aud: 'https://elsewhere.example' }),
      assert(own, { aud, exp: now - 400 }),
      assert(own, { aud, nbf: now + 400 }),
      assert(own, { aud, iss: 'https://elsewhere.example' }),
      { ...assert(own, { aud }), client_assertion: 'nonsense' },
    ].map(async (fields) => numberOf(await post(provider, TOKEN, fields)));
    expect(await Promise.all(numbers)).toEqual([700027, 700027, 700023, 700024, 700024, 70021, 50013]);
  });

  it('of a build service are taken where the application trusts it', async () => {
    await using lab = await prepared();
    const { provider } = lab;
    const { workload } = provider;
    const fields = (assertion: string) => ({ ...assert(own), client_assertion: assertion });
    expect(numberOf(await post(provider, TOKEN, fields(workload.assertion())))).toBe(70021);
    provider.register(CONTOSO.id, { ...SECRET_APPLICATION, federatedCredentials: [workload.credential] });
    expect((await post(provider, TOKEN, fields(workload.assertion()))).status).toBe(200);
    const seconds = Math.floor(Date.now() / 1000);
    expect(numberOf(await post(provider, TOKEN, fields(workload.assertion({ sub: 'repo:evil/lab' }))))).toBe(
      70021,
    );
    expect(numberOf(await post(provider, TOKEN, fields(workload.assertion({ exp: seconds - 400 }))))).toBe(
      700024,
    );
    const tampered = workload.assertion().replace(/\.[^.]+$/, `.${Buffer.alloc(256).toString('base64url')}`);
    expect(numberOf(await post(provider, TOKEN, fields(tampered)))).toBe(50013);
  });
});
