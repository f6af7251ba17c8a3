import { randomBytes } from 'node:crypto';
import { json, type Answer, type Call } from './call.ts';
import type { FakeManagedIdentity } from './directory.ts';
import type { FakeIdentityProvider } from './fake-identity-provider.ts';
import { LoopbackServer } from './loopback-server.ts';
import { MicrosoftFake } from './microsoft-fake.ts';

export interface FakeMetadataServiceOptions {
  /** Whose tokens it hands out. */
  readonly provider: FakeIdentityProvider;
  /** The tenant of the machine it runs on; the provider's first when absent. */
  readonly tenantId?: string | undefined;
  readonly clock?: { now(): number } | undefined;
}

/** The smallest `api-version` that each endpoint knows. */
const IMDS_VERSION = '2018-02-01';
const APP_SERVICE_VERSION = '2019-08-01';

/**
 * What Azure offers to the machines it hosts, on loopback and, as there, over plain HTTP: the instance metadata service, and
 * the endpoint that App Service announces to its processes.
 */
export class FakeMetadataService extends MicrosoftFake {
  /** What App Service puts into `IDENTITY_HEADER`. */
  readonly identityHeader = randomBytes(24).toString('hex');

  static async start(options: FakeMetadataServiceOptions): Promise<FakeMetadataService> {
    const { clock = Date } = options;
    const now = () => clock.now();
    const answer = (call: Call) => route(call, options, service.identityHeader, now());
    const service: FakeMetadataService = new FakeMetadataService(
      await LoopbackServer.start({ now, recordLimit: 1000, answer }),
    );
    return service;
  }

  /** `http://127.0.0.1:40123`. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Where the instance metadata service hands out tokens. */
  get imdsUrl(): string {
    return `${this.origin}/metadata/identity/oauth2/token`;
  }

  /** What App Service puts into `IDENTITY_ENDPOINT`. */
  get identityEndpoint(): string {
    return `${this.origin}/msi/token`;
  }
}

function route(call: Call, options: FakeMetadataServiceOptions, identityHeader: string, now: number): Answer {
  const { method, path, headers, query } = call;
  const version = query.get('api-version') ?? '';
  const isImds = path === '/metadata/identity/oauth2/token';
  if (method !== 'GET' || (!isImds && path !== '/msi/token')) return json({ error: 'not_found' }, 404);
  if (isImds && headers['metadata'] !== 'true')
    return problem('invalid_request', 'Required metadata header not specified');
  if (!isImds && headers['x-identity-header'] !== identityHeader)
    return problem('unauthorized', 'Wrong header', 401);
  if (version < (isImds ? IMDS_VERSION : APP_SERVICE_VERSION))
    return problem('invalid_request', 'Bad api-version');
  // A request that came through a proxy could come from anybody.
  if (headers['x-forwarded-for'] !== undefined)
    return problem('invalid_request', 'Forwarded requests are refused');
  const resource = query.get('resource');
  if (resource === null || resource === '')
    return problem('invalid_resource', 'AADSTS500011: resource is missing');
  return issue(call, options, resource, isImds, now);
}

function issue(
  call: Call,
  options: FakeMetadataServiceOptions,
  resource: string,
  isImds: boolean,
  now: number,
): Answer {
  const { provider } = options;
  const tenant = provider.tenants.find(({ id }) => id === (options.tenantId ?? provider.tenants[0]?.id));
  const identity = identityOf(tenant?.managedIdentities ?? [], call.query, isImds);
  if (tenant === undefined || identity === undefined) return problem('invalid_request', 'Identity not found');
  const lifetime = provider.settings.accessTokenLifetime;
  return json({
    access_token: provider.issueForApplication(tenant.id, identity, `${resource}/.default`),
    client_id: identity.clientId,
    expires_on: String(Math.floor(now / 1000) + lifetime),
    resource,
    token_type: 'Bearer',
    // App Service answers with the moment only.
    ...(isImds
      ? {
          expires_in: String(lifetime),
          ext_expires_in: String(lifetime),
          not_before: String(Math.floor(now / 1000)),
        }
      : {}),
  });
}

function identityOf(identities: readonly FakeManagedIdentity[], query: URLSearchParams, isImds: boolean) {
  const resourceId = query.get(isImds ? 'msi_res_id' : 'mi_res_id');
  const objectId = query.get(isImds ? 'object_id' : 'principal_id');
  const clientId = query.get('client_id');
  if (clientId === null && objectId === null && resourceId === null) {
    return identities.find(({ isSystemAssigned }) => isSystemAssigned);
  }
  return identities.find(
    (identity) =>
      identity.clientId === clientId || identity.objectId === objectId || identity.resourceId === resourceId,
  );
}

function problem(error: string, description: string, status = 400): Answer {
  return json({ error, error_description: description }, status);
}
