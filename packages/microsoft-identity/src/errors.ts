/** The closed list of what can go wrong. */
export const IDENTITY_ERROR_CODES = [
  // What the caller gave.
  'invalid-settings',
  'client-id-required',
  'client-id-reserved',
  'unsupported',
  'unreadable-partition',
  // A person has to do something.
  'sign-in-required',
  'mfa-required',
  'blocked-by-policy',
  'consent-required',
  'declined',
  'code-expired',
  'grant-revoked',
  'grant-expired',
  'account-refused',
  'token-refused',
  'permission-missing',
  // The application has to be put right.
  'wrong-credential',
  'expired-credential',
  'unknown-application',
  'application-misconfigured',
  'unknown-tenant',
  // The answer is not what was asked for.
  'wrong-tenant',
  'wrong-account',
  'untrusted-answer',
  'foreign-host',
  'clock-skew',
  'bad-answer',
  'not-revoked',
  // The service, or the way to it.
  'throttled',
  'unavailable',
  'unreachable',
  'timeout',
  'refused',
] as const;

export type IdentityErrorCode = (typeof IDENTITY_ERROR_CODES)[number];

/** What an error is about, coarse enough to be translated by a table. */
export type IdentityErrorKind =
  /** What the caller gave is wrong, or the application's registration is. */
  | 'invalid'
  | 'unsupported'
  /** Nobody has proved, or can prove any more, who asks. */
  | 'refused'
  /** Known, and not allowed. */
  | 'denied'
  /** The answer is of somebody else, or for somebody else. */
  | 'untrusted'
  /** The answer makes no sense. */
  | 'protocol'
  | 'throttled'
  | 'unreachable'
  | 'timeout';

const KINDS: Readonly<Record<IdentityErrorCode, IdentityErrorKind>> = {
  'invalid-settings': 'invalid',
  'client-id-required': 'invalid',
  'client-id-reserved': 'invalid',
  unsupported: 'unsupported',
  'unreadable-partition': 'refused',
  'sign-in-required': 'refused',
  'mfa-required': 'refused',
  'blocked-by-policy': 'denied',
  'consent-required': 'denied',
  declined: 'refused',
  'code-expired': 'refused',
  'grant-revoked': 'refused',
  'grant-expired': 'refused',
  'account-refused': 'denied',
  'token-refused': 'refused',
  'permission-missing': 'denied',
  'wrong-credential': 'refused',
  'expired-credential': 'refused',
  'unknown-application': 'invalid',
  'application-misconfigured': 'invalid',
  'unknown-tenant': 'invalid',
  'wrong-tenant': 'untrusted',
  'wrong-account': 'untrusted',
  'untrusted-answer': 'untrusted',
  'foreign-host': 'untrusted',
  'clock-skew': 'refused',
  'bad-answer': 'protocol',
  'not-revoked': 'protocol',
  throttled: 'throttled',
  unavailable: 'unreachable',
  unreachable: 'unreachable',
  timeout: 'timeout',
  refused: 'refused',
};

const MARK = Symbol.for('slipline.IdentityError');

export interface IdentityErrorOptions {
  readonly next?: string | undefined;
  readonly aadsts?: number | undefined;
  readonly correlationId?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/**
 * The one error of this package. No message, field or cause holds a token, a secret or text that a server wrote; what the
 * caller's own functions (`fetch`, the partition, `openBrowser` …) throw is passed on unchanged instead.
 */
export class IdentityError extends Error {
  readonly code: IdentityErrorCode;
  readonly kind: IdentityErrorKind;
  /** What the reader can do now, one sentence. */
  readonly next: string | undefined;
  /** Microsoft's number, where there was one: 50173 for `AADSTS50173`. */
  readonly aadsts: number | undefined;
  /** What Microsoft's support asks for; a GUID. */
  readonly correlationId: string | undefined;
  /** Milliseconds that the service asks callers to wait. */
  readonly retryAfter: number | undefined;
  readonly [MARK] = true;

  constructor(code: IdentityErrorCode, message: string, options: IdentityErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IdentityError';
    this.code = code;
    this.kind = KINDS[code];
    this.next = options.next;
    this.aadsts = options.aadsts;
    this.correlationId = options.correlationId;
    this.retryAfter = options.retryAfter;
  }

  /** True across copies of this package. */
  static is(value: unknown): value is IdentityError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}
