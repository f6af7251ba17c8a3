/** The closed list of what can go wrong. */
export const AUTH_ERROR_CODES = [
  // What the caller gave, or the machine lacks.
  'invalid-settings',
  'no-credential',
  'no-library',
  'unsupported',
  // How the context is used: not complete yet, or failed or disposed before.
  'not-ready',
  'used-up',
  // What the other side says.
  'refused',
  'clock-skew',
  'bad-token',
  'wrong-answer',
  'downgrade',
  'wrong-key',
  // What arrives later.
  'tampered',
  'out-of-sequence',
] as const;

export type AuthErrorCode = (typeof AUTH_ERROR_CODES)[number];

const MARK = Symbol.for('slipline.AuthError');

export interface AuthErrorOptions {
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

/** The one error of this package. No message, field or cause holds a credential, a key or text that the other side wrote. */
export class AuthError extends Error {
  readonly code: AuthErrorCode;
  /** What the reader can do now, one sentence. */
  readonly next: string | undefined;
  readonly [MARK] = true;

  constructor(code: AuthErrorCode, message: string, options: AuthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AuthError';
    this.code = code;
    this.next = options.next;
  }

  /** True across copies of this package. */
  static is(value: unknown): value is AuthError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}
