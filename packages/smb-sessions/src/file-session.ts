import { createHash } from 'node:crypto';
import type { JsonObject, Session } from '@slipline/core';
import type { FindValues } from './plugin.ts';
import type { ListedSession } from './smb-sessions-client.ts';

const FILE_SESSION = 'file-session';
export const CONNECTION = 'connection';

/** Wide enough that seconds lost on the way seldom cross it. */
const ROUNDED = 300_000;
const SAME_START = 5_000;

/** What NetrSessionDel ends at once: all that one user has from one client. */
export interface FileSession extends ListedSession {
  readonly id: string;
  readonly count: number;
}

/** One session for each client and user, since the server cannot end less than that. */
export function grouped(rows: readonly ListedSession[]): readonly FileSession[] {
  const groups = new Map<string, FileSession>();
  for (const row of rows) {
    const id = `${row.client}\\${row.user}`;
    const key = id.toLowerCase();
    const known = groups.get(key);
    groups.set(key, known === undefined ? { ...row, id, count: 1 } : joined(known, row));
  }
  return [...groups.values()];
}

function joined(one: FileSession, other: ListedSession): FileSession {
  const opens = one.opens === undefined ? undefined : one.opens + (other.opens ?? 0);
  return {
    ...one,
    activeSeconds: Math.max(one.activeSeconds, other.activeSeconds),
    idleSeconds: Math.min(one.idleSeconds, other.idleSeconds),
    ...(opens !== undefined && { opens }),
    count: one.count + 1,
  };
}

export function isWanted({ user, client, idleSeconds }: FileSession, wanted: FindValues): boolean {
  return (
    (wanted.user?.some((name) => isUser(user, name)) ?? true) &&
    (wanted.client?.some((name) => same(name.replace(/^\\\\/, ''), client)) ?? true) &&
    idleSeconds >= (wanted.idle ?? 0) * 60
  );
}

/** A name without a domain is that of any domain. */
function isUser(user: string, wanted: string): boolean {
  return same(user, wanted) || (!wanted.includes('\\') && same(user.replace(/^.*\\/, ''), wanted));
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** When sessions began. Servers tell whole seconds since then, so the same session seems to begin a little earlier or later. */
export class Starts {
  readonly #known = new Map<string, number>();

  of(endpoint: string, { id, activeSeconds }: FileSession, now: number): number {
    const key = JSON.stringify([endpoint, id]).toLowerCase();
    const start = Math.floor(now / 1000) * 1000 - activeSeconds * 1000;
    const known = this.#known.get(key);
    if (known !== undefined && Math.abs(known - start) <= SAME_START) return known;
    this.#known.set(key, start);
    return start;
  }
}

export function fileSession(session: FileSession, endpoint: string, host: string, start: number): Session {
  const { id, client, user } = session;
  const canBeNamed = client !== '' && user !== '';
  return {
    provider: 'smb-sessions',
    endpoint,
    id,
    kind: FILE_SESSION,
    label: `${user || 'nobody'} on ${host} from ${client || 'nowhere'}`,
    ...(user !== '' && { principal: user }),
    state: 'live',
    ownership: 'foreign',
    effects: canBeNamed ? ['end'] : [],
    fingerprint: fingerprintOf(id, start),
    openedAt: new Date(start).toISOString(),
    details: detailsOf(session, host),
  };
}

function fingerprintOf(id: string, start: number): string {
  const facts = [id.toLowerCase(), Math.round(start / ROUNDED)];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22);
}

function detailsOf(session: FileSession, host: string): JsonObject {
  const { client, user, count, activeSeconds, idleSeconds, opens, clientType, transport } = session;
  return {
    computerName: host,
    clientName: client,
    userName: user,
    sessionCount: count,
    activeSeconds,
    idleSeconds,
    ...(opens !== undefined && { openCount: opens }),
    ...(clientType !== undefined && { clientType }),
    ...(transport !== undefined && { transport }),
  };
}
