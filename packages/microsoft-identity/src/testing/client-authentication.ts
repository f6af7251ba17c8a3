import { X509Certificate } from 'node:crypto';
import type { FakeApplication, FakeFederatedCredential } from './directory.ts';
import { isSignedBy, parseJwt, type Jwt } from './jwt.ts';
import type { ProviderState } from './provider-state.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Clocks may differ by this much, in seconds. */
const TOLERANCE = 300;

/** Why an application has not proved itself, as an AADSTS number; `undefined` when it has, or need not. */
export function refusalOfClient(
  state: ProviderState,
  application: FakeApplication,
  form: URLSearchParams,
  tokenEndpoints: readonly string[],
): number | undefined {
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if (application.isPublic) return secret === null && assertion === null ? undefined : 700025;
  if (assertion !== null) {
    if (form.get('client_assertion_type') !== ASSERTION_TYPE) return 900144;
    return refusalOfAssertion(state, application, assertion, tokenEndpoints);
  }
  if (secret === null) return 7000218;
  const known = application.secrets.find(({ value }) => value === secret);
  if (known === undefined) return 7000215;
  return known.expiresAt !== undefined && known.expiresAt <= state.now ? 7000222 : undefined;
}

function refusalOfAssertion(
  state: ProviderState,
  application: FakeApplication,
  assertion: string,
  tokenEndpoints: readonly string[],
): number | undefined {
  const jwt = parseJwt(assertion);
  if (jwt === undefined) return 50013;
  const { iss, sub, aud } = jwt.claims;
  const federated = application.federatedCredentials.find(({ issuer }) => issuer === iss);
  if (federated !== undefined) return refusalOfFederated(jwt, federated, state.now);
  if (iss !== application.clientId || sub !== application.clientId) return 70021;
  const certificate = certificateOf(application, jwt);
  if (certificate === undefined || !isSignedBy(jwt, certificate)) return 700027;
  if (isOutsideItsTime(jwt, state.now)) return 700024;
  return typeof aud === 'string' && tokenEndpoints.includes(aud) ? undefined : 700023;
}

function refusalOfFederated(jwt: Jwt, trusted: FakeFederatedCredential, now: number): number | undefined {
  const { sub, aud } = jwt.claims;
  if (sub !== trusted.subject || aud !== trusted.audience) return 70021;
  if (!isSignedBy(jwt, trusted.publicKey)) return 50013;
  return isOutsideItsTime(jwt, now) ? 700024 : undefined;
}

/** The registered certificate that the header names, by `x5t#S256`. */
function certificateOf({ certificates }: FakeApplication, { header }: Jwt): string | undefined {
  const wanted = header['x5t#S256'];
  if (typeof wanted !== 'string') return undefined;
  return certificates.find((pem) => {
    const print = new X509Certificate(pem).fingerprint256.replaceAll(':', '');
    return (
      Buffer.from(print, 'hex').toString('base64url') ===
      wanted.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
    );
  });
}

function isOutsideItsTime({ claims: { nbf, exp } }: Jwt, now: number): boolean {
  const seconds = now / 1000;
  return (
    typeof exp !== 'number' ||
    exp + TOLERANCE < seconds ||
    (typeof nbf === 'number' && nbf - TOLERANCE > seconds)
  );
}
