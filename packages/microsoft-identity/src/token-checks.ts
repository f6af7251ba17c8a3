import { isTenantId } from './application.ts';
import { decodeClaims, textClaim, timeClaim } from './claims.ts';
import type { Environment } from './environments.ts';
import { IdentityError } from './errors.ts';
import type { JsonObject } from './json.ts';
import { skewError, TOLERATED_SKEW } from './refusal.ts';

/** What tokens are held against. */
export interface Expected {
  readonly environment: Environment;
  /** GUID or name as given, or the GUID that an earlier sign-in taught. */
  readonly tenant: string;
  readonly clientId: string | undefined;
  /** The object id of the person whose session it is. */
  readonly objectId?: string | undefined;
  readonly nonce?: string | undefined;
  /** What the discovery document said. */
  readonly issuer?: string | undefined;
  readonly now: number;
  /** The server's clock minus ours, in milliseconds. */
  readonly skew: number;
}

/** What the tokens say of whom they are for. */
export interface Identified {
  readonly tenantId: string | undefined;
  readonly claims: JsonObject | undefined;
}

/** Checks an access token, and the id token that came with it. Signatures are not checked: both came straight from the login. */
export function checkTokens(
  accessToken: string,
  idToken: string | undefined,
  expected: Expected,
): Identified {
  const access = decodeClaims(accessToken);
  const claims = idToken === undefined ? undefined : decodeClaims(idToken);
  const tenantId = checkTenantOf([claims, access], expected);
  if (idToken !== undefined) checkIdToken(claims, expected);
  checkTime(access, expected);
  checkPerson([claims, access], expected);
  return { tenantId, claims };
}

/** First of all, so that a mix-up of tenants is called by its name. */
function checkTenantOf(tokens: readonly (JsonObject | undefined)[], expected: Expected): string | undefined {
  const tenantIds = tokens.flatMap((claims) => textClaim(claims, 'tid')?.toLowerCase() ?? []);
  const [tenantId] = tenantIds;
  if (tenantId === undefined && expected.environment.protocolMode === 'AAD') {
    throw untrusted('the token does not say which tenant it is of');
  }
  const wanted = isTenantId(expected.tenant) ? expected.tenant : tenantId;
  if (tenantIds.some((id) => id !== wanted)) throw wrongTenant();
  return tenantId;
}

function checkIdToken(claims: JsonObject | undefined, expected: Expected): void {
  if (claims === undefined) throw untrusted('the id token cannot be read');
  if (claims['aud'] !== expected.clientId) throw untrusted('the id token is for another application');
  if (!isTrustedIssuer(claims, expected))
    throw untrusted('the id token has an issuer that is not of this environment');
  if (expected.nonce !== undefined && claims['nonce'] !== expected.nonce) {
    throw untrusted('the id token belongs to another sign-in');
  }
  checkTime(claims, expected);
}

function isTrustedIssuer(claims: JsonObject, { environment, issuer: announced }: Expected): boolean {
  const issuer = textClaim(claims, 'iss');
  if (issuer === undefined || !URL.canParse(issuer)) return false;
  if (environment.protocolMode === 'OIDC') return issuer === announced;
  const { protocol, host, pathname, search } = new URL(issuer);
  const hosts = [new URL(environment.login).host, ...environment.loginAliases];
  const tenant = textClaim(claims, 'tid')?.toLowerCase();
  const isOfTenant = [`/${tenant}/v2.0`, `/${tenant}/`].includes(pathname.toLowerCase());
  return protocol === 'https:' && hosts.includes(host) && isOfTenant && search === '';
}

/** A token that is not valid now: because of our clock, where the server's says so. */
function checkTime(claims: JsonObject | undefined, { now, skew }: Expected): void {
  const [from, until] = [timeClaim(claims, 'nbf'), timeClaim(claims, 'exp')];
  const isEarly = from !== undefined && from > now + TOLERATED_SKEW;
  const isLate = until !== undefined && until <= now;
  if (!isEarly && !isLate) return;
  if (Math.abs(skew) > TOLERATED_SKEW) throw skewError(skew);
  throw untrusted(isEarly ? 'the token is not valid yet' : 'the token has expired already');
}

function checkPerson(tokens: readonly (JsonObject | undefined)[], { objectId }: Expected): void {
  if (objectId === undefined) return;
  const others = tokens
    .map((claims) => textClaim(claims, 'oid'))
    .filter((id) => id !== undefined && id !== objectId);
  if (others.length === 0) return;
  throw new IdentityError('wrong-account', 'the service answered with a token of another account', {
    next: 'disconnect the session and sign in again',
  });
}

/** An answer that cannot be what was asked for. */
export function untrusted(what: string): IdentityError {
  return new IdentityError('untrusted-answer', what, {
    next: 'check the environment and the tenant, and whether somebody is in between',
  });
}

export function wrongTenant(): IdentityError {
  return new IdentityError(
    'wrong-tenant',
    'the service answered with a token of another tenant, which was discarded',
    {
      next: 'check the tenant; connect to the other one separately if it is meant',
    },
  );
}
