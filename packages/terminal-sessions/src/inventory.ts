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

/** The sessions of one host that match, in the order of its list, or of the ids that were named. */
export async function takeInventory(
  client: TerminalClient,
  selector: FindValues,
  place: Place,
  signal: AbortSignal,
): Promise<readonly Session[]> {
  const { detailed: isDetailed = false, sessionId } = selector;
  const limit = pLimit(AT_ONCE);
  // A signal of its own for each, since many listeners at one look like a leak.
  const limited = (look: (own: AbortSignal) => Promise<Desktop | undefined>) =>
    limit(() => look(AbortSignal.any([signal])));
  const looks =
    sessionId === undefined
      ? (await client.list(signal))
          .filter((entry) => isWanted(entry, selector))
          .map((entry) => limited((own) => lookAt(client, entry, own)))
      : sessionId.map((id) => limited((own) => lookFor(client, id, isDetailed, own)));
  return (await Promise.all(looks))
    .filter((desktop) => desktop !== undefined)
    .filter(({ entry, facts }) => isWanted(entry, selector) && isIdleEnough(facts, selector, place.now))
    .map((desktop) => desktopSession(desktop, { ...place, isDetailed }));
}

/** Nothing where the session has ended since it was listed. */
async function lookAt(
  client: TerminalClient,
  entry: DesktopEntry,
  signal: AbortSignal,
): Promise<Desktop | undefined> {
  try {
    const facts = await client.facts(entry.id, signal);
    return facts && (await withClient(client, { entry, facts }, signal));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return { entry, facts: undefined };
  }
}

/**
 * A session that is named, without the list, which is long where many are logged on: only for whoever may not ask about the
 * session itself. Whoever names one wants to disconnect it, not to know who sits there.
 */
async function lookFor(
  client: TerminalClient,
  id: number,
  asksClient: boolean,
  signal: AbortSignal,
): Promise<Desktop | undefined> {
  try {
    const facts = await client.facts(id, signal);
    const desktop = facts && { entry: { ...facts, id }, facts };
    return desktop && asksClient ? await withClient(client, desktop, signal) : desktop;
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const entry = (await client.list(signal)).find((one) => one.id === id);
    return entry && { entry, facts: undefined };
  }
}

async function withClient(
  client: TerminalClient,
  { entry, facts }: Desktop & { readonly facts: DesktopFacts },
  signal: AbortSignal,
): Promise<Desktop> {
  if (entry.userName === '' || entry.state === 'Disconnected') return { entry, facts };
  const lastInputTime =
    inputTime(facts.lastInputTime) === undefined ? await client.lastInputTime(entry.id, signal) : undefined;
  return {
    entry,
    facts: lastInputTime === undefined ? facts : { ...facts, lastInputTime },
    client: await client.client(entry.id, signal),
  };
}
