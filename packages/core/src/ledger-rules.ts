import { isEffect } from './effect.ts';
import { DisconnectError } from './errors.ts';
import type { EntryState, LedgerEntry, OpenIntent, OperationResult, Scope } from './ledger.ts';
import { boundedDetails, cut, invalid, name, optional, place, plain } from './ledger-records.ts';
import type { Opened, Renewal } from './provider.ts';
import type { Session, SessionState } from './session.ts';

const DAY = 86_400_000;

/** Milliseconds. */
export const RECEIPTS_KEPT = 90 * DAY;
/** How long an ended entry can still be told from one that never was; milliseconds. */
export const ENDED_KEPT = 7 * DAY;

/** The session of an entry that is being opened: a place and a number, and nothing that can be done to it yet. */
export function openingSession(intent: OpenIntent, number: number, fingerprint: string): Session {
  return plain({
    provider: name(intent.provider, 'the provider'),
    endpoint: place(intent.endpoint, 'the endpoint'),
    id: String(number),
    kind: 'session',
    label: cut(intent.endpoint),
    principal: optional(intent.principal),
    state: 'unknown',
    ownership: 'opened',
    effects: [],
    fingerprint,
    details: {},
  });
}

/** The same session once the server has it. What `opened` leaves out stays as it was. Throws `invalid-request`. */
export function openedSession(
  entry: { readonly session: Session; readonly number: number },
  opened: Opened,
  fingerprint: string | undefined,
  now: number,
): Session {
  const before = entry.session;
  const effects = [...new Set(opened.effects.filter(isEffect))];
  if (effects.length === 0) throw invalid('the session', 'offers no effect');
  const openedAt = before.openedAt ?? new Date(now).toISOString();
  return plain({
    provider: before.provider,
    endpoint: place(opened.endpoint, 'the endpoint'),
    id: opened.id === undefined ? String(entry.number) : place(opened.id, 'the id'),
    kind: cut(opened.kind),
    label: cut(opened.label),
    principal: optional(opened.principal ?? before.principal),
    state: 'live',
    ownership: opened.ownership === 'adopted' ? 'adopted' : 'opened',
    effects,
    fingerprint: fingerprint ?? before.fingerprint,
    openedAt: opened.ownership === 'adopted' ? undefined : openedAt,
    expiresAt: optional(opened.expiresAt ?? before.expiresAt),
    details: boundedDetails(opened.details),
  });
}

/** The same session with the facts that a renewed secret brought. */
export function renewedSession(session: Session, { expiresAt, details }: Renewal): Session {
  return plain({
    ...session,
    expiresAt: optional(expiresAt ?? session.expiresAt),
    details: details === undefined ? session.details : boundedDetails(details),
  });
}

/** How often a renewal is tried again because another process was faster. */
export const RENEWALS = 16;

export function neverRenewed(): DisconnectError {
  return new DisconnectError('quota', 'other processes renew this session all the time', {
    next: 'try again',
  });
}

/** Whether the server was ever known to have it. */
export function hasOpened({ ownership, openedAt }: Session): boolean {
  return ownership === 'adopted' || openedAt !== undefined;
}

/** The session as an entry shows it. Where nobody can say whether the server has it, the note of it can be forgotten. */
export function shownSession(session: Session, state: EntryState, isDefault: boolean): Session {
  const isNoteOnly = !hasOpened(session) && (state === 'unknown' || state === 'closing');
  return {
    ...session,
    state: sessionState(state),
    ...(isNoteOnly && { effects: ['forget'] }),
    ...(isDefault && { isDefault }),
  };
}

function sessionState(state: EntryState): SessionState {
  switch (state) {
    case 'open':
      return 'live';
    case 'closing':
      return 'closing';
    case 'ended':
      return 'closed';
    case 'opening':
    case 'unknown':
      return 'unknown';
    default:
      return state satisfies never;
  }
}

/** What is known of who looks after an entry. */
export interface Care {
  readonly state: EntryState;
  readonly scope: Scope;
  /** Its connect has not come to its end. */
  readonly isPartial: boolean;
  readonly openerIsGone: () => boolean;
  readonly ownerIsGone: () => boolean;
  /** Nobody has begun to end it, or who has is gone. */
  readonly closerIsGone: () => boolean;
}

/** Whether nobody looks after an entry any more. */
export function isOrphan(care: Care): boolean {
  switch (care.state) {
    case 'unknown':
      return true;
    case 'closing':
      return care.closerIsGone();
    case 'open':
      if (care.isPartial) return care.openerIsGone();
      return care.scope === 'process' && care.ownerIsGone();
    case 'opening':
    case 'ended':
      return false;
    default:
      return care.state satisfies never;
  }
}

/** The same entries, where for each provider the first that is this process's own stands for it instead of the user's. */
export function withOwnDefaults(
  entries: readonly LedgerEntry[],
  own: ReadonlyMap<string, string>,
): readonly LedgerEntry[] {
  if (own.size === 0) return entries;
  return entries.map((entry) => {
    const key = own.get(entry.session.provider);
    if (key === undefined || (entry.session.isDefault === true) === (entry.key === key)) return entry;
    const { isDefault, ...session } = entry.session;
    return { ...entry, session: isDefault === true ? session : { ...session, isDefault: true } };
  });
}

/** What an entry becomes when its session was opened while it was in `state`. */
export function stateAfterOpened(state: EntryState): EntryState {
  if (state === 'ended') {
    const what = 'the session was given up by another process while it was being opened';
    throw new DisconnectError('changed', what, { next: 'connect again' });
  }
  return state === 'closing' ? 'closing' : 'open';
}

/**
 * What an entry becomes at the end of an operation: what the result says, else what it was before the operation, unless
 * another one has moved it on. Nothing leaves `ended`, and nothing is `open` that was never opened.
 */
export function stateAfterFinish(
  current: EntryState,
  before: EntryState,
  wanted: OperationResult['entry'],
  session: Session,
): EntryState {
  if (current === 'ended' || wanted === 'ended') return 'ended';
  if (wanted === 'closing') return 'closing';
  const known = hasOpened(session);
  if (wanted === 'open') return known ? 'open' : unopened(before);
  if (current !== 'closing' || before === 'closing') return current;
  return known ? 'open' : unopened(before);
}

function unopened(before: EntryState): EntryState {
  return before === 'opening' ? 'opening' : 'unknown';
}

/** The same error, saying that the server may have the session although it could not be written down. */
export function mayExist(error: unknown): DisconnectError {
  const { code, message, system, next, details } = DisconnectError.from(error);
  return new DisconnectError(code, message, {
    system,
    next,
    details,
    cause: error,
    mayHaveTakenEffect: true,
  });
}

export function noEntry(): DisconnectError {
  return new DisconnectError('not-found', 'the ledger has no such entry', { next: 'slipline ls' });
}

export function noOperation(): DisconnectError {
  return new DisconnectError('not-found', 'the ledger has no such operation');
}

export function noSecret(): DisconnectError {
  return new DisconnectError('not-found', 'the ledger keeps no secret of this session', {
    next: 'slipline ls',
  });
}

export function closed(): DisconnectError {
  return new DisconnectError('invalid-request', 'the ledger is closed');
}
