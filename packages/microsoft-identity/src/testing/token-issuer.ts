import { createHash, randomUUID } from 'node:crypto';
import { json, type Answer, type Forgery } from './call.ts';
import type { FakeApplication, FakeTenant } from './directory.ts';
import type { SignIn } from './grants.ts';
import { isSignedWith, parseJwt, signJwt } from './jwt.ts';
import type { ProviderState } from './provider-state.ts';
import { readScopes } from './scopes.ts';

/** What an access token of this provider says, and whether the provider still stands by it. */
export interface TokenFacts {
  readonly tenantId: string;
  /** Absent for a token of an application itself. */
  readonly userName?: string | undefined;
  readonly objectId: string;
  readonly clientId: string;
  /** The resource it is for: `https://graph.microsoft.com`. */
  readonly audience: string;
  /** Delegated permissions; empty for an application. */
  readonly scopes: readonly string[];
  /** Application permissions; empty for a person. */
  readonly roles: readonly string[];
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** By the provider's clock. */
  readonly isExpired: boolean;
  /** Issued before its owner's sign-ins were revoked. Resources accept it none the less, unless they evaluate access continuously. */
  readonly isRevoked: boolean;
}

/** The answer for a person: all tokens. `refreshToken` is left out where the old one goes on. */
export function tokensFor(
  state: ProviderState,
  signIn: SignIn,
  scope: string,
  isRefresh: boolean,
  forgery?: Forgery,
): Answer {
  const { settings, grants, now } = state;
  const told = lie(state, signIn, forgery);
  const hasRefreshToken = readScopes(scope, settings.graph).all.includes('offline_access') || isRefresh;
  const isNew = hasRefreshToken && !(isRefresh && settings.rotation === 'none');
  const refreshToken = isNew ? remember(state, grants.addRefreshToken(signIn, now)) : undefined;
  const application = state.directory.application(signIn.clientId);
  return json({
    token_type: 'Bearer',
    scope: echo(state, scope, application?.scopes ?? []),
    expires_in: settings.accessTokenLifetime,
    ext_expires_in: settings.accessTokenLifetime,
    access_token: forgery === 'opaque-token' ? opaque(state) : accessToken(state, told, scope, forgery),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    id_token: forgery === 'id-token' ? 'not.a.token' : idToken(state, told, forgery),
    ...(settings.clientInfo ? { client_info: clientInfo(told) } : {}),
  });
}

/** The answer for an application that acts as itself. */
export function tokenForApplication(
  state: ProviderState,
  tenant: FakeTenant,
  application: Pick<FakeApplication, 'clientId' | 'objectId' | 'roles'>,
  scope: string,
  forgery?: Forgery,
): Answer {
  const { accessTokenLifetime: lifetime } = state.settings;
  return json({
    token_type: 'Bearer',
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: applicationToken(state, tenant, application, scope, forgery),
  });
}

export function applicationToken(
  state: ProviderState,
  tenant: FakeTenant,
  { clientId, objectId, roles }: Pick<FakeApplication, 'clientId' | 'objectId' | 'roles'>,
  scope: string,
  forgery?: Forgery,
): string {
  if (forgery === 'opaque-token') return opaque(state);
  const { id } = forgery === 'tenant' ? otherTenant(state, tenant) : tenant;
  return sign(state, {
    ...common(state, id, scope, forgery),
    ...displayName(state, clientId),
    appid: clientId,
    idtyp: 'app',
    oid: objectId,
    sub: objectId,
    roles,
  });
}

function accessToken(state: ProviderState, signIn: SignIn, scope: string, forgery?: Forgery): string {
  const { tenant, user, clientId, sequence } = signIn;
  const { names } = readScopes(scope, state.settings.graph);
  const known = state.directory.application(clientId)?.scopes ?? [];
  return sign(state, {
    ...common(state, tenant.id, scope, forgery),
    ...displayName(state, clientId),
    appid: clientId,
    idtyp: 'user',
    name: user.name,
    oid: user.objectId,
    scp: (names.includes('.default') || names.length === 0 ? known : names).join(' '),
    sub: pairwise(user.objectId, clientId),
    unique_name: user.userName,
    upn: user.userName,
    // Which sign-in it goes back to; the real system has nothing of the kind.
    fake_sequence: sequence,
  });
}

