import { checkTenant, isAnyTenant, isTenantId } from './application.ts';
import { isLoginOf, type Environment } from './environments.ts';
import { COMPUTER_CLOCK, Http, type Clock } from './http.ts';
import { readFields } from './token-answer.ts';
import { untrusted } from './token-checks.ts';

export interface TenantOptions {
  readonly environment: Environment;
  readonly fetch: typeof fetch;
  /** The computer's own when absent. */
  readonly clock?: Clock | undefined;
  /** Milliseconds for the request; 30 seconds when absent. */
  readonly requestTimeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The GUID of a tenant that is named by a domain, asked of the directory, which needs no sign-in; so that a token can be held against
 * it. A GUID, and a name such as `organizations`, is given back as it is. `unknown-tenant` where there is none.
 */
export async function tenantIdOf(tenant: string, options: TenantOptions): Promise<string> {
  const name = checkTenant(tenant);
  const { environment, fetch, clock = COMPUTER_CLOCK, requestTimeout: timeout = 30_000 } = options;
  if (isTenantId(name) || isAnyTenant(name) || environment.protocolMode === 'OIDC') return name;
  const http = new Http({ fetch, clock, timeout });
  const url = `${environment.login}/${name}/v2.0/.well-known/openid-configuration`;
  const reply = await http.send(url, { method: 'GET' }, options.signal ?? new AbortController().signal);
  const { issuer } = readFields(url, reply);
  const [, id = ''] =
    typeof issuer === 'string' && isLoginOf(environment, issuer)
      ? (/^\/([0-9a-f-]{36})\/v2\.0\/?$/.exec(new URL(issuer).pathname.toLowerCase()) ?? [])
      : [];
  if (isTenantId(id)) return id;
  throw untrusted('the directory does not say which tenant this is');
}
