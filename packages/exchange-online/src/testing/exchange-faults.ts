import { faults, json, type Fault } from '@slipline/microsoft-identity/testing';
import {
  challenged,
  falselyPacked,
  problem,
  redirect,
  unauthorized,
  type ErrorPlaces,
} from './exchange-answers.ts';

const PAGE = { '@odata.context': 'https://outlook.lab.example/adminapi/$metadata' };

/** How the service fails, whatever it is asked; the request is not carried out. Further ones are in `faults` of microsoft-identity. */
export const exchangeFaults = {
  unauthorized: (): Fault => faults.answer(unauthorized()),
  /** 401 with claims that a token must have. */
  challenged: (): Fault => faults.answer(challenged()),
  /** The connection is refused by zero bytes that are said to be gzip. */
  falselyPacked: (): Fault => faults.answer(falselyPacked()),
  /** 200, and the same zero bytes. */
  falselyPackedSuccess: (): Fault => faults.answer({ ...falselyPacked(), status: 200 }),
  throttled: (retryAfter?: number): Fault => {
    const answer = problem(429, 'TooManyRequests', { message: 'Too many requests.' });
    const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    return faults.answer({ ...answer, headers: { ...answer.headers, ...wait } });
  },
  status: (status: number): Fault => faults.answer({ status, headers: {}, body: '' }),
  error: (status: number, code: string, places: ErrorPlaces): Fault =>
    faults.answer(problem(status, code, places)),
  /** `AdminApiState` is something else than `Running`. */
  state: (value: string): Fault =>
    faults.answer(json({ PropertyName: 'AdminApiState', PropertyValue: value })),
  redirectTo: (location: string): Fault => faults.answer(redirect(location)),
  /** A page that names the next one. */
  nextLink: (link: unknown): Fault =>
    faults.answer(json({ ...PAGE, value: [{ Name: 'one' }], '@odata.nextLink': link })),
  /** A page with what the server likes to say. */
  page: (fields: Readonly<Record<string, unknown>>): Fault =>
    faults.answer(json({ ...PAGE, value: [], ...fields })),
} as const;
