import { describe, expect, it } from '@jest/globals';
import { CONTOSO, FABRIKAM, faults, PUBLIC_APPLICATION } from './index.ts';
import {
  ADA,
  get,
  numberOf,
  post,
  publicFields,
  refresh,
  secretFields,
  signIn,
  start,
  TOKEN,
} from './wire.test.support.ts';

describe('discovery', () => {
  it.each([
    ['a tenant by GUID', CONTOSO.id, CONTOSO.id],
    ['a tenant by name, in any case', 'Contoso.OnMicrosoft.com', CONTOSO.id],
    ['the other tenant', 'fabrikam.example', FABRIKAM.id],
  ])('describes %s', async (_what, segment, id) => {
    await using provider = await start();
    const { status, json } = await get(provider, `/${segment}/v2.0/.well-known/openid-configuration`);
    expect([status, json['issuer'], json['token_endpoint'], json['device_authorization_endpoint']]).toEqual([
      200,
      `${provider.origin}/${id}/v2.0`,
      `${provider.origin}/${id}/oauth2/v2.0/token`,
      `${provider.origin}/${id}/oauth2/v2.0/devicecode`,
    ]);
  });

  it('leaves the tenant open for organizations, and knows no unknown one', async () => {
    await using provider = await start();
    const open = await get(provider, '/organizations/v2.0/.well-known/openid-configuration');
    expect(open.json['issuer']).toBe(`${provider.origin}/{tenantid}/v2.0`);
    const unknown = await get(provider, '/nobody.example/v2.0/.well-known/openid-configuration');
    expect([unknown.status, numberOf(unknown)]).toEqual([400, 90002]);
  });

  it('says which hosts are one cloud, and has no keys to show', async () => {
    await using provider = await start();
    const path = '/common/discovery/instance?api-version=1.1&authorization_endpoint=https://x/authorize';
    const { json } = await get(provider, path);
    const host = `localhost:${provider.port}`;
    expect(json['metadata']).toEqual([{ preferred_network: host, preferred_cache: host, aliases: [host] }]);
    expect((await get(provider, '/common/discovery/v2.0/keys')).json).toEqual({ keys: [] });
  });
});

describe('what is not there', () => {
  it.each(['/', '/common', `/${CONTOSO.id}/oauth2/token`, '/%E0%A4%A/oauth2/v2.0/x'])(
    'answers 404 to %s',
    async (path) => {
      await using provider = await start();
      expect(await get(provider, path)).toEqual({ status: 404, json: { message: 'Not found' } });
    },
  );
});

describe('tokens', () => {
  it('are known by introspection, and only its own', async () => {
    await using provider = await start();
    const tokens = await signIn(provider);
    expect(provider.introspect(String(tokens['access_token']))).toMatchObject({
      tenantId: CONTOSO.id,
      userName: ADA.userName,
      clientId: PUBLIC_APPLICATION.clientId,
      audience: 'https://graph.microsoft.com',
      scopes: PUBLIC_APPLICATION.scopes,
      roles: [],
      isExpired: false,
      isRevoked: false,
    });
    await using other = await start();
    expect(other.introspect(String(tokens['access_token']))).toBeUndefined();
    expect(provider.introspect(String(tokens['id_token']))).toBeUndefined();
    expect(provider.introspect('nonsense')).toBeUndefined();
  });

  it('of an application have roles and no person', async () => {
    await using provider = await start();
    const { json } = await post(provider, TOKEN, secretFields);
    expect(Object.keys(json)).toEqual(['token_type', 'expires_in', 'ext_expires_in', 'access_token']);
    expect(provider.introspect(String(json['access_token']))).toMatchObject({
      userName: undefined,
      scopes: [],
      roles: ['User.Read.All', 'Exchange.ManageAsApp'],
    });
  });

  it('expire by the clock of the provider', async () => {
    let now = Date.UTC(2026, 0, 1);
    await using provider = await start({ clock: { now: () => now } });
    const { access_token: token, refresh_token: refreshToken } = await signIn(provider);
    now += 3_599_000;
    expect(provider.introspect(String(token))?.isExpired).toBe(false);
    now += 1000;
    expect(provider.introspect(String(token))?.isExpired).toBe(true);
    expect((await refresh(provider, refreshToken)).status).toBe(200);
    now += 91 * 86_400_000;
    expect(numberOf(await refresh(provider, refreshToken))).toBe(700082);
  });

  it.each([
    ['additive', true, 200],
    ['exclusive', true, 400],
    ['none', false, 200],
  ] as const)('rotate as told: %s', async (rotation, hasNew, status) => {
    await using provider = await start({ settings: { rotation } });
    const { refresh_token: old } = await signIn(provider);
    const { json } = await refresh(provider, old);
    expect('refresh_token' in json).toBe(hasNew);
    if (hasNew) expect(json['refresh_token']).not.toBe(old);
    expect((await refresh(provider, old)).status).toBe(status);
  });

  it('say what they are for as asked, or as granted', async () => {
    await using provider = await start();
    expect((await signIn(provider))['scope']).toBe(publicFields.scope);
    provider.configure({ scopeEcho: 'granted', clientInfo: false });
    const tokens = await signIn(provider);
    expect(tokens['scope']).toContain('https://graph.microsoft.com/User.Read');
    expect(tokens['scope']).not.toContain('.default');
    expect('client_info' in tokens).toBe(false);
  });

  it('come without a refresh token unless it is asked for', async () => {
    await using provider = await start();
    expect('refresh_token' in (await signIn(provider, 'User.Read'))).toBe(false);
    expect('refresh_token' in (await signIn(provider, 'User.Read offline_access'))).toBe(true);
  });
});

