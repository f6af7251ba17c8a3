import { IdentityError } from './errors.ts';
import type { Variables } from './federated.ts';
import { badAnswer, type Http, type HttpRequest, type Reply } from './http.ts';
import { refusalOf } from './refusal.ts';
import { isLifetime, isToken, type TokenAnswer } from './token-answer.ts';

/** Which of the machine's identities is meant; the system-assigned one when nothing is named. */
export interface ManagedIdentityName {
  readonly clientId?: string | undefined;
  readonly objectId?: string | undefined;
  readonly resourceId?: string | undefined;
}

/** Who hands out tokens to this machine. */
export type ManagedIdentitySource = ManagedIdentityName &
  (
    | {
        readonly endpoint: 'imds';
        /** In place of the address that every Azure machine knows. */ readonly url?: string | undefined;
      }
    /** `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`, as App Service and its kin set them. */
    | { readonly endpoint: 'app-service'; readonly url: string; readonly header: string }
  );

const IMDS = 'http://169.254.169.254/metadata/identity/oauth2/token';

/** The source that the environment of this process announces; the instance metadata service where it announces none. */
export function managedIdentityFrom(
  variables: Variables,
  name: ManagedIdentityName = {},
): ManagedIdentitySource {
  const {
    IDENTITY_ENDPOINT: url,
    IDENTITY_HEADER: header,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: host,
  } = variables;
  if (url && header) return { ...name, endpoint: 'app-service', url, header };
  return host
    ? { ...name, endpoint: 'imds', url: `${host.replace(/\/$/, '')}/metadata/identity/oauth2/token` }
    : { ...name, endpoint: 'imds' };
}

/** A token of the machine's identity. `resource` is an origin: `https://graph.microsoft.com`. */
export async function managedIdentityToken(
  source: ManagedIdentitySource,
  resource: string,
  http: Http,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const { url, request } = requestOf(source, resource);
  const reply = await http.send(url, request, signal).catch((error: unknown) => {
    throw elsewhere(error);
  });
  const { json, status, skew } = reply;
  if (typeof json?.['error'] === 'string') throw notThere(reply);
  const accessToken = json?.['access_token'];
  if (status !== 200 || !isToken(accessToken)) throw badAnswer(url, reply);
  const expiresAt = endOf(reply);
  if (expiresAt === undefined) throw badAnswer(url, reply);
  return { accessToken, expiresAt, scopes: [], idToken: undefined, skew };
}

/** By our clock; App Service says when by the server's clock, and not how long. */
function endOf({ json, sentAt, skew }: Reply): number | undefined {
  const ours = Number(json?.['expires_on']) * 1000 - skew;
  const lifetime = Number(json?.['expires_in'] ?? (ours - sentAt) / 1000);
  return isLifetime(lifetime) ? sentAt + lifetime * 1000 : undefined;
}

function requestOf(source: ManagedIdentitySource, resource: string): { url: string; request: HttpRequest } {
  const isImds = source.endpoint === 'imds';
  const url = new URL(localAddress(source.url ?? IMDS));
  const { clientId, objectId, resourceId } = source;
  const query: Readonly<Record<string, string | undefined>> = {
    'api-version': isImds ? '2018-02-01' : '2019-08-01',
    resource,
    client_id: clientId,
    [isImds ? 'object_id' : 'principal_id']: objectId,
    [isImds ? 'msi_res_id' : 'mi_res_id']: resourceId,
  };
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, value);
  const headers: Record<string, string> = isImds
    ? { metadata: 'true' }
    : { 'x-identity-header': (source as { header: string }).header };
  return { url: url.href, request: { method: 'GET', headers } };
}

/** These endpoints speak plain HTTP, so they must be on this machine or its link. */
function localAddress(address: string): string {
  const { protocol, hostname } = URL.canParse(address) ? new URL(address) : { protocol: '', hostname: '' };
  const isLocal = /^(localhost|127(\.\d{1,3}){3}|169\.254(\.\d{1,3}){2}|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && isLocal)) return address;
  throw new IdentityError('invalid-settings', 'the endpoint of the managed identity is not on this machine', {
    next: 'leave IDENTITY_ENDPOINT as Azure sets it',
  });
}

/** Off Azure nobody answers at that address, which is the usual reason for these. */
function elsewhere(error: unknown): unknown {
  if (!IdentityError.is(error) || (error.code !== 'timeout' && error.code !== 'unreachable')) return error;
  return new IdentityError(error.code, 'there is no managed identity service here', {
    next: 'run this on an Azure machine that has a managed identity, or sign in another way',
    cause: error,
  });
}

function notThere({ status, json, retryAfter, skew }: Reply): IdentityError {
  const refusal = refusalOf(json ?? {}, { status, retryAfter, skew });
  if (refusal.code !== 'refused') return refusal;
  return new IdentityError('wrong-credential', `this machine has no such managed identity (${status})`, {
    next: 'assign the identity to the machine, and check its client ID',
  });
}
