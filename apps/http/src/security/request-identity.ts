import type { FastifyRequest } from 'fastify';
import { DisconnectError, type Logger } from '@slipline/core';
import { ProblemError } from '../problem.ts';
import type { Services } from '../services.ts';
import { countedAs } from './addresses.ts';
import { isSameSecret, type SignIn } from './cookie-sessions.ts';
import type { Brake } from './brake.ts';
import type { Who } from './who.ts';

export const COOKIE = 'slipline';
const CSRF_HEADER = 'x-csrf-token';

/** How somebody is known for the length of one request. */
export interface Identity {
  readonly who: Who;
  /** What their requests are counted under. */
  readonly name: string;
  /** Where it is by the page's cookie. */
  readonly signIn?: SignIn | undefined;
  /** Whether they would still be let in: asked again and again while a stream of events is open. */
  isGood(): boolean;
}

/** Who asks, by key or by cookie; a key counts where both are given. Throws a 401, or a 429 after too many of them. */
export async function identify(request: FastifyRequest, services: Services, brake: Brake): Promise<Identity> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return byKey(request, authorization, services, brake);
  const cookie = request.cookies[COOKIE];
  if (cookie !== undefined) return byCookie(request, cookie, services);
  throw new DisconnectError('unauthenticated', 'this needs a key or a sign-in', {
    next: 'send "Authorization: Bearer slk_…", a key of "slipline-http keys create"',
  });
}

async function byKey(
  request: FastifyRequest,
  authorization: string,
  { keys, audit, log }: Services,
  brake: Brake,
): Promise<Identity> {
  const [, key = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const named = keys.nameIn(key);
  const attempt = `${countedAs(request.ip)} ${named ?? ''}`;
  refuseWhileBraked(brake, attempt);
  const holder = await readingKeys(keys.find(key), log);
  if (holder !== undefined)
    return { who: holder.who, name: `key ${holder.id}`, isGood: () => keys.isGood(holder.id) };
  brake.failed(attempt);
  await audit.note({
    user: '',
    what: 'key refused',
    detail: `from ${request.ip}${named === undefined ? '' : `, key ${named}`}`,
  });
  throw new DisconnectError(
    'unauthenticated',
    'the key is not one of this service, was revoked or has ended',
    {
      next: 'slipline-http keys ls; slipline-http keys create',
    },
  );
}

async function byCookie(
  request: FastifyRequest,
  cookie: string,
  { cookies, keys, log }: Services,
): Promise<Identity> {
  // Somebody who signed in with a key goes when it does.
  await readingKeys(keys.refresh(), log);
  const signIn = cookies.find(cookie);
  if (signIn === undefined) {
    throw new DisconnectError('unauthenticated', 'the sign-in has ended', { next: 'sign in again' });
  }
  const token = request.headers[CSRF_HEADER];
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  if (!isReading && !(typeof token === 'string' && isSameSecret(token, signIn.csrfToken))) {
    throw new DisconnectError('forbidden', `the page's own token is missing or wrong`, {
      next: `send csrfToken of /v1/me as ${CSRF_HEADER}`,
    });
  }
  return {
    who: signIn.who,
    name: `sign-in ${signIn.csrfToken}`,
    signIn,
    isGood: () => cookies.isGood(cookie),
  };
}

/** Where the keys are is nobody's business who has none. */
export async function readingKeys<T>(work: Promise<T>, log: Logger): Promise<T> {
  try {
    return await work;
  } catch (error) {
    log.error('the keys cannot be read', { error });
    throw new ProblemError(503, 'internal', 'the keys of the service cannot be read', {
      retryAfter: 5,
      next: 'see the log of the service',
    });
  }
}

export function refuseWhileBraked(brake: Brake, attempt: string): void {
  const wait = brake.wait(attempt);
  if (wait === 0) return;
  throw new ProblemError(429, 'quota', 'too many refused sign-ins', {
    retryAfter: wait,
    next: `try again in ${wait} s`,
  });
}
