import { createHash } from 'node:crypto';
import { DisconnectError, type Session } from '@slipline/core';
import type { WsmanClient } from './wsman-client.ts';
import { secondsOf } from './wsman-duration.ts';
import { faultOf, saysGone } from './wsman-errors.ts';
import { FAULT } from './wsman-fault.ts';
import { ACTION, NS, POWERSHELL, RESOURCE } from './wsman-namespaces.ts';
import { textOf, type XmlElement } from './wsman-xml.ts';

/** A remote shell as the service lists it (MS-WSMV 2.2.4.37). Every field but the id may be missing. */
export interface WsmanShell {
  readonly id: string;
  /** What its own operations are to be sent to. */
  readonly resourceUri: string;
  readonly name: string | undefined;
  readonly owner: string | undefined;
  readonly clientAddress: string | undefined;
  readonly processId: string | undefined;
  readonly state: string | undefined;
  /** Seconds, like the other times. */
  readonly runTime: number | undefined;
  readonly idleTime: number | undefined;
  readonly idleTimeout: number | undefined;
}

const LONGEST_ID = 1024;
/** The end of the year 9999, which is as far as RFC 3339 goes. */
const LATEST = 253_402_300_799_999;

/** A row of the listing; `undefined` for one without an id. */
export function readShell(row: XmlElement): WsmanShell | undefined {
  const text = (name: string): string | undefined => textOf(row, NS.rsp, name);
  const id = text('ShellId');
  if (row.namespace !== NS.rsp || row.name !== 'Shell' || id === undefined || id.length > LONGEST_ID)
    return undefined;
  return {
    id,
    resourceUri: text('ResourceUri') ?? RESOURCE.cmd,
    name: text('Name'),
    owner: text('Owner'),
    clientAddress: text('ClientIP'),
    processId: text('ProcessId'),
    state: text('State'),
    runTime: secondsOf(text('ShellRunTime')),
    idleTime: secondsOf(text('ShellInactivity')),
    idleTimeout: secondsOf(text('IdleTimeOut')),
  };
}

/** All shells that this user may see, each once. */
export async function listShells(client: WsmanClient, signal: AbortSignal): Promise<readonly WsmanShell[]> {
  const shells = new Map<string, WsmanShell>();
  for await (const row of client.enumerate({ resourceUri: RESOURCE.shell }, signal)) {
    const shell = readShell(row);
    // Services may repeat rows while shells come and go.
    if (shell !== undefined) shells.set(shell.id, shell);
  }
  return [...shells.values()];
}

export async function getShell(
  client: WsmanClient,
  id: string,
  signal: AbortSignal,
): Promise<WsmanShell | undefined> {
  try {
    const shell = readShell(await client.get(RESOURCE.shell, { ShellId: id }, signal));
    if (shell?.id.toUpperCase() === id.toUpperCase()) return { ...shell, id };
    throw new DisconnectError(
      'protocol',
      'the service answers with something else than the shell asked for',
      {
        next: 'list the shells again',
      },
    );
  } catch (error) {
    if (saysGone(error)) return undefined;
    throw error;
  }
}

/** Parks it: the shell goes on without its client, until its idle time is over. For PowerShell shells (MS-WSMV 3.1.4.15). */
export async function detachShell(
  client: WsmanClient,
  { id, resourceUri }: Pick<WsmanShell, 'id' | 'resourceUri'>,
  signal: AbortSignal,
): Promise<'detached' | 'was-detached' | 'gone'> {
  try {
    const request = {
      action: ACTION.disconnect,
      resourceUri,
      selectors: { ShellId: id },
      body: '<rsp:Disconnect/>',
    };
    await client.invoke(request, signal);
    return 'detached';
  } catch (error) {
    if (saysGone(error)) return 'gone';
    if (!saysDetached(error)) throw error;
    const shell = await getShell(client, id, signal);
    if (shell === undefined) return 'gone';
    if (isDetached(shell)) return 'was-detached';
    throw error;
  }
}

/** Ends it, with all that runs in it. Whether it was there. */
export async function deleteShell(
  client: WsmanClient,
  { id, resourceUri }: Pick<WsmanShell, 'id' | 'resourceUri'>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.invoke({ action: ACTION.delete, resourceUri, selectors: { ShellId: id } }, signal);
    return true;
  } catch (error) {
    if (saysGone(error)) return false;
    throw error;
  }
}

/** What a shell answers that is detached already, besides others whose state does not fit. */
function saysDetached(error: unknown): boolean {
  const code = faultOf(error)?.code;
  return code === FAULT.shellDisconnected || code === FAULT.disconnectNotValid;
}

const isPowerShell = ({ resourceUri }: Pick<WsmanShell, 'resourceUri'>): boolean =>
  resourceUri.startsWith(POWERSHELL);

export const isDetached = ({ state }: WsmanShell): boolean => state === 'Disconnected';

/** The session that a shell is. `now` is when it was listed, in milliseconds since 1970. */
export function sessionOf(shell: WsmanShell, provider: string, endpoint: string, now: number): Session {
  const { id, resourceUri, name, owner, clientAddress, processId, state, runTime, idleTime, idleTimeout } =
    shell;
  const at = (seconds: number | undefined): string | undefined =>
    seconds === undefined ? undefined : timeOf(now + seconds * 1000);
  const kindOfShell = isPowerShell(shell) ? 'PowerShell' : 'winrs';
  return {
    provider,
    endpoint,
    id,
    kind: 'shell',
    label: `${kindOfShell} shell of ${owner ?? 'somebody'} on ${endpoint}`,
    principal: owner,
    state: isDetached(shell) ? 'detached' : 'live',
    ownership: 'foreign',
    effects: isPowerShell(shell) ? ['end', 'detach'] : ['end'],
    fingerprint: fingerprintOf(shell),
    openedAt: runTime === undefined ? undefined : at(-runTime),
    expiresAt: idleTimeout === undefined || idleTime === undefined ? undefined : at(idleTimeout - idleTime),
    details: {
      type: kindOfShell,
      resourceUri,
      ...(name !== undefined && { name }),
      ...(clientAddress !== undefined && { clientAddress }),
      ...(processId !== undefined && { processId }),
      ...(state !== undefined && { shellState: state }),
      ...(idleTime !== undefined && { idleSeconds: idleTime }),
      ...(idleTimeout !== undefined && { idleTimeoutSeconds: idleTimeout }),
    },
  };
}

/** Clients may choose ids, and so use one again; a later shell runs in another process or belongs to somebody else. */
function fingerprintOf({ id, resourceUri, owner = '', processId = '' }: WsmanShell): string {
  return createHash('sha256')
    .update(JSON.stringify([id, resourceUri, owner.toLowerCase(), processId]))
    .digest('hex')
    .slice(0, 32);
}

/** RFC 3339, where the time is one that can be written so. */
function timeOf(milliseconds: number): string | undefined {
  return milliseconds < 0 || milliseconds > LATEST ? undefined : new Date(milliseconds).toISOString();
}
