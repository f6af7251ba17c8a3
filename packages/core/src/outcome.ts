import type { Effect } from './effect.ts';
import type { DisconnectError } from './errors.ts';
import type { Session } from './session.ts';

/** Access that remains, and until when (RFC 3339). */
export interface Residual {
  readonly what: string;
  readonly until?: string | undefined;
}

/** `pending`: asked, not yet so at the deadline. `not-possible`: this provider cannot ask. */
export type Verification = 'verified' | 'pending' | 'not-checked' | 'not-possible';

export type SkipReason = 'declined' | 'adopted' | 'own-session';

/** What became of one session. There is one for each session of a plan, always. */
export type Outcome = { readonly session: Session } & (
  | {
      readonly status: 'disconnected';
      readonly effect: Effect;
      readonly verification: Verification;
      readonly residual: readonly Residual[];
    }
  | { readonly status: 'already-gone' }
  | { readonly status: 'skipped'; readonly reason: SkipReason }
  | { readonly status: 'failed'; readonly error: DisconnectError }
);

/** Something that could not be looked at or planned, so that it is missing from a list or a plan. */
export interface Problem {
  readonly provider: string;
  readonly endpoint?: string | undefined;
  /** Where it is one session that cannot be planned. */
  readonly session?: Session | undefined;
  readonly error: DisconnectError;
}

/** What became of a plan: outcomes in plan order. */
export interface Report {
  readonly outcomes: readonly Outcome[];
  readonly problems: readonly Problem[];
}
