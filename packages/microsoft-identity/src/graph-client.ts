import { textClaim } from './claims.ts';
import { isHostOf, type Environment } from './environments.ts';
import { IdentityError } from './errors.ts';
import { badAnswer, COMPUTER_CLOCK, Http, type Clock, type HttpRequest, type Reply } from './http.ts';
import { foreignHost } from './token-answer.ts';

export interface GraphOptions {
  readonly environment: Environment;
  readonly fetch: typeof fetch;
  /** The computer's own when absent. */
  readonly clock?: Clock | undefined;
  /** Milliseconds for one request; 30 seconds when absent. */
  readonly requestTimeout?: number | undefined;
}

/** Whose token it is, as the directory has them. Texts are the server's: clean them before showing them. */
export interface GraphUser {
  readonly id: string;
  readonly userPrincipalName: string | undefined;
  readonly displayName: string | undefined;
}

export interface GraphCall {
  readonly signal?: AbortSignal | undefined;
}

/** The least permission, delegated, that revoking one's own sign-ins needs. */
export const REVOKE_PERMISSION = 'User.RevokeSessions.All';
const READ_PERMISSION = 'User.Read';

/** The two calls to Microsoft Graph that end sign-ins and tell whether one lives. Errors are `IdentityError`s. */
export class GraphClient {
  readonly #environment: Environment;
  readonly #http: Http;

  constructor({
    environment,
    fetch,
    clock = COMPUTER_CLOCK,
    requestTimeout: timeout = 30_000,
  }: GraphOptions) {
    this.#environment = environment;
    this.#http = new Http({ fetch, clock, timeout });
  }

  /** `GET /me`: only tokens of people have one. */
  async me(token: string, { signal }: GraphCall = {}): Promise<GraphUser> {
    const [url, reply] = await this.#send('GET', '/v1.0/me', token, READ_PERMISSION, signal);
    const id = textClaim(reply.json, 'id');
    if (reply.status !== 200 || id === undefined) throw badAnswer(url, reply, 'a person');
    return {
      id,
      userPrincipalName: textClaim(reply.json, 'userPrincipalName'),
      displayName: textClaim(reply.json, 'displayName'),
    };
  }

  /**
   * `POST /me/revokeSignInSessions`: signs the token's owner out of every application and device. That it returns means that the
   * directory has accepted it; refresh tokens are refused some minutes later. `not-revoked` where the directory says it did not.
   */
  async revokeSignInSessions(token: string, { signal }: GraphCall = {}): Promise<void> {
    const path = '/v1.0/me/revokeSignInSessions';
    const [url, reply] = await this.#send('POST', path, token, REVOKE_PERMISSION, signal);
    if (reply.status === 204 || reply.json?.['value'] === true) return;
    if (reply.json?.['value'] !== false) throw badAnswer(url, reply, 'whether it has revoked');
    throw new IdentityError('not-revoked', 'the directory answered that it has not revoked the sign-ins', {
      next: 'try again, or revoke them in the Entra admin center',
    });
  }

  async #send(
    method: HttpRequest['method'],
    path: string,
    token: string,
    permission: string,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<[url: string, reply: Reply]> {
    const url = `${this.#environment.graph}${path}`;
    if (!isHostOf(this.#environment, url)) throw foreignHost();
    const headers = { authorization: `Bearer ${token}` };
    const request = method === 'POST' ? { method, headers, body: '' } : { method, headers };
    const reply = await this.#http.send(url, request, signal);
    if (reply.status >= 200 && reply.status < 300) return [url, reply];
    throw refusalOf(url, reply, permission);
  }
}

/** In our words, by status: what Graph says of the matter may quote anything. */
function refusalOf(url: string, reply: Reply, permission: string): IdentityError {
  const { status, retryAfter } = reply;
  const isGraphs = typeof reply.json?.['error'] === 'object';
  if (status === 401) {
    return new IdentityError('token-refused', 'Microsoft Graph refuses the access token', {
      next: 'sign in again',
    });
  }
  if (status === 403 && isGraphs) {
    return new IdentityError('permission-missing', `the sign-in lacks the permission ${permission}`, {
      next: `add the delegated Graph permission ${permission} to the application's registration, have an administrator consent, and sign in again`,
    });
  }
  if (status === 404 && isGraphs) {
    return new IdentityError('account-refused', 'the directory does not know this person any more', {
      next: 'check in the Entra admin center whether the account was deleted',
    });
  }
  if (status === 429) {
    const wait = retryAfter === undefined ? 'a moment' : `${Math.ceil(retryAfter / 1000)} seconds`;
    const next = `wait ${wait}, then try again`;
    return new IdentityError('throttled', 'Microsoft Graph is overloaded', { next, retryAfter });
  }
  if (status >= 500) {
    return new IdentityError('unavailable', `Microsoft Graph failed (${status})`, {
      next: 'try again later',
      retryAfter,
    });
  }
  return badAnswer(url, reply, 'what Microsoft Graph says');
}
