import assert from 'node:assert/strict';
import {
  DisconnectError,
  Secret,
  type Clock,
  type ErrorCode,
  type Ledger,
  type LedgerEntry,
  type Opened,
  type OperationIntent,
  type OperationResult,
  type Session,
} from '@slipline/core';

/** A clock that stands still until it is told to go on. */
export interface StillClock extends Pick<Clock, 'now'> {
  advance(milliseconds: number): void;
}

/** One thing a ledger does; `run` rejects where it does not. */
export interface Check {
  readonly name: string;
  readonly run: (ledger: Ledger, clock: StillClock) => Promise<void>;
}

export const DAY = 86_400_000;

export function stillClock(): StillClock {
  let time = Date.parse('2025-03-01T10:00:00.000Z');
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}

/** What a provider says of a session it has opened at `endpoint`. */
export function facts(endpoint: string, more: Partial<Opened> = {}): Opened {
  return {
    endpoint,
    kind: 'connection',
    label: `jdoe on ${endpoint}`,
    ownership: 'opened',
    effects: ['end'],
    details: {},
    ...more,
  };
}

/** Opens an entry, as a connect that succeeds does. */
export async function connect(
  ledger: Ledger,
  endpoint: string,
  { provider = 'alpha', secret, ...more }: Partial<Opened> & { provider?: string } = {},
): Promise<LedgerEntry> {
  const { key } = await ledger.open({ provider, endpoint });
  return ledger.opened(key, facts(endpoint, { ...more, ...(secret !== undefined && { secret }) }));
}

export function ending(session: Session): OperationIntent {
  return { kind: 'disconnect', session, effect: 'end' };
}

/** Takes sessions to their end, as a disconnect that succeeds does. */
export async function disconnect(ledger: Ledger, ...sessions: readonly Session[]): Promise<void> {
  const begun = await ledger.begin(sessions.map(ending));
  await ledger.finish(begun.map(({ operation }) => ended(operation)));
}

export function ended(operation: string): OperationResult {
  return { operation, status: 'disconnected', verification: 'verified', residual: [], entry: 'ended' };
}

export function foreign(id: string, more: Partial<Session> = {}): Session {
  return {
    provider: 'alpha',
    endpoint: 'one.example',
    id,
    kind: 'desktop',
    label: `desktop ${id}`,
    state: 'live',
    ownership: 'foreign',
    effects: ['end'],
    fingerprint: `foreign ${id}`,
    details: {},
    ...more,
  };
}

export function first<T>([value]: readonly T[]): T {
  assert.ok(value !== undefined, 'there is none');
  return value;
}

export async function only<T>(values: Promise<readonly T[]>): Promise<T> {
  const [value, ...others] = await values;
  assert.equal(others.length, 0, 'there is more than one');
  assert.ok(value !== undefined, 'there is none');
  return value;
}

export async function rejects(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(DisconnectError.is(error), `not a DisconnectError: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return true;
  });
}

export function secret(text: string): Secret {
  return new Secret(text);
}
