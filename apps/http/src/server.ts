import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { observeRequests } from './operations/observe-requests.ts';
import { openApi } from './openapi.ts';
import { handleErrors, refuseClient, refuseEarly } from './error-handling.ts';
import { ROUTES } from './routes.ts';
import { SHARED_SCHEMAS } from './schemas/all.ts';
import { securityHeaders } from './security/headers.ts';
import { secure } from './security/security.ts';
import type { Services } from './services.ts';
import type { Limits } from './settings/limits.ts';
import { trackRequests } from './shut-down.ts';
import { buildValidator } from './validation.ts';

/** PEM texts. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface ServerSettings {
  /** Names that it answers to, beside its own addresses and, on loopback, `localhost`. */
  readonly names: readonly string[];
  /** Whether it listens on loopback alone. */
  readonly isLoopback: boolean;
  /** Proxies whose `X-Forwarded-…` are believed, as addresses or CIDR. */
  readonly behindProxy: readonly string[];
  readonly tls?: TlsIdentity | undefined;
  readonly limits: Limits;
}

/** The service as Fastify runs it, not listening yet. */
export async function buildServer(services: Services, settings: ServerSettings): Promise<FastifyInstance> {
  const { tls, limits } = settings;
  const options: FastifyServerOptions = {
    bodyLimit: limits.bodyBytes,
    trustProxy: settings.behindProxy.length === 0 ? false : [...settings.behindProxy],
    routerOptions: { maxParamLength: 1024 },
    genReqId: () => randomUUID(),
    // Fastify sets what Node's own options say otherwise.
    requestTimeout: Math.max(limits.headSeconds, limits.requestSeconds) * 1000,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseClient,
    frameworkErrors: refuseEarly,
    schemaController: { compilersFactory: { buildValidator } },
    ...listening(tls, limits),
  };
  const app = Fastify(options);
  app.server.maxConnections = limits.connections;
  trackRequests(app);
  app.removeContentTypeParser('text/plain');
  handleErrors(app, services.log);
  observeRequests(app, services);
  await app.register(helmet, securityHeaders(tls !== undefined));
  await app.register(cookie);
  await app.register(rateLimit, { global: false, max: limits.requestsPerAddress });
  await app.register(swagger, openApi());
  secure(app, services, settings);
  for (const schema of SHARED_SCHEMAS) app.addSchema(schema);
  for (const routes of ROUTES) routes(app, services);
  return app;
}

/** Node's own limits on slow and large requests. */
function listening(tls: TlsIdentity | undefined, { headSeconds }: Limits): object {
  const connection = {
    headersTimeout: headSeconds * 1000,
    connectionsCheckingInterval: Math.min(1000, headSeconds * 250),
    maxHeaderSize: 16_384,
  };
  if (tls === undefined) return { http: connection };
  return { https: { ...connection, cert: tls.certificate, key: tls.privateKey, minVersion: 'TLSv1.2' } };
}

/** Where a server that listens can be reached. */
export function portOf(app: FastifyInstance): number {
  return (app.server.address() as AddressInfo).port;
}