describe('revocation', () => {
  it('refuses what was issued before, and nothing else', async () => {
    await using provider = await start();
    const { access_token: token, refresh_token: old } = await signIn(provider);
    const derived = (await refresh(provider, old)).json['refresh_token'];
    provider.revoke(ADA.userName);
    for (const refreshToken of [old, derived]) {
      const reply = await refresh(provider, refreshToken);
      expect([reply.status, reply.json['error'], numberOf(reply)]).toEqual([400, 'invalid_grant', 50173]);
    }
    expect(provider.introspect(String(token))).toMatchObject({ isRevoked: true, isExpired: false });
    const { refresh_token: fresh } = await signIn(provider);
    expect((await refresh(provider, fresh)).status).toBe(200);
  });

  it('takes effect when it is told to', async () => {
    let now = Date.UTC(2026, 0, 1);
    await using provider = await start({ clock: { now: () => now } });
    const { refresh_token: old } = await signIn(provider);
    provider.revoke(ADA.userName, { delay: 60_000 });
    expect((await refresh(provider, old)).status).toBe(200);
    now += 60_000;
    expect(numberOf(await refresh(provider, old))).toBe(50173);
  });

  it('leaves other people alone', async () => {
    await using provider = await start();
    const { refresh_token: old } = await signIn(provider);
    provider.revoke('ben@contoso.onmicrosoft.com');
    expect((await refresh(provider, old)).status).toBe(200);
  });
});

describe('the request log', () => {
  it('counts all and keeps the first in full', async () => {
    await using provider = await start({ recordLimit: 2 });
    const next = provider.nextRequest({ path: '/token' });
    for (let count = 0; count < 3; count += 1) await post(provider, TOKEN, secretFields);
    expect((await next).form.get('client_secret')).toBe('fake~client-secret');
    expect([provider.requestCount, provider.requests.length, provider.requestsTo('/token').length]).toEqual([
      3, 2, 2,
    ]);
    expect(provider.requests[0]?.status).toBe(200);
    provider.clearRequests();
    expect([provider.requestCount, provider.requests]).toEqual([0, []]);
  });

  it('knows every secret that was handed out', async () => {
    await using provider = await start();
    const { access_token: token, refresh_token: refreshToken, id_token: idToken } = await signIn(provider);
    expect(provider.canaries()).toEqual(
      expect.arrayContaining([token, refreshToken, idToken, ADA.password, 'fake~client-secret']),
    );
  });
});

describe('faults', () => {
  it('strike the requests they are for, as often as they should', async () => {
    await using provider = await start();
    const fault = provider.inject(faults.notFoundJson(), { path: '/token', times: 1 });
    expect((await get(provider, '/common/discovery/v2.0/keys')).status).toBe(200);
    expect(await post(provider, TOKEN, secretFields)).toEqual({
      status: 404,
      json: { message: 'Not found' },
    });
    expect((await post(provider, TOKEN, secretFields)).status).toBe(200);
    expect(fault.hits).toBe(1);
  });

  it('hang until they are released', async () => {
    await using provider = await start();
    const fault = provider.inject(faults.hang());
    const arrived = provider.nextRequest();
    const pending = post(provider, TOKEN, secretFields);
    await arrived;
    fault.remove();
    expect((await post(provider, TOKEN, secretFields)).status).toBe(200);
    fault.release();
    expect((await pending).status).toBe(200);
  });

  it('reset the connection', async () => {
    await using provider = await start();
    provider.inject(faults.reset(), { times: 1 });
    await expect(post(provider, TOKEN, secretFields)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await post(provider, TOKEN, secretFields)).status).toBe(200);
  });

  it('can go all at once', async () => {
    await using provider = await start();
    provider.inject(faults.html());
    provider.removeFaults();
    expect((await post(provider, TOKEN, secretFields)).status).toBe(200);
  });
});
