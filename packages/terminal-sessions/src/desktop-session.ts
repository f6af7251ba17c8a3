import { createHash } from 'node:crypto';
import type { JsonObject, Session, SessionState } from '@slipline/core';
import { idleSeconds, inputTime, timestamp } from './desktop-times.ts';
import type { Caller } from './plugin.ts';
import type { ClientFacts, DesktopEntry, DesktopFacts, DesktopState } from './terminal-client.ts';

const PROVIDER = 'terminal-sessions';
export const DESKTOP = 'desktop';
export const CONNECTION = 'connection';

/** All that was found out about one session. */
export interface Desktop {
  readonly entry: DesktopEntry;
  /** Nothing where the host does not let us ask. */
  readonly facts: DesktopFacts | undefined;
  readonly client?: ClientFacts | undefined;
}

export interface Place {
  readonly endpoint: string;
  readonly host: string;
  readonly now: number;
  readonly caller: Caller | undefined;
  readonly isDetailed?: boolean | undefined;
}

export function desktopSession({ entry, facts, client }: Desktop, place: Place): Session {
  const { userName, domainName } = entry;
  const isSomebodys = userName !== '';
  const principal = domainName === '' ? userName : `${domainName}\\${userName}`;
  const isCaller = place.caller !== undefined && isAt(place.caller, entry, place.host);
  return {
    provider: PROVIDER,
    endpoint: place.endpoint,
    id: String(entry.id),
    kind: DESKTOP,
    label: `${isSomebodys ? principal : entry.sessionName || `session ${entry.id}`} on ${place.host}`,
    ...(isSomebodys && { principal }),
    state: STATES[entry.state],
    ownership: 'foreign',
    effects: isSomebodys ? ['detach', 'end'] : [],
    fingerprint: fingerprintOf(facts ?? entry, facts?.logonTime),
    openedAt: timestamp(facts?.logonTime),
    ...(isCaller && { isCaller }),
    details: detailsOf({ entry, facts, client }, place),
  };
}

/** Who is logged on and since when: Windows uses ids again. */
export function fingerprintOf(
  { userName, domainName }: Pick<DesktopFacts, 'userName' | 'domainName'>,
  logonTime: bigint | undefined,
): string {
  const facts = [domainName.toLowerCase(), userName.toLowerCase(), String(logonTime ?? '')];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22);
}

const STATES: Readonly<Record<DesktopState, SessionState>> = {
  Active: 'live',
  Connected: 'live',
  ConnectQuery: 'live',
  Shadow: 'live',
  Idle: 'live',
  Disconnected: 'detached',
  Listen: 'unknown',
  Reset: 'broken',
  Down: 'broken',
  Init: 'unknown',
};

function isAt(caller: Caller, { sessionName, userName }: DesktopEntry, host: string): boolean {
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  const isHere = same(shortName(caller.computerName), shortName(host)) || same(host, 'localhost');
  return isHere && same(caller.sessionName, sessionName) && same(caller.userName, userName);
}

function shortName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? host : (host.split('.')[0] ?? host);
}

function detailsOf({ entry, facts, client }: Desktop, { host, now, isDetailed = false }: Place): JsonObject {
  const lastInput = inputTime(facts?.lastInputTime);
  const all = {
    computerName: host,
    sessionId: entry.id,
    state: entry.state,
    sessionName: entry.sessionName,
    userName: entry.userName,
    domainName: entry.domainName,
    clientName: client?.clientName,
    clientAddress: client?.clientAddress,
    logonTime: timestamp(facts?.logonTime),
    connectTime: timestamp(facts?.connectTime),
    disconnectTime: timestamp(facts?.disconnectTime),
    lastInputTime: lastInput === undefined ? undefined : new Date(lastInput).toISOString(),
    idleSeconds: facts === undefined ? undefined : idleSeconds({ ...facts, state: entry.state }, now),
    ...(isDetailed && {
      isLocked: facts?.isLocked,
      horizontalResolution: client?.horizontalResolution,
      verticalResolution: client?.verticalResolution,
      colorDepth: client?.colorDepth,
      clientBuildNumber: client?.clientBuildNumber,
      encryptionLevel: client?.encryptionLevel,
    }),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
