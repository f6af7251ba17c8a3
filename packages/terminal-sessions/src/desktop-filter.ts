import { idleSeconds } from './desktop-times.ts';
import type { FindValues } from './plugin.ts';
import type { DesktopEntry, DesktopFacts } from './terminal-client.ts';

type Filter = Pick<FindValues, 'sessionId' | 'user' | 'state' | 'onlineOnly' | 'systemSessions' | 'idle'>;

const ONLINE: ReadonlySet<string> = new Set(['Active', 'Connected', 'ConnectQuery', 'Shadow', 'Idle']);

/** Whether the host's list alone already says that a session is wanted. */
export function isWanted(entry: DesktopEntry, filter: Filter): boolean {
  const { sessionId, user, state, onlineOnly = false, systemSessions = false } = filter;
  if (entry.userName === '' && !systemSessions) return false;
  if (sessionId?.includes(entry.id) === false) return false;
  if (user?.some((name) => isCalled(name, entry)) === false) return false;
  if (state?.includes(entry.state) === false) return false;
  return !onlineOnly || ONLINE.has(entry.state);
}

/** A session whose idle time nobody knows is never idle long enough. */
export function isIdleEnough(facts: DesktopFacts | undefined, { idle }: Filter, now: number): boolean {
  if (idle === undefined) return true;
  const seconds = facts === undefined ? undefined : idleSeconds(facts, now);
  return seconds !== undefined && seconds >= idle * 60;
}

/** `jdoe` of any domain, `DOMAIN\jdoe`; whole names, without regard to case. */
function isCalled(name: string, { userName, domainName }: DesktopEntry): boolean {
  const wanted = name.toLowerCase();
  const user = userName.toLowerCase();
  return wanted === user || wanted === `${domainName.toLowerCase()}\\${user}`;
}
