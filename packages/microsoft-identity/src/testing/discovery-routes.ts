import { json, plainText, type Answer, type Call } from './call.ts';
import type { ProviderState } from './provider-state.ts';
import { refuse } from './refusals.ts';
import { ANY_TENANT } from './token-routes.ts';

/** `GET /{tenant}/v2.0/.well-known/openid-configuration`. */
export function configuration(state: ProviderState, _call: Call, segment: string): Answer {
  const tenant = state.directory.tenant(segment);
  if (tenant === undefined && !ANY_TENANT.includes(segment)) return refuse(90002, state.now, state.origin);
  const base = `${state.origin}/${tenant?.id ?? segment}`;
  return json({
    issuer: `${state.origin}/${tenant?.id ?? '{tenantid}'}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'form_post'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
  });
}

/** `GET /common/discovery/instance`: which hosts are one cloud. */
export function instances(state: ProviderState, call: Call): Answer {
  const { host } = new URL(state.origin);
  if (!call.query.has('authorization_endpoint')) return refuse(900144, state.now, state.origin);
  return json({
    tenant_discovery_endpoint: `${state.origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
}

/** `GET /{tenant}/discovery/v2.0/keys`: none, since the fake's keys are its own business. */
export function keys(): Answer {
  return json({ keys: [] });
}

/** `GET /{tenant}/oauth2/v2.0/logout`: a page for browsers, which ends no token. */
export function logout(): Answer {
  return plainText('You have signed out of this browser.');
}

/** `GET /actions/id-token`: a build service's own issuer, as a job's `ACTIONS_ID_TOKEN_REQUEST_URL` names it. */
export function buildToken(state: ProviderState, call: Call): Answer {
  if (call.headers.authorization !== `bearer ${state.workload.requestToken}`)
    return plainText('Unauthorized', 401);
  const value = state.workload.assertion({ aud: call.query.get('audience') ?? 'https://github.com/contoso' });
  state.issued.add(value);
  return json({ count: value.length, value });
}
