// What the service's API sends and takes, as JSON.
import type {
  Effect,
  ErrorCode,
  Parameter,
  ParameterTable,
  Receipt,
  Residual,
  Session,
  SkipReason,
  Verification,
} from '@slipline/core';

export type { Effect, Parameter, ParameterTable, Receipt, Residual };

/** A session and its opaque name in addresses and requests. */
export type ListedSession = Session & { readonly key: string };

interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly system?: string | undefined;
  readonly next?: string | undefined;
}

export interface Me {
  readonly user: string;
  readonly role: 'viewer' | 'operator' | 'auditor';
  readonly scopes: readonly string[];
  readonly csrfToken?: string | undefined;
  readonly version: string;
  readonly isLab: boolean;
}

export interface ProviderInfo {
  readonly id: string;
  readonly title: string;
  readonly impact: 'low' | 'medium' | 'high';
  readonly connect?: ParameterTable | undefined;
  readonly find: ParameterTable;
}

/** Something that could not be looked at, so that it is missing from a list or a plan. */
export interface Missing {
  readonly provider: string;
  readonly endpoint?: string | undefined;
  readonly watch?: string | undefined;
  readonly session?: Partial<ListedSession> | undefined;
  readonly error: Failure;
}

export interface Items<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

export interface SessionPage extends Items<ListedSession> {
  readonly total: number;
  readonly problems: readonly Missing[];
}

export interface Watch {
  readonly id: string;
  readonly provider: string;
  readonly endpoints: readonly string[];
  readonly user: string;
  readonly createdAt: string;
  readonly every: number;
  readonly askedAt?: string | undefined;
  readonly count: number;
  readonly problems: readonly { readonly endpoint?: string | undefined; readonly error: Failure }[];
}

export interface Plan {
  readonly id: string;
  readonly steps: readonly { readonly session: Session; readonly key: string; readonly effect: Effect }[];
  readonly problems: readonly Missing[];
  readonly people: readonly string[];
  readonly danger: {
    readonly level: 'none' | 'ask' | 'severe';
    readonly why: string;
    readonly name?: string | undefined;
  };
  readonly expiresAt: string;
}

export type JobState = 'queued' | 'running' | 'done' | 'cancelled' | 'parked';

export interface Outcome {
  readonly session: Session;
  readonly key: string;
  readonly status: 'disconnected' | 'already-gone' | 'skipped' | 'failed';
  readonly effect?: Effect | undefined;
  readonly verification?: Verification | undefined;
  readonly residual?: readonly Residual[] | undefined;
  readonly reason?: SkipReason | undefined;
  readonly error?: Failure | undefined;
}

export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly createdAt: string;
  readonly endedAt?: string | undefined;
  readonly user: string;
  readonly reason?: string | undefined;
  readonly total: number;
  readonly counts: {
    readonly disconnected: number;
    readonly alreadyGone: number;
    readonly skipped: number;
    readonly failed: number;
    readonly waiting: number;
  };
  readonly outcomes?: readonly Outcome[] | undefined;
  /** What went wrong with the job itself. */
  readonly problems?: readonly Failure[] | undefined;
}

/** A line of the record of who was let in and who was refused. */
export interface AuditNote {
  readonly at: string;
  readonly user: string;
  readonly what: string;
  readonly provider?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly detail?: string | undefined;
}
