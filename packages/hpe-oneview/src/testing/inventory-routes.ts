import { authorization } from './appliance-errors.ts';
import { header, json, type Answer, type Call, type Routes } from './call.ts';
import type { ApplianceState } from './appliance-state.ts';
import { page } from './page.ts';
import { startupOf } from './startup.ts';

/** What the appliance is and what it manages. */
export const inventoryRoutes: Routes = {
  'GET /rest/server-hardware': { access: 'token', handle: listServers },
  'GET /rest/roles': { access: 'token', handle: listRoles },
  'GET /rest/appliance/nodeinfo/version': { access: 'anonymous', handle: describeNode },
  'GET /rest/appliance/progress': { access: 'anonymous', handle: describeStartup },
};

const ROLES: readonly string[] = [
  'Infrastructure administrator',
  'Security administrator',
  'Server administrator',
  'Read only',
];

function listServers(call: Call, appliance: ApplianceState): Answer {
  const servers = appliance.settings.serverHardware.map((name, index) => ({ name, index }));
  return page(call, appliance, 'server-hardware-list', servers, ({ name, index }) => ({
    type: 'server-hardware',
    name,
    uri: `/rest/server-hardware/30303437-3933-4753-4831-${String(index).padStart(12, '0')}`,
    model: 'ProLiant BL460c Gen9',
    powerState: 'On',
    status: 'OK',
  }));
}

function listRoles(call: Call, appliance: ApplianceState): Answer {
  return page(call, appliance, 'RoleNameTypeCollection', ROLES, (roleName) => ({ roleName }));
}

function describeNode(call: Call, { settings, sessions }: ApplianceState): Answer {
  const mayRead = !settings.nodeInfoNeedsToken || sessions.touch(header(call, 'auth')) !== undefined;
  if (!mayRead) return authorization();
  return json({
    type: 'NodeVersion',
    softwareVersion: settings.softwareVersion,
    platformType: settings.platformType,
    modelNumber: settings.platformType === 'vm' ? 'HPE OneView VM' : 'Synergy Composer',
    uuid: '4213a2c5-7e1f-4d6b-9a08-0c5e6f7a8b9c',
  });
}

function describeStartup(_call: Call, appliance: ApplianceState): Answer {
  const { complete, total } = startupOf(appliance.faults);
  return json({
    completeComponents: complete,
    totalComponents: total,
    percentComplete: Math.floor((100 * complete) / total),
  });
}
