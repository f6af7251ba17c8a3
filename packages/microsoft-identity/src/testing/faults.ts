import type { Answer, Forgery } from './call.ts';
import type { RequestMatch } from './recorded-request.ts';

/**
 * One way to misbehave. `answer` and `echo` take the place of what the request asked for; `reset` and `hang` strike before it was done;
 * `forge` does it and lies about the outcome; `huge-body` puts blanks in front of the answer.
 */
export type Fault =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'echo' }
  | { readonly kind: 'huge-body'; readonly bytes: number }
  | { readonly kind: 'forge'; readonly forgery: Forgery };

/** Which requests a fault strikes; all of them where nothing is said. */
export interface FaultScope extends RequestMatch {
  /** How many requests it strikes; until it is removed when absent. */
  readonly times?: number | undefined;
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

const instead = (answer: Answer): Fault => ({ kind: 'answer', answer });
const json = (body: string, status = 200): Fault => instead({ status, headers: JSON_TYPE, body });

/** The faults by name. */
export const faults = {
  /** Any answer at all; the request is not carried out. */
  answer: instead,
  /** 404 with JSON that has no `error`, which some clients take for success. */
  notFoundJson: (): Fault => json('{"message":"Not found"}', 404),
  /** A page where JSON was due: a proxy's, or a captive portal's. */
  html: (status = 200): Fault => instead({ status, headers: HTML, body: '<html><h1>Welcome</h1></html>' }),
  /** Said to be JSON, and none. */
  notJson: (): Fault => json('<html>{"access_token":'),
  /** JSON of a wrong kind. */
  array: (): Fault => json('[]'),
  /** 200 and not a byte. */
  empty: (): Fault => json(''),
  emptyToken: (): Fault => json('{"token_type":"Bearer","expires_in":3600,"access_token":""}'),
  /** JSON so deep that parsing it by recursion is dangerous. */
  deepJson: (depth = 100_000): Fault => json('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)),
  /** The answer with blanks in front, sent as fast as the client reads, its length not announced. */
  hugeBody: (bytes = 100_000_000): Fault => ({ kind: 'huge-body', bytes }),
  /** The connection is reset; nothing is carried out. */
  reset: (): Fault => ({ kind: 'reset' }),
  /** No answer until `release()`; the request is carried out then. */
  hang: (): Fault => ({ kind: 'hang' }),
  /** An error whose every field repeats the request, secrets and all. */
  echo: (): Fault => ({ kind: 'echo' }),
  redirectTo: (location: string): Fault => instead({ status: 302, headers: { location } }),
  throttled: (retryAfter?: number): Fault =>
    instead({
      status: 429,
      headers: { ...JSON_TYPE, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
      body: '{"error":"temporarily_unavailable","error_description":"AADSTS90055: Too many requests.","error_codes":[90055]}',
    }),
  unavailable: (): Fault => instead({ status: 503, headers: HTML, body: '<html><h1>503</h1></html>' }),
  /** A configuration whose endpoints lie on another host. */
  foreignEndpoints: (origin: string): Fault =>
    json(
      JSON.stringify({
        issuer: `${origin}/common/v2.0`,
        authorization_endpoint: `${origin}/common/oauth2/v2.0/authorize`,
        token_endpoint: `${origin}/common/oauth2/v2.0/token`,
        jwks_uri: `${origin}/common/discovery/v2.0/keys`,
      }),
    ),
  /** The request is carried out, and what is issued is not what it should be. */
  forge: (forgery: Forgery): Fault => ({ kind: 'forge', forgery }),
} as const;
