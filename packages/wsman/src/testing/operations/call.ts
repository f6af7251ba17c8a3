import type { WsmanRequest } from '../envelope.ts';
import type { ServiceState } from '../service-state.ts';
import { ownerName, type WinrmUser } from '../settings.ts';
import type { Shell } from '../shell-store.ts';
import { WsmanFault } from '../wsman-faults.ts';

/** One request of a user, on its way to an operation. */
export interface Call {
  readonly request: WsmanRequest;
  readonly user: WinrmUser;
  readonly clientAddress: string;
  readonly state: ServiceState;
}

export function callerName({ user, state }: Call): string {
  return ownerName(user, state.settings);
}

export function ownsOrAdministers(call: Call, shell: Shell): boolean {
  return call.user.isAdministrator === true || shell.owner.toLowerCase() === callerName(call).toLowerCase();
}

/** The selector that names a shell; throws where there is none, or others besides. */
export function shellIdOf({ request }: Call): string {
  const id = request.selectors.get('ShellId');
  if (id === undefined || request.selectors.size !== 1) throw new WsmanFault('INVALID_SELECTORS');
  return id;
}

/** The shell that the selector names, which must be one of the request's resource. */
export function shellOf(call: Call): Shell {
  const shell = call.state.shells.find(shellIdOf(call));
  if (shell === undefined || shell.resourceUri !== call.request.resourceUri)
    throw new WsmanFault('UNEXPECTED_SELECTORS');
  if (!ownsOrAdministers(call, shell)) throw new WsmanFault('ACCESS_DENIED');
  return shell;
}
