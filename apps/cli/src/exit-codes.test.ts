import { describe, expect, it } from '@jest/globals';
import { DisconnectError, ERROR_CODES, type ErrorCode, type Outcome, type Session } from '@slipline/core';
import { exitCodeOf, exitCodeOfPlan, exitCodeOfReport } from './exit-codes.ts';

const session: Session = {
  provider: 'p',
  endpoint: 'e',
  id: '1',
  kind: 'session',
  label: 'somebody',
  state: 'live',
  ownership: 'opened',
  effects: ['end'],
  fingerprint: 'f',
  details: {},
};
const failed = (code: ErrorCode): Outcome => ({
  session,
  status: 'failed',
  error: new DisconnectError(code, 'x'),
});
const done = (verification: 'verified' | 'pending' | 'not-checked' | 'not-possible'): Outcome => ({
  session,
  status: 'disconnected',
  effect: 'end',
  verification,
  residual: [],
});
const skipped = (reason: 'declined' | 'adopted' | 'own-session'): Outcome => ({
  session,
  status: 'skipped',
  reason,
});
const gone: Outcome = { session, status: 'already-gone' };
const problem = (code: ErrorCode) => ({ provider: 'p', error: new DisconnectError(code, 'x') });

describe('an exit code', () => {
  it('belongs to each error code', () => {
    expect(
      Object.fromEntries(ERROR_CODES.map((code) => [code, exitCodeOf(new DisconnectError(code, 'x'))])),
    ).toEqual({
      'invalid-request': 2,
      'unknown-provider': 2,
      'not-found': 4,
      changed: 3,
      unauthenticated: 5,
      forbidden: 5,
      quota: 3,
      unreachable: 6,
      untrusted: 6,
      timeout: 6,
      aborted: 130,
      'still-live': 3,
      protocol: 3,
      unsupported: 2,
      internal: 1,
    });
    expect(exitCodeOf(new TypeError('x'))).toBe(1);
  });

  it.each([
    ['all is well', [done('verified'), gone], [], {}, 0],
    ['nothing was to be done', [], [], {}, 0],
    ['nothing was to be done, and something was required', [], [], { requireMatch: true }, 4],
    ['one is not there', [done('verified')], [problem('not-found')], {}, 4],
    ['all failed alike', [failed('unreachable'), failed('timeout')], [problem('untrusted')], {}, 6],
    ['they failed in different ways', [failed('unreachable'), failed('forbidden')], [], {}, 3],
    ['one failed and one is not there', [failed('forbidden')], [problem('not-found')], {}, 3],
    ['it was declined', [skipped('declined')], [], {}, 0],
    ['it runs in it', [skipped('own-session')], [], {}, 0],
    ['it was adopted', [skipped('adopted')], [], {}, 2],
    ['nobody verified', [done('not-checked'), done('not-possible'), done('pending')], [], {}, 0],
    [
      'nobody verified, and it was required',
      [done('verified'), done('pending')],
      [],
      { requireVerified: true },
      7,
    ],
    ['gone needs no verification', [gone], [], { requireVerified: true }, 0],
    [
      'one is unverified and one failed',
      [done('pending'), failed('timeout')],
      [],
      { requireVerified: true },
      3,
    ],
  ] as const)('of a report: %s', (_what, outcomes, problems, demands, code) => {
    expect(exitCodeOfReport({ outcomes, problems }, demands)).toBe(code);
  });

  it('of a plan tells what it lacks', () => {
    const plan = { version: 1, createdAt: 'now', steps: [], problems: [], isEverything: false } as const;
    const step = { session, effect: 'end', isNamed: true } as const;
    expect(exitCodeOfPlan(plan)).toBe(0);
    expect(exitCodeOfPlan(plan, { requireMatch: true })).toBe(4);
    expect(exitCodeOfPlan({ ...plan, steps: [step] }, { requireMatch: true, requireVerified: true })).toBe(0);
    expect(exitCodeOfPlan({ ...plan, problems: [problem('forbidden')] })).toBe(5);
  });
});
