import { faults, type Fault } from './faults.ts';
import { json } from './call.ts';
import { denied, problem, unauthorized, unknown } from './graph-routes.ts';

/** How Graph refuses, whatever it is asked; the request is not carried out. */
export const graphFaults = {
  unauthorized: (): Fault => faults.answer(unauthorized('Lifetime validation failed, the token is expired.')),
  forbidden: (): Fault => faults.answer(denied()),
  notFound: (): Fault => faults.answer(unknown()),
  throttled: (retryAfter?: number): Fault => {
    const answer = problem(429, 'TooManyRequests', 'Too many requests.');
    const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    return faults.answer({ ...answer, headers: { ...answer.headers, ...wait } });
  },
  serverError: (): Fault => faults.answer(problem(503, 'serviceNotAvailable', 'The service is unavailable.')),
  /** 200, and the word that nothing was revoked. */
  valueFalse: (): Fault => faults.answer(json({ value: false })),
  /** 200 and the word that it was done, which it was not. */
  lie: (): Fault => faults.answer(json({ value: true })),
} as const;