/** Managed identities have none here. */
function displayName({ directory }: ProviderState, clientId: string) {
  const name = directory.application(clientId)?.name;
  return name === undefined ? {} : { app_displayname: name };
}

function common(state: ProviderState, tenantId: string, scope: string, forgery?: Forgery) {
  const now = Math.floor(state.now / 1000) - (forgery === 'expired-token' ? 2 * 86_400 : 0);
  return {
    aud: readScopes(scope, state.settings.graph).audience,
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: now,
    nbf: now,
    exp: now + state.settings.accessTokenLifetime,
    tid: tenantId,
    uti: randomUUID(),
    ver: '1.0',
  };
}

function idToken(state: ProviderState, { tenant, user, clientId, nonce }: SignIn, forgery?: Forgery): string {
  const now = Math.floor(state.now / 1000);
  const issuer = forgery === 'issuer' ? 'https://login.elsewhere.example' : state.origin;
  return sign(state, {
    aud: forgery === 'audience' ? 'another-application' : clientId,
    iss: `${issuer}/${tenant.id}/v2.0`,
    iat: now,
    nbf: now,
    exp: now + state.settings.accessTokenLifetime,
    name: user.name,
    oid: user.objectId,
    preferred_username: user.userName,
    sub: pairwise(user.objectId, clientId),
    tid: tenant.id,
    ver: '2.0',
    ...(forgery === 'nonce' ? { nonce: 'another-nonce' } : nonce === undefined ? {} : { nonce }),
  });
}

/** What the provider makes of a token that somebody shows; `undefined` for one that it did not issue. */
export function factsOf(state: ProviderState, token: string): TokenFacts | undefined {
  const jwt = parseJwt(token);
  if (jwt === undefined || !isSignedWith(jwt, state.signingKey)) return undefined;
  const { tid, oid, upn, appid, aud, scp, roles, iat, exp, fake_sequence: sequence } = jwt.claims;
  // An id token is signed alike and opens nothing.
  if (typeof appid !== 'string') return undefined;
  return {
    tenantId: String(tid),
    userName: typeof upn === 'string' ? upn : undefined,
    objectId: String(oid),
    clientId: appid,
    audience: String(aud),
    scopes: typeof scp === 'string' ? scp.split(' ') : [],
    roles: Array.isArray(roles) ? roles.map(String) : [],
    issuedAt: Number(iat) * 1000,
    expiresAt: Number(exp) * 1000,
    isExpired: state.now >= Number(exp) * 1000,
    isRevoked: typeof sequence === 'number' && state.grants.isRevoked(String(oid), sequence, state.now),
  };
}

/** The sign-in as a forged answer has it. */
function lie(state: ProviderState, signIn: SignIn, forgery?: Forgery): SignIn {
  if (forgery === 'tenant') return { ...signIn, tenant: otherTenant(state, signIn.tenant) };
  if (forgery !== 'account') return signIn;
  const other = signIn.tenant.users.find((user) => user !== signIn.user);
  if (other === undefined) throw new Error('The tenant has no second user whose token could be given.');
  return { ...signIn, user: other };
}

function otherTenant({ directory }: ProviderState, { id }: FakeTenant): FakeTenant {
  const other = directory.tenants.find((tenant) => tenant.id !== id);
  if (other === undefined) throw new Error('There is no second tenant whose token could be given.');
  return other;
}

function echo({ settings }: ProviderState, scope: string, known: readonly string[]): string {
  const { all, audience, names } = readScopes(scope, settings.graph);
  if (settings.scopeEcho === 'requested' || !names.includes('.default')) return all.join(' ');
  return known.map((name) => `${audience}/${name}`).join(' ');
}

/** The `sub` of a person differs from application to application. */
function pairwise(objectId: string, clientId: string): string {
  return createHash('sha256').update(`${objectId}|${clientId}`).digest('base64url');
}

function clientInfo({ tenant, user }: SignIn): string {
  return Buffer.from(JSON.stringify({ uid: user.objectId, utid: tenant.id })).toString('base64url');
}

function sign(state: ProviderState, claims: Readonly<Record<string, unknown>>): string {
  return remember(state, signJwt(claims, state.signingKey));
}

function opaque(state: ProviderState): string {
  return remember(state, `fake-opaque.${randomUUID()}`);
}

function remember(state: ProviderState, secret: string): string {
  state.issued.add(secret);
  return secret;
}
