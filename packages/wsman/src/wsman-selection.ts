import { DisconnectError, type Session } from '@slipline/core';
import type { FindValues } from './plugin.ts';
import { isDetached, type WsmanShell } from './wsman-shells.ts';
import { computerOf, isLocal, namesConnection } from './wsman-target.ts';

/** The own connections that are named; all of them where none is. */
export function namedConnections(
  own: readonly Session[],
  names: readonly string[] | undefined,
): readonly Session[] {
  if (names === undefined) return own;
  return own.filter((session) => names.some((name) => isNamed(session, name)));
}

/** One that was never opened has no details yet, and goes by its endpoint. */
function isNamed({ id, details, endpoint }: Session, name: string): boolean {
  return namesConnection(name, id, details) || endpoint.toLowerCase() === computerOf(name).toLowerCase();
}

/** A computer, and a connection of each user who has one to it, the latest first. */
export interface Computer {
  readonly endpoint: string;
  readonly connections: readonly Session[];
}

/** Shells are seen through any connection of a user; another user may see others. */
export function computersOf(connections: readonly Session[]): readonly Computer[] {
  const computers = new Map<string, Map<string, Session>>();
  for (const session of connections) {
    const { endpoint, principal = '', effects, details } = session;
    if (effects.length === 0 || details['computerName'] === undefined) continue;
    const place = endpoint.toLowerCase();
    const users = computers.get(place) ?? new Map<string, Session>();
    computers.set(place, users.set(principal.toLowerCase(), session));
  }
  return [...computers.values()].map((users) => {
    const latestFirst = [...users.values()].reverse();
    return { endpoint: latestFirst[0]!.endpoint, connections: latestFirst };
  });
}

/** Whether a shell passes the filters of a listing. */
export function passes(shell: WsmanShell, { owner, state, idle }: FindValues): boolean {
  if (owner !== undefined && !isOwnedBy(shell, owner)) return false;
  if (state !== undefined && isDetached(shell) !== (state === 'disconnected')) return false;
  return idle === undefined || (shell.idleTime !== undefined && shell.idleTime >= idle * 60);
}

/** Services name owners with their domain or without it. */
function isOwnedBy({ owner }: WsmanShell, wanted: string): boolean {
  if (owner === undefined) return false;
  const [name, other] = [owner.toLowerCase(), wanted.toLowerCase()];
  const bare = name.slice(name.indexOf('\\') + 1);
  return name === other || bare === other;
}

/** Refuses this computer, as Disconnect-WSMan does, by the key of its own message. */
export function expectRemovable({ computerName, strict = false }: FindValues): void {
  if (computerName === undefined ? !strict : !computerName.some(isLocal)) return;
  throw new DisconnectError(
    'invalid-request',
    'the connection to the local computer itself is always there',
    {
      system: 'localhost',
      next: 'name another computer, or, for a connection made to this one, its number or NAME:PORT',
      details: { resourceKey: 'LocalHost' },
    },
  );
}

/** Where that is `strict`, refuses names that none of `found` has, in the same way. */
export function expectFound(
  { computerName = [], strict = false }: FindValues,
  found: readonly Session[],
): void {
  const unknown = computerName.filter((name) => !found.some((session) => isNamed(session, name)));
  if (!strict || unknown.length === 0) return;
  throw new DisconnectError('not-found', `there is no connection to ${unknown.join(', ')}`, {
    next: 'slipline ls wsman shows what there is',
    details: { resourceKey: 'InvalidComputerName' },
  });
}

/** What the drive WSMan: lists first: this computer, connected to without anybody having done so. */
export const LOCAL_COMPUTER: Session = Object.freeze({
  provider: 'wsman',
  endpoint: 'localhost',
  id: 'localhost',
  kind: 'Container',
  label: 'localhost',
  state: 'unknown',
  ownership: 'foreign',
  effects: [],
  fingerprint: 'localhost',
  details: { computerName: 'localhost' },
});
