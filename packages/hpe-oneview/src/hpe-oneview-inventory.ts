import { createHash } from 'node:crypto';
import { DisconnectError, type JsonObject, type Session } from '@slipline/core';
import pLimit from 'p-limit';
import type { ActiveSession, SessionFacts } from './hpe-oneview-client.ts';
import { applianceError } from './hpe-oneview-errors.ts';
import { lookUp, type Handle } from './hpe-oneview-liveness.ts';
import { principalOf } from './hpe-oneview-login.ts';
import { ApplianceError } from './hpe-oneview-reply.ts';

/** What to ask one appliance. */
export interface Question {
  readonly endpoint: string;
  /** Own sessions there: all of them where others are wanted, so that none of those is taken for somebody else's. */
  readonly own: readonly Session[];
  /** Rejects with `not-found` for a session whose token nobody has. */
  readonly handle: (session: Session) => Promise<Handle>;
  /** Also what own sessions have left: idle time, and how many more may be opened. */
  readonly isDetailed: boolean;
  readonly wantsOthers: boolean;
  readonly limits: SessionLimits;
  readonly signal: AbortSignal;
}

/** How many sessions an appliance allows, in all and for one client address. An administrator can raise both. */
interface SessionLimits {
  readonly appliance: number;
  readonly client: number;
}

/** What an appliance says of sessions. */
export interface Inventory {
  /** By id. */
  readonly own: ReadonlyMap<string, Session>;
  readonly others: readonly Session[];
  /** What could not be asked. */
  readonly error?: DisconnectError | undefined;
}

interface Seen {
  readonly session: Session;
  readonly handle?: Handle | undefined;
  /** Of a session that lives. */
  readonly facts?: SessionFacts | undefined;
  readonly error?: DisconnectError | undefined;
}

const AT_ONCE = 8;
const LONGEST_IDLE_TIME = 24 * 60 * 60_000;

const PROVIDER = 'hpe-oneview';
/** What OneView's users call a session. */
export const KIND = 'connection';
/** What ids of other people's sessions begin with; those of own ones are numbers. */
export const OTHERS = 'user-';

/** Asks one appliance. Never throws for it: what it does not answer is said in the sessions and in `error`. */
export async function takeInventory(question: Question): Promise<Inventory> {
  const limit = pLimit(AT_ONCE);
  const seen = await Promise.all(question.own.map((session) => limit(() => look(session, question))));
  const failure = seen.find((one) => one.error !== undefined)?.error;
  const list = await listActive(seen, question);
  const members = matched(seen, list.members ?? []);
  const own = await Promise.all(
    seen.map((one) => limit(() => described(one, members.get(one.session.id), list.members, question))),
  );
  const taken = new Set(members.values());
  const others = (list.members ?? []).filter((member) => question.wantsOthers && !taken.has(member));
  return {
    own: new Map(own.map((session) => [session.id, session])),
    others: others.map((member) => otherSession(question.endpoint, member)),
    error: failure ?? (question.wantsOthers ? list.error : undefined),
  };
}

/** Looks whether one own session lives; that does not renew it. One without a token stays as the ledger has it. */
async function look(session: Session, question: Question): Promise<Seen> {
  try {
    const handle = await question.handle(session).catch(absent);
    if (handle === undefined) return { session };
    const facts = await lookUp(handle, question.signal);
    if (facts !== undefined) return { session: { ...session, state: 'live' }, handle, facts };
    return { session: { ...session, state: session.state === 'closing' ? 'closed' : 'expired' } };
  } catch (error) {
    const known = inWords(error);
    const details = { ...session.details, problem: `${known.code}: ${known.message}` };
    return { session: { ...session, state: 'unknown', details }, error: known };
  }
}

/** The list of everybody's sessions, asked with the youngest session of each own user until one may read it. */
async function listActive(
  seen: readonly Seen[],
  { isDetailed, wantsOthers, signal }: Question,
): Promise<{ members?: readonly ActiveSession[]; error?: DisconnectError }> {
  if (!isDetailed && !wantsOthers) return {};
  const living = seen.flatMap(({ session, handle, facts }) =>
    handle === undefined || facts === undefined ? [] : [[session.principal, handle] as const],
  );
  let error = new DisconnectError('unsupported', 'no own session lives there to ask with', {
    next: 'connect to it first',
  });
  for (const { client, token } of new Map(living).values()) {
    try {
      return { members: await client.activeSessions(token, signal) };
    } catch (failure) {
      error = inWords(failure);
    }
  }
  return { error };
}

