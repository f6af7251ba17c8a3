import type { Begun, OperationResult } from './ledger.ts';
import type { Outcome } from './outcome.ts';

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
