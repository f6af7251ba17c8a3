import { authorization, errorAnswer } from './appliance-errors.ts';
import type { Answer } from './call.ts';
import type { RequestMatch } from './recorded-request.ts';

/**
 * One way to misbehave. `answer` and `busy` take the place of what the request asked for; `reset` and `hang` strike before
 * or after it was done; all others do it and then spoil the answer (a 204 is then sent as 200 with `{}`).
 */
export type Fault =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'busy' }
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'drip'; readonly milliseconds: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'huge-body'; readonly bytes: number }
  | { readonly kind: 'huge-header'; readonly bytes: number };

/** Which requests a fault strikes; all of them where nothing is said. */
export interface FaultScope extends RequestMatch {
  /** How many requests it strikes; until it is removed when absent. */
  readonly times?: number | undefined;
}

/** Terminal commands, a title change, line breaks, NUL, and characters that reorder or hide text. */
export const HOSTILE_TEXT =
  'a\u001b[31mred\u001b]0;title\u0007\u009b2J\r\nb\u0000\u0008\u202egnp.exe\u202c\u2066c\u2069\u200b\u200fd';

const HTML = { 'content-type': 'text/html;charset=UTF-8' };
const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };

const instead = (answer: Answer): Fault => ({ kind: 'answer', answer });

/** The faults by name. */
export const faults = {
  /** Any answer at all; the request is not carried out. */
  answer: instead,
  /**
   * 503 to all but `/rest/appliance/progress`, which counts up until the appliance is there: each look at it uses up one of
   * the `times`, as a refused request does.
   */
  busy: (): Fault => ({ kind: 'busy' }),
  /** The connection is reset; the request was carried out or not. */
  resetBefore: (): Fault => ({ kind: 'reset', when: 'before' }),
  resetAfter: (): Fault => ({ kind: 'reset', when: 'after' }),
  /** No answer until `release()`; the request is carried out then (`before`) or was at once (`after`). */
  hang: (when: 'before' | 'after' = 'before'): Fault => ({ kind: 'hang', when }),
  /** Carried out at once, answered late. */
  delay: (milliseconds: number): Fault => ({ kind: 'delay', milliseconds }),
  /** The head at once, then one byte of the body every so many milliseconds. */
  drip: (milliseconds: number): Fault => ({ kind: 'drip', milliseconds }),
  /** The connection is reset when half of the body is sent. */
  cut: (): Fault => ({ kind: 'cut' }),
  /** The answer with blanks in front, sent as fast as the client reads, its length not announced. */
  hugeBody: (bytes = 100_000_000): Fault => ({ kind: 'huge-body', bytes }),
  hugeHeader: (bytes = 1_000_000): Fault => ({ kind: 'huge-header', bytes }),
  /** An error of the appliance's usual form. */
  error: (status: number, errorCode: string, message: string, details = ''): Fault =>
    instead(errorAnswer(status, errorCode, { message, details })),
  serverError: (): Fault =>
    instead(errorAnswer(500, 'INTERNAL_SERVER_ERROR', { message: 'An unexpected error has occurred.' })),
  /** What a proxy in between says. */
  badGateway: (): Fault =>
    instead({ status: 502, headers: HTML, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' }),
  /** 200, said to be JSON, and none. */
  notJson: (): Fault => instead({ status: 200, headers: JSON_TYPE, body: '<html>{"sessionID":' }),
  /** 200 with the body of an error. */
  errorWithStatus200: (): Fault => instead({ ...authorization(), status: 200 }),
  /** 401 AUTHORIZATION, whatever the token. */
  unauthorized: (): Fault => instead(authorization()),
  /** 204 to a logout that did not happen. */
  lyingLogout: (): Fault => instead({ status: 204 }),
  redirectTo: (location: string): Fault => instead({ status: 302, headers: { location } }),
} as const;
