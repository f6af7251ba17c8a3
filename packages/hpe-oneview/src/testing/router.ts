import {
  authorization,
  invalidRequest,
  invalidVersion,
  methodNotAllowed,
  pathNotFound,
  sessionNotFound,
  unsupportedMediaType,
} from './appliance-errors.ts';
import { header, type Answer, type Call, type Route, type Routes } from './call.ts';
import type { ApplianceState } from './appliance-state.ts';
import { inventoryRoutes } from './inventory-routes.ts';
import { loginRoutes } from './login-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import type { Settings } from './settings.ts';

const TABLE: Routes = { ...loginRoutes, ...sessionRoutes, ...inventoryRoutes };
const ROUTES: ReadonlyMap<string, Route> = new Map(Object.entries(TABLE));
const PATHS: ReadonlySet<string> = new Set(Object.keys(TABLE).map((key) => key.slice(key.indexOf(' ') + 1)));

/** Does what the request asks, checking in the order in which an appliance does. */
export function answerTo(call: Call, appliance: ApplianceState): Answer {
  const route = ROUTES.get(`${call.method} ${call.path}`);
  const refusal = call.path === '/rest/version' ? undefined : refuseVersion(call, appliance.settings);
  if (refusal !== undefined) return refusal;
  if (route?.access === 'anonymous') return refuseMediaType(call) ?? route.handle(call, appliance);
  if (route?.access === 'session-id') return answerToSessionId(call, appliance, route);

  const session = appliance.sessions.touch(header(call, 'auth'));
  if (session === undefined) return authorization();
  if (route === undefined)
    return PATHS.has(call.path) ? methodNotAllowed(call.method) : pathNotFound(call.path);
  return refuseMediaType(call) ?? route.handle(call, appliance, session);
}

function answerToSessionId(call: Call, appliance: ApplianceState, route: Route): Answer {
  const { sessions, settings } = appliance;
  if (settings.sessionsNeedToken && sessions.find(header(call, 'auth')) === undefined) return authorization();
  const id = header(call, 'session-id');
  if (id === undefined) return invalidRequest('The Session-ID header is missing.');
  const session = sessions.find(id);
  if (session === undefined) return sessionNotFound();
  return refuseMediaType(call) ?? route.handle(call, appliance, session);
}

/** A request without a version means version 1, which knows none of these paths. */
function refuseVersion(call: Call, { minimumVersion, currentVersion }: Settings): Answer | undefined {
  const version = header(call, 'x-api-version');
  if (version === undefined) return pathNotFound(call.path);
  const number = /^\d{1,9}$/.test(version) ? Number(version) : NaN;
  return number >= minimumVersion && number <= currentVersion
    ? undefined
    : invalidVersion(version, currentVersion);
}

/** Only POST and PUT need to say what they send. */
function refuseMediaType(call: Call): Answer | undefined {
  if (call.body === '' || (call.method !== 'POST' && call.method !== 'PUT')) return undefined;
  const mediaType = header(call, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return mediaType === 'application/json' ? undefined : unsupportedMediaType();
}
