import { json, type Answer, type Call } from './call.ts';
import type { FakeTenant, FakeUser } from './directory.ts';
import type { TokenFacts } from './token-issuer.ts';

/** What Graph's routes need to know and to do. */
export interface GraphBackend {
  readonly tenants: readonly FakeTenant[];
  /** The resource that tokens must be for. */
  readonly audience: string;
  /** Whether revoked tokens are refused before they expire. */
  readonly isContinuous: boolean;
  introspect(token: string): TokenFacts | undefined;
  revoke(user: FakeUser): void;
}

/** A request whose token was accepted. */
interface GraphCall {
  readonly backend: GraphBackend;
  readonly facts: TokenFacts;
  /** Whom the path names: the token's owner for `me`. */
  readonly user: FakeUser | undefined;
}

const READ = [
  'User.Read',
  'User.Read.All',
  'User.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
/** Graph's reference, "user: revokeSignInSessions", from the least to the most. */
const REVOKE = ['User.RevokeSessions.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'];

export function answerOfGraph(backend: GraphBackend, call: Call): Answer {
  const [, version, root, name, action] = decodePath(call.path);
  const [, token] = /^Bearer (\S+)$/i.exec(call.headers.authorization ?? '') ?? [];
  if (version !== 'v1.0') return problem(404, 'ResourceNotFound', 'Resource not found.');
  if (token === undefined) return unauthorized('Access token is empty.');
  const facts = backend.introspect(token);
  if (facts === undefined) return unauthorized('CompactToken parsing failed with error code: 80049217');
  if (facts.audience !== backend.audience)
    return unauthorized('Access token validation failure. Invalid audience.');
  if (facts.isExpired) return unauthorized('Lifetime validation failed, the token is expired.');
  if (facts.isRevoked && backend.isContinuous) return challenged();
  if (root === 'me') {
    if (facts.userName === undefined)
      return problem(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
    return route(call.method, name, { backend, facts, user: personOf(backend, facts, facts.objectId) });
  }
  if (root === 'users' && name !== undefined)
    return route(call.method, action, { backend, facts, user: personOf(backend, facts, name) });
  return problem(404, 'ResourceNotFound', 'Resource not found.');
}

function route(method: string, action: string | undefined, call: GraphCall): Answer {
  if (method === 'GET' && action === undefined) return read(call);
  if (method === 'POST' && action === 'revokeSignInSessions') return revoke(call);
  return problem(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
}

function read({ backend, facts, user }: GraphCall): Answer {
  if (!isAllowed(facts, READ)) return denied();
  if (user === undefined) return unknown();
  return json({
    '@odata.context': `${backend.audience}/v1.0/$metadata#users/$entity`,
    id: user.objectId,
    userPrincipalName: user.userName,
    displayName: user.name,
    mail: user.userName,
  });
}

function revoke({ backend, facts, user }: GraphCall): Answer {
  if (!isAllowed(facts, REVOKE)) return denied();
  if (user === undefined) return unknown();
  backend.revoke(user);
  return json({ '@odata.context': `${backend.audience}/v1.0/$metadata#Edm.Boolean`, value: true });
}

function isAllowed({ scopes, roles }: TokenFacts, permissions: readonly string[]): boolean {
  return permissions.some((permission) => scopes.includes(permission) || roles.includes(permission));
}

function personOf({ tenants }: GraphBackend, { tenantId }: TokenFacts, name: string): FakeUser | undefined {
  const wanted = name.toLowerCase();
  return tenants
    .find(({ id }) => id === tenantId)
    ?.users.find(({ objectId, userName }) => objectId === wanted || userName.toLowerCase() === wanted);
}

function decodePath(path: string): readonly (string | undefined)[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** As Graph words its errors. */
export function problem(status: number, code: string, message: string): Answer {
  return json(
    { error: { code, message, innerError: { 'request-id': '0b5c0000-fa4e-4000-8000-000000000001' } } },
    status,
  );
}

export function unauthorized(message: string): Answer {
  const answer = problem(401, 'InvalidAuthenticationToken', message);
  return {
    ...answer,
    headers: { ...answer.headers, 'www-authenticate': 'Bearer realm="", error="invalid_token"' },
  };
}

/** Continuous access evaluation: the token is good, and its owner's sign-in is not any more. */
function challenged(): Answer {
  const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}').toString('base64');
  const answer = problem(
    401,
    'InvalidAuthenticationToken',
    'Continuous access evaluation resulted in challenge.',
  );
  const challenge = `Bearer realm="", error="insufficient_claims", claims="${claims}"`;
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': challenge } };
}

export function denied(): Answer {
  return problem(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

export function unknown(): Answer {
  return problem(
    404,
    'Request_ResourceNotFound',
    'Resource does not exist or one of its queried reference-property objects are not present.',
  );
}
