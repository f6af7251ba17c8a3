import { createHash, randomBytes } from 'node:crypto';
import { serverIdentity } from '../certificates.test.support.ts';
import {
  CONTOSO,
  FakeBrowser,
  FakeIdentityProvider,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
  type FakeIdentityProviderOptions,
  type Page,
} from './index.ts';

export const ADA = { userName: 'ada@contoso.onmicrosoft.com', password: 'fake-password-ada' };
const SCOPE = 'https://graph.microsoft.com/.default';
export const TOKEN = `/${CONTOSO.id}/oauth2/v2.0/token`;

/** Plain HTTPS, which knows nothing of the client under test. */
export const wire = new FakeBrowser(serverIdentity().certificate);

export function start(options: Partial<FakeIdentityProviderOptions> = {}): Promise<FakeIdentityProvider> {
  return FakeIdentityProvider.start({ certificate: serverIdentity(), ...options });
}

export interface Reply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

export async function get({ origin }: FakeIdentityProvider, path: string): Promise<Reply> {
  return replyOf(await wire.fetch(`${origin}${path}`));
}

export async function post(
  { origin }: FakeIdentityProvider,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Reply> {
  return replyOf(await wire.fetch(`${origin}${path}`, new URLSearchParams(fields)));
}

/** The AADSTS number of a refusal. */
export function numberOf({ json }: Reply): unknown {
  return (json['error_codes'] as unknown[] | undefined)?.[0];
}

export const publicFields = {
  client_id: PUBLIC_APPLICATION.clientId,
  scope: `${SCOPE} openid offline_access`,
};
export const secretFields = {
  client_id: SECRET_APPLICATION.clientId,
  client_secret: 'fake~client-secret',
  scope: SCOPE,
  grant_type: 'client_credentials',
};

/** Signs Ada in by device code and gives the answer. */
export async function signIn(
  provider: FakeIdentityProvider,
  scope = publicFields.scope,
): Promise<Reply['json']> {
  const device = await post(provider, `/${CONTOSO.id}/oauth2/v2.0/devicecode`, { ...publicFields, scope });
  provider.approveDevice(String(device.json['user_code']), ADA.userName);
  const reply = await post(provider, TOKEN, {
    ...publicFields,
    scope,
    grant_type: 'device_code',
    device_code: String(device.json['device_code']),
  });
  return reply.json;
}

export function refresh(provider: FakeIdentityProvider, refreshToken: unknown, scope = publicFields.scope) {
  const fields = { ...publicFields, scope, grant_type: 'refresh_token', refresh_token: String(refreshToken) };
  return post(provider, TOKEN, fields);
}

/** An authorization request with PKCE. */
export function authorization(provider: FakeIdentityProvider, change: Readonly<Record<string, string>> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const fields = new URLSearchParams({
    client_id: PUBLIC_APPLICATION.clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost:1',
    scope: publicFields.scope,
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  });
  return {
    verifier,
    fields,
    url: `${provider.origin}/${CONTOSO.id}/oauth2/v2.0/authorize?${fields.toString()}`,
  };
}

function replyOf({ status, text }: Page): Reply {
  return { status, json: JSON.parse(text) as Reply['json'] };
}
