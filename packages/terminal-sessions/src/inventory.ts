import type { Session } from '@slipline/core';
import pLimit from 'p-limit';
import { isIdleEnough, isWanted } from './desktop-filter.ts';
import { desktopSession, type Desktop, type Place } from './desktop-session.ts';
import { inputTime } from './desktop-times.ts';
import type { FindValues } from './plugin.ts';
import type { DesktopEntry, DesktopFacts, TerminalClient } from './terminal-client.ts';
import { isForbidden } from './terminal-sessions-errors.ts';

/** Each has a pipe of its own, which takes as long to open as several sessions take to be asked about. */
const AT_ONCE = 2;

/** The sessions of one host that match, in the order of its list. */
export async function takeInventory(
  client: TerminalClient,
  selector: FindValues,
  place: Place,
  signal: AbortSignal,
): Promise<readonly Session[]> {
  const { detailed: isDetailed = false, sessionId } = selector;
  // Whoever names a session wants to disconnect it, not to know who sits there.
  const asksClients = isDetailed || sessionId === undefined;
  const wanted = (await client.list(signal)).filter((entry) => isWanted(entry, selector));
  const limit = pLimit(AT_ONCE);
  const desktops = await Promise.all(
    // A signal of its own for each, since many listeners at one look like a leak.
    wanted.map((entry) => limit(() => look(client, entry, asksClients, AbortSignal.any([signal])))),
  );
  return desktops
    .filter((desktop) => desktop !== undefined)
    .filter(({ facts }) => isIdleEnough(facts, selector, place.now))
    .map((desktop) => desktopSession(desktop, { ...place, isDetailed }));
}

/** Nothing where the session has ended since it was listed. */
async function look(
  client: TerminalClient,
  entry: DesktopEntry,
  asksClients: boolean,
  signal: AbortSignal,
): Promise<Desktop | undefined> {
  const isConnected = entry.userName !== '' && entry.state !== 'Disconnected';
  let facts: DesktopFacts | undefined;
  try {
    facts = await client.facts(entry.id, signal);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return { entry, facts: undefined };
  }
  if (facts === undefined) return undefined;
  if (!asksClients || !isConnected) return { entry, facts };
  if (inputTime(facts.lastInputTime) === undefined) {
    const lastInputTime = await client.lastInputTime(entry.id, signal);
    if (lastInputTime !== undefined) facts = { ...facts, lastInputTime };
  }
  return { entry, facts, client: await client.client(entry.id, signal) };
}
