import { DisconnectError } from '@slipline/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { meSchema } from '../schemas/me.ts';
import { responses } from '../schemas/responses.ts';
import { countedAs, isLoopback } from '../security/addresses.ts';
import { COOKIE, readingKeys, refuseWhileBraked } from '../security/request-identity.ts';
import { ROLES, type Who } from '../security/who.ts';
import type { Services } from '../services.ts';
import { meOf, type Me } from './me.ts';

interface SignInBody {
  readonly token?: string;
  readonly key?: string;
}

const secret = { type: 'string', minLength: 1, maxLength: 200 } as const;

export function signInRoutes(app: FastifyInstance, services: Services): void {
  const { cookies, audit, isLab } = services;

  app.route<{ Body: SignInBody }>({
    method: 'POST',
    url: '/v1/sign-in',
    schema: {
      summary: 'Sign in to the page',
      description: 'With the one-time token that the service printed at its start, or with an API key.',
      body: {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
        properties: { token: secret, key: secret },
      },
      response: responses({ 200: meSchema }),
    },
    bodyLimit: 4096,
    config: { isPublic: true },
    handler: async (request, reply): Promise<Me> => {
      const attempt = `${countedAs(request.ip)} sign-in`;
      refuseWhileBraked(app.brake, attempt);
      const admitted = await admit(request.body, request, services);
      if (admitted === undefined) {
        app.brake.failed(attempt);
        await audit.note({ user: '', what: 'sign-in refused', detail: `from ${request.ip}` });
        throw refused(request.body);
      }
      const { who, isGood } = admitted;
      await audit.note({ user: who.user, what: 'sign-in', detail: `from ${request.ip}` });
      const signIn = cookies.open(who, isGood);
      setCookie(request, reply, signIn.cookie);
      return meOf(who, signIn, isLab);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/sign-in',
    schema: { summary: 'Sign out of the page', response: responses({ 204: { type: 'null' } }) },
    config: { allows: ROLES },
    handler: async (request, reply) => {
      const cookie = request.cookies[COOKIE];
      if (cookie !== undefined) cookies.close(cookie);
      await audit.note({ user: request.who.user, what: 'sign-out' });
      return reply.clearCookie(COOKIE, { path: '/' }).code(204).send(null);
    },
  });
}

interface Admitted {
  readonly who: Who;
  readonly isGood?: () => boolean;
}

async function admit(
  { token, key }: SignInBody,
  request: FastifyRequest,
  { keys, signInTokens, log }: Services,
): Promise<Admitted | undefined> {
  if (key !== undefined) {
    const holder = await readingKeys(keys.find(key), log);
    return holder && { who: holder.who, isGood: () => keys.isGood(holder.id) };
  }
  // The token went to a terminal of this machine.
  if (token === undefined || !isLoopback(request.ip)) return undefined;
  const who = signInTokens.redeem(token);
  return who && { who };
}

function refused({ key }: SignInBody): DisconnectError {
  return key === undefined
    ? new DisconnectError(
        'unauthenticated',
        'the token was used already, is older than five minutes or is wrong',
        {
          next: 'start the service again, or sign in with a key: slipline-http keys create',
        },
      )
    : new DisconnectError('unauthenticated', 'the key is not one of this service, was revoked or has ended', {
        next: 'slipline-http keys ls; slipline-http keys create',
      });
}

function setCookie(request: FastifyRequest, reply: FastifyReply, cookie: string): void {
  reply.setCookie(COOKIE, cookie, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
  });
}
