import { DisconnectError, type ErrorCode, type Plan, type Report } from '@slipline/core';

export const EXIT = {
  success: 0,
  fault: 1,
  usage: 2,
  failed: 3,
  notFound: 4,
  refused: 5,
  unreachable: 6,
  unverified: 7,
  interrupted: 130,
} as const;

const CODES: Readonly<Record<ErrorCode, number>> = {
  'invalid-request': EXIT.usage,
  'unknown-provider': EXIT.usage,
  unsupported: EXIT.usage,
  changed: EXIT.failed,
  'still-live': EXIT.failed,
  quota: EXIT.failed,
  protocol: EXIT.failed,
  'not-found': EXIT.notFound,
  unauthenticated: EXIT.refused,
  forbidden: EXIT.refused,
  unreachable: EXIT.unreachable,
  untrusted: EXIT.unreachable,
  timeout: EXIT.unreachable,
  aborted: EXIT.interrupted,
  internal: EXIT.fault,
};

export function exitCodeOf(error: unknown): number {
  return CODES[DisconnectError.from(error).code] ?? EXIT.fault;
}

/** One kind of failure gives its own code, several kinds give 3. */
export function exitCodeOfAll(errors: readonly unknown[]): number {
  return oneCode(errors.map(exitCodeOf));
}

export interface Demands {
  /** Anything that is not verified is a failure. */
  readonly requireVerified?: boolean | undefined;
  /** It is a failure that there was nothing to do. */
  readonly requireMatch?: boolean | undefined;
}

export function exitCodeOfReport({ outcomes, problems }: Report, demands: Demands = {}): number {
  const codes = problems.map(({ error }) => exitCodeOf(error));
  for (const outcome of outcomes) {
    if (outcome.status === 'failed') codes.push(exitCodeOf(outcome.error));
    else if (outcome.status === 'skipped' && outcome.reason === 'adopted') codes.push(EXIT.usage);
    else if (isUnverified(outcome) && demands.requireVerified === true) codes.push(EXIT.unverified);
  }
  if (codes.length === 0 && outcomes.length === 0 && demands.requireMatch === true) return EXIT.notFound;
  return oneCode(codes);
}

/** Of a plan that was made and not applied. */
export function exitCodeOfPlan({ steps, problems }: Plan, { requireMatch = false }: Demands = {}): number {
  return exitCodeOfReport({ outcomes: [], problems }, { requireMatch: requireMatch && steps.length === 0 });
}

function isUnverified(outcome: Report['outcomes'][number]): boolean {
  return outcome.status === 'disconnected' && outcome.verification !== 'verified';
}

function oneCode(codes: readonly number[]): number {
  const kinds = new Set(codes);
  const [only = EXIT.success] = kinds;
  return kinds.size > 1 ? EXIT.failed : only;
}