/** Which member is which own session: by its logging id, and where there is none by user and address. */
function matched(seen: readonly Seen[], members: readonly ActiveSession[]): Map<string, ActiveSession> {
  const free = new Set(members);
  const pairs = seen.flatMap(({ session, facts }): [string, ActiveSession][] => {
    const member = facts && [...free].find((candidate) => isSame(candidate, facts));
    if (member === undefined) return [];
    free.delete(member);
    return [[session.id, member]];
  });
  return new Map(pairs);
}

function isSame(member: ActiveSession, facts: SessionFacts): boolean {
  if (member.loggingId !== undefined && facts.loggingId !== undefined)
    return member.loggingId === facts.loggingId;
  return (
    member.userName?.toLowerCase() === facts.userName?.toLowerCase() &&
    member.loginDomain === facts.loginDomain &&
    member.clientHost === facts.clientHost
  );
}

/** An own session with what is known of its time and of its room. */
async function described(
  { session, handle, facts }: Seen,
  member: ActiveSession | undefined,
  members: readonly ActiveSession[] | undefined,
  { isDetailed, limits, signal }: Question,
): Promise<Session> {
  if (!isDetailed || handle === undefined || facts === undefined) return session;
  const minutes = await handle.client.idleTimeout(handle.token, signal).catch(() => undefined);
  const details: JsonObject = {
    ...session.details,
    ...(facts.clientHost !== undefined && { clientHost: facts.clientHost }),
    ...(minutes !== undefined && { idleTimeout: minutes }),
    ...(member?.usedAt !== undefined && { lastUsedAt: member.usedAt }),
    quota: quota(members, facts, limits),
  };
  const expiresAt = later(member?.usedAt, minutes === undefined ? undefined : minutes * 60_000);
  const openedAt = session.openedAt ?? member?.createdAt;
  return {
    ...session,
    details,
    ...(openedAt !== undefined && { openedAt }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function quota(
  members: readonly ActiveSession[] | undefined,
  { clientHost }: SessionFacts,
  limits: SessionLimits,
): JsonObject | 'unknown' {
  if (members === undefined) return 'unknown';
  const room = (used: number, limit: number): JsonObject => ({
    used,
    limit,
    free: Math.max(0, limit - used),
  });
  const here = members.filter((member) => member.clientHost === clientHost).length;
  return {
    appliance: room(members.length, limits.appliance),
    ...(clientHost !== undefined && { client: room(here, limits.client) }),
  };
}

/** Somebody else's session: it can be seen, and nothing in the API ends it. */
function otherSession(endpoint: string, member: ActiveSession): Session {
  const { userName = 'somebody', loginDomain, clientHost, createdAt, usedAt, loggingId } = member;
  const parts = [loggingId, userName, loginDomain, clientHost, createdAt];
  const fingerprint = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const latestExpiry = later(usedAt, LONGEST_IDLE_TIME);
  return {
    provider: PROVIDER,
    endpoint,
    id: `${OTHERS}${fingerprint.slice(0, 12)}`,
    kind: KIND,
    label: `${userName} on ${endpoint}`,
    principal: principalOf({ userName, authLoginDomain: loginDomain }),
    state: 'live',
    ownership: 'foreign',
    effects: [],
    fingerprint,
    ...(createdAt !== undefined && { openedAt: createdAt }),
    details: {
      userName,
      ...(loginDomain !== undefined && { authLoginDomain: loginDomain }),
      ...(clientHost !== undefined && { clientHost }),
      ...(usedAt !== undefined && { lastUsedAt: usedAt }),
      ...(latestExpiry !== undefined && { latestExpiry }),
    },
  };
}

function later(since: string | undefined, milliseconds: number | undefined): string | undefined {
  return since === undefined || milliseconds === undefined
    ? undefined
    : new Date(Date.parse(since) + milliseconds).toISOString();
}

function absent(error: unknown): undefined {
  if (DisconnectError.is(error) && error.code === 'not-found') return;
  throw error;
}

function inWords(error: unknown): DisconnectError {
  return error instanceof ApplianceError ? applianceError(error) : DisconnectError.from(error);
}
