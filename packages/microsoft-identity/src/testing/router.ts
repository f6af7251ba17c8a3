import { json, type Answer, type Call } from './call.ts';
import { buildToken, configuration, instances, keys, logout } from './discovery-routes.ts';
import type { ProviderState } from './provider-state.ts';
import { approveDevice, authorize, deviceAuth, signIn } from './sign-in-routes.ts';
import { deviceCode, token } from './token-routes.ts';

type Handler = (state: ProviderState, call: Call, segment: string) => Answer;

/** By method and path; the first part of the path is the tenant where a `*` stands. */
const ROUTES: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['GET /*/v2.0/.well-known/openid-configuration', configuration],
  ['GET /common/discovery/instance', instances],
  ['GET /*/discovery/v2.0/keys', keys],
  ['GET /*/oauth2/v2.0/logout', logout],
  ['GET /*/oauth2/v2.0/authorize', authorize],
  ['POST /*/oauth2/v2.0/authorize', signIn],
  ['POST /*/oauth2/v2.0/token', token],
  ['POST /*/oauth2/v2.0/devicecode', deviceCode],
  ['GET /common/oauth2/deviceauth', deviceAuth],
  ['POST /common/oauth2/deviceauth', approveDevice],
  ['GET /actions/id-token', buildToken],
]);

export function answerTo(state: ProviderState, call: Call): Answer {
  const { method, path } = call;
  const slash = path.indexOf('/', 1);
  const segment = slash === -1 ? '' : decode(path.slice(1, slash));
  const handler = ROUTES.get(`${method} ${path}`) ?? ROUTES.get(`${method} /*${path.slice(slash)}`);
  // The real system has no JSON error here either.
  return handler === undefined
    ? json({ message: 'Not found' }, 404)
    : handler(state, call, segment.toLowerCase());
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
