import type { Begun, OperationResult } from './ledger.ts';
import { hasOpened } from './ledger-rules.ts';
import type { ApplyOptions } from './disconnector.ts';
import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';

/** Codes after which nobody can say that the session lives: its entry stays `closing`, for a later run to finish. */
const UNSETTLED: ReadonlySet<string> = new Set([
  'unreachable',
  'untrusted',
  'timeout',
  'protocol',
  'internal',
  'still-live',
  'quota',
]);

/** It goes from the ledger, and no system is told. */
export function forgotten(session: Session): Outcome {
  const { expiresAt: until } = session;
  const what = !hasOpened(session)
    ? 'whether the system has the session is not known'
    : session.ownership === 'adopted'
      ? 'the session, which was opened by somebody else'
      : `the session may live on at ${session.endpoint}`;
  const residual = [{ what, ...(until !== undefined && { until }) }];
  return { session, status: 'disconnected', effect: 'forget', verification: 'not-possible', residual };
}

/** The same outcome, or what comes of it where people said that the session is to be forgotten in any case. */
export function forced(outcome: Outcome, { force }: ApplyOptions): Outcome {
  const { session, status } = outcome;
  if (force !== true || status !== 'failed' || session.ownership === 'foreign') return outcome;
  return outcome.error.code === 'aborted' ? outcome : forgotten(session);
}

/** What an outcome means for the receipt and, for an own session, for its entry. */
export function resultOf(outcome: Outcome, { operation, before }: Begun): OperationResult {
  const status = outcome.status;
  const entry = before === undefined || before === 'ended' ? undefined : entryAfter(outcome);
  switch (status) {
    case 'disconnected':
      return { operation, status, entry, verification: outcome.verification, residual: outcome.residual };
    case 'already-gone':
      return { operation, status, entry };
    case 'skipped':
      return { operation, status, entry, skipped: outcome.reason };
    case 'failed':
      return { operation, status, entry, error: outcome.error.toJSON() };
    default:
      return status satisfies never;
  }
}

function entryAfter(outcome: Outcome): OperationResult['entry'] {
  switch (outcome.status) {
    case 'disconnected':
      if (outcome.effect === 'detach') return 'open';
      return outcome.verification === 'pending' && outcome.effect !== 'revoke' ? 'closing' : 'ended';
    case 'already-gone':
      return 'ended';
    case 'skipped':
      return undefined;
    case 'failed':
      if (outcome.error.forgets) return 'ended';
      if (outcome.error.mayHaveTakenEffect || UNSETTLED.has(outcome.error.code)) return 'closing';
      // The system knows the session and refuses; with any other answer nothing new is known of it.
      return outcome.error.code === 'forbidden' ? 'open' : undefined;
    default:
      return outcome satisfies never;
  }
}
