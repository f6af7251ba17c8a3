import { LONGEST_TOKEN } from './claims.ts';
import { IdentityError } from './errors.ts';
import { badAnswer, type Reply } from './http.ts';
import { refusalOf } from './refusal.ts';

/** What a token endpoint grants, checked for its form only. */
export interface TokenAnswer {
  readonly accessToken: string;
  /** Milliseconds since 1970, by our clock; `undefined` where nobody says. */
  readonly expiresAt: number | undefined;
  /** As the server spells them; empty where it says nothing. */
  readonly scopes: readonly string[];
  readonly idToken: string | undefined;
  /** The server's clock minus ours, in milliseconds. */
  readonly skew: number;
}

/** Seconds. */
const LONGEST_LIFETIME = 31 * 86_400;

/** Throws what the server refuses with, in our words, and `bad-answer` for anything but a bearer token that is not empty. */
export function readTokenAnswer(url: string, reply: Reply): TokenAnswer {
  const fields = readFields(url, reply);
  const { access_token: accessToken, token_type: type, id_token: idToken, scope } = fields;
  const expiresIn = Number(fields['expires_in']);
  const isWhole =
    isToken(accessToken) &&
    typeof type === 'string' &&
    type.toLowerCase() === 'bearer' &&
    isLifetime(expiresIn) &&
    (idToken === undefined || isToken(idToken)) &&
    (fields['refresh_token'] === undefined || isToken(fields['refresh_token']));
  if (!isWhole) throw badAnswer(url, reply);
  const scopes = typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [];
  return { accessToken, expiresAt: reply.sentAt + expiresIn * 1000, scopes, idToken, skew: reply.skew };
}

/** The object of an answer that is no refusal. */
export function readFields(url: string, reply: Reply) {
  const { status, json, skew, retryAfter } = reply;
  if (typeof json?.['error'] === 'string') throw refusalOf(json, { status, skew, retryAfter });
  if (status === 429 || status >= 500) throw refusalOf({}, { status, retryAfter });
  if (json === undefined || status !== 200) throw badAnswer(url, reply);
  return json;
}

/** Seconds that a token may live: from now on, and not for ever. */
export function isLifetime(seconds: number): boolean {
  return seconds > 0 && seconds <= LONGEST_LIFETIME;
}

export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_TOKEN;
}

/** A host that no request of this sign-in may go to. */
export function foreignHost(): IdentityError {
  return new IdentityError('foreign-host', 'the service names an address that is not of this environment', {
    next: 'check the environment; define one of your own if the address is right',
  });
}
