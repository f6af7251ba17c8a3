import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DisconnectError } from '@slipline/core';
import { ProblemError } from '../problem.ts';
import type { Services } from '../services.ts';
import type { Limits } from '../settings/limits.ts';
import { countedAs } from './addresses.ts';
import { Brake } from './brake.ts';
import { checkHost, checkOrigin, type HostRules } from './hosts.ts';
import { identify, type Identity } from './request-identity.ts';
import { OpenStreams } from './open-streams.ts';
import type { Role, Who } from './who.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The roles that may use the route. */
    allows?: readonly Role[];
    /** Nobody need sign in for it. */
    isPublic?: true;
  }
  interface FastifyRequest {
    /** Who asks; on routes that are public nobody is known. */
    who: Who;
    identity: Identity | null;
  }
  interface FastifyInstance {
    /** Slows down whoever is refused a sign-in again and again. */
    brake: Brake;
  }
}

export interface SecuritySettings extends HostRules {
  readonly limits: Limits;
}

const LONGEST_URL = 8192;

/** Who may come in, and how often: every request passes here before its body is read. */
export function secure(app: FastifyInstance, services: Services, settings: SecuritySettings): void {
  const { limits } = settings;
  const brake = new Brake(services.clock, limits.failedSignIns);
  const perMinute = { timeWindow: 60_000 };
  const byAddress = app.createRateLimit({
    ...perMinute,
    max: limits.requestsPerAddress,
    keyGenerator: (request) => countedAs(request.ip),
  });
  const byUser = app.createRateLimit({
    ...perMinute,
    max: limits.requestsPerUser,
    keyGenerator: (request) => request.identity?.name ?? '',
  });
  app.decorate('brake', brake);
  app.decorateRequest('identity', null);
  app.decorateRequest('who', { getter: whoOf });

  app.addHook('onRoute', ({ method, url, config, schema }) => {
    const isDecided = config?.isPublic === true || config?.allows !== undefined;
    if (!isDecided || schema?.response === undefined)
      throw new Error(
        `${String(method)} ${url} needs a schema of its answers, and config.allows or .isPublic`,
      );
  });

  app.addHook('onRequest', async (request, reply) => {
    // What is only for somebody is kept by nobody; the page's files say otherwise themselves.
    reply.header('cache-control', 'no-store');
    checkTarget(request.raw.url ?? '');
    checkHost(request, settings);
    checkOrigin(request);
    refuseExceeded(await byAddress(request));
    const { isPublic, allows } = request.routeOptions.config;
    if (isPublic === true || request.is404) return;
    request.identity = await identify(request, services, brake);
    refuseExceeded(await byUser(request));
    if (allows?.includes(request.who.role) !== true) await refuseRole(request, services);
  });
  watchStreams(app, services);
}

/** What is asked for is a path: a whole URL could name another host than the `Host` header does. */
function checkTarget(url: string): void {
  if (url.length > LONGEST_URL)
    throw new ProblemError(414, 'invalid-request', `the URL is longer than ${LONGEST_URL} characters`);
  if (!url.startsWith('/'))
    throw new DisconnectError('invalid-request', 'a request asks for a path, which begins with /');
}

/** Streams of events outlive the look at who asks for them. */
function watchStreams(app: FastifyInstance, { clock, keys }: Services): void {
  const streams = new OpenStreams(clock, () => keys.refresh());
  app.addHook('onClose', async () => streams.stop());
  app.addHook('onSend', async (request, reply, payload) => {
    const isEvents = String(reply.getHeader('content-type')).startsWith('text/event-stream');
    if (!isEvents || !(payload instanceof Readable)) return;
    const { identity } = request;
    if (request.method === 'HEAD') payload.destroy();
    else if (identity !== null) streams.add(payload, () => identity.isGood());
  });
}

function whoOf(this: FastifyRequest): Who {
  if (this.identity === null) throw new DisconnectError('unauthenticated', 'nobody has signed in');
  return this.identity.who;
}

async function refuseRole(request: FastifyRequest, { audit }: Services): Promise<never> {
  const { method, who } = request;
  const { url = '' } = request.routeOptions;
  await audit.note({ user: who.user, what: 'request refused', detail: `${method} ${url} as ${who.role}` });
  throw new DisconnectError('forbidden', `somebody who is ${who.role} may not do this`, {
    next: 'ask for a key of another role',
  });
}

type Limited = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

function refuseExceeded(limited: Limited): void {
  if (limited.isAllowed || !limited.isExceeded) return;
  throw new ProblemError(429, 'quota', `more than ${limited.max} requests in a minute`, {
    retryAfter: limited.ttlInSeconds,
    next: `try again in ${limited.ttlInSeconds} s`,
  });
}
