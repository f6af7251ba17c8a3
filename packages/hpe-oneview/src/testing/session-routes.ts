import { authorization, insufficientPrivileges, invalidRequest } from './appliance-errors.ts';
import { json, jsonObject, type Answer, type Call, type Routes } from './call.ts';
import type { ApplianceState } from './appliance-state.ts';
import { page } from './page.ts';
import type { Permission, Session } from './session-store.ts';
import { MAX_IDLE_TIMEOUT } from './settings.ts';

/** What a live session can learn about itself and others, and change. */
export const sessionRoutes: Routes = {
  'GET /rest/sessions': { access: 'session-id', handle: describe },
  'GET /rest/sessions/idle-timeout': {
    access: 'session-id',
    handle: (_call, _appliance, session) => json({ idleTimeout: session.idleMs }),
  },
  'POST /rest/sessions/idle-timeout': { access: 'session-id', handle: setIdleTimeout },
  'POST /rest/login-sessions/auth-token': { access: 'token', handle: rotateToken },
  'GET /rest/active-user-sessions': { access: 'token', handle: listActive },
  // The name the same list had in early releases.
  'GET /rest/sessions/users': { access: 'token', handle: listActive },
  'PUT /rest/session-settings': { access: 'token', handle: changeLimits },
};

/** The roles that may read other users' sessions and change the limits. */
const ADMINISTRATORS: readonly string[] = ['Infrastructure administrator', 'Security administrator'];

function describe(_call: Call, { settings }: ApplianceState, session: Session): Answer {
  return json({
    username: session.userName,
    loginDomain: session.loginDomain,
    clientHost: session.clientAddress,
    serverHost: settings.hostName,
    loggingID: session.loggingId,
    sessionID: session.token,
    permissions: session.permissions,
    roles: session.permissions.map(({ roleName }) => roleName),
  });
}

function setIdleTimeout(call: Call, { sessions }: ApplianceState, session: Session): Answer {
  const idleTimeout = jsonObject(call)?.['idleTimeout'];
  if (!isIntegerBetween(1, idleTimeout, MAX_IDLE_TIMEOUT)) {
    return invalidRequest('idleTimeout must be a number of milliseconds, 24 hours at most.');
  }
  sessions.setIdleTimeout(session.token, idleTimeout);
  return json({ idleTimeout });
}

function rotateToken(call: Call, { sessions, settings }: ApplianceState, session: Session): Answer {
  const { sessionID, permissionsToActivate = [] } = jsonObject(call) ?? {};
  if (typeof sessionID !== 'string' || !Array.isArray(permissionsToActivate)) {
    return invalidRequest('The request body must be a JSON object with sessionID and permissionsToActivate.');
  }
  if (sessionID !== session.token) return authorization();
  const permissions = activate(session.permissions, permissionsToActivate);
  if (permissions === undefined) return insufficientPrivileges();
  const rotated = sessions.open({ ...session, permissions }, session.idleMs);
  if (settings.rotationEndsOldToken) sessions.end(session.token, 'rotated');
  return json({ sessionID: rotated.token });
}

/** `held` with the wanted ones active, all when none is named; `undefined` where one that is wanted is not held. */
function activate(
  held: readonly Permission[],
  wanted: readonly unknown[],
): readonly Permission[] | undefined {
  const keys = wanted.map((permission) => keyOf((permission ?? {}) as Partial<Permission>));
  const known = new Set(held.map(keyOf));
  if (!keys.every((key) => known.has(key))) return undefined;
  return held.map((permission) => ({
    ...permission,
    active: keys.length === 0 || keys.includes(keyOf(permission)),
  }));
}

function keyOf({ roleName, scopeUri }: Partial<Permission>): string {
  return JSON.stringify([roleName, scopeUri === '' ? null : (scopeUri ?? null)]);
}

function listActive(call: Call, appliance: ApplianceState, session: Session): Answer {
  if (!isAdministrator(session)) return missingRight(appliance);
  return page(call, appliance, 'SessionUserCollectionV2', appliance.sessions.openSessions(), (member) => ({
    type: 'SessionUserV2',
    name: member.userName,
    username: member.userName,
    loginDomain: member.loginDomain,
    clientHost: member.clientAddress,
    timeCreated: new Date(member.created).toISOString(),
    timeAccessed: new Date(member.accessed).toISOString(),
    loggingID: member.loggingId,
    status: 'OK',
  }));
}

/** No source shows this body; the names of the limits stand for its fields. */
function changeLimits(call: Call, appliance: ApplianceState, session: Session): Answer {
  if (!isAdministrator(session)) return missingRight(appliance);
  const { limits } = appliance.settings;
  const { SESSION_CRITICAL_LIMIT = limits.appliance, SESSION_CLIENT_LIMIT = limits.client } =
    jsonObject(call) ?? {};
  if (!isIntegerBetween(1, SESSION_CRITICAL_LIMIT, 1e6) || !isIntegerBetween(1, SESSION_CLIENT_LIMIT, 1e6)) {
    return invalidRequest('The limits must be positive numbers.');
  }
  appliance.configure({ limits: { appliance: SESSION_CRITICAL_LIMIT, client: SESSION_CLIENT_LIMIT } });
  return json({ SESSION_CRITICAL_LIMIT, SESSION_CLIENT_LIMIT });
}

function isAdministrator(session: Session): boolean {
  return session.permissions.some(({ active, roleName }) => active && ADMINISTRATORS.includes(roleName));
}

function missingRight({ settings }: ApplianceState): Answer {
  return settings.missingRight === 'AUTHORIZATION' ? authorization() : insufficientPrivileges();
}

function isIntegerBetween(lowest: number, value: unknown, highest: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest;
}
