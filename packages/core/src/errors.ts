import type { JsonObject } from './json.ts';
import { describeThrown } from './thrown.ts';

/** The closed list of what can go wrong. Apps turn a code into an exit code or an HTTP status; nobody else does. */
export const ERROR_CODES = [
  'invalid-request',
  'unknown-provider',
  'not-found',
  'changed',
  'unauthenticated',
  'forbidden',
  'quota',
  'unreachable',
  'untrusted',
  'timeout',
  'aborted',
  'still-live',
  'protocol',
  'unsupported',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

const MARK = Symbol.for('slipline.DisconnectError');

export interface DisconnectErrorOptions {
  /** The system it happened at, as people name it: `ov1.example`. */
  readonly system?: string | undefined;
  /** What the reader can do now: a command or one sentence. */
  readonly next?: string | undefined;
  readonly cause?: unknown;
  /** Facts for machines, such as a vendor's error code; never secrets. */
  readonly details?: JsonObject | undefined;
  /** The request may have reached the system and may have been carried out, although its answer is not known. */
  readonly mayHaveTakenEffect?: boolean | undefined;
  /** Although the system did not do what was asked, what is kept of the session here goes: its entry ends. */
  readonly forgets?: boolean | undefined;
}

/** The one error that providers throw and that outcomes carry. Recognised across copies of this package by `DisconnectError.is`. */
export class DisconnectError extends Error {
  readonly code: ErrorCode;
  readonly system: string | undefined;
  readonly next: string | undefined;
  readonly details: JsonObject | undefined;
  readonly mayHaveTakenEffect: boolean;
  readonly forgets: boolean;
  readonly [MARK] = true;

  constructor(code: ErrorCode, message: string, options: DisconnectErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DisconnectError';
    this.code = code;
    this.system = options.system;
    this.next = options.next;
    this.details = options.details;
    this.mayHaveTakenEffect = options.mayHaveTakenEffect ?? false;
    this.forgets = options.forgets ?? false;
  }

  static is(value: unknown): value is DisconnectError {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  /**
   * The error itself when it is one of ours; `aborted` or `timeout` for an abort signal's reason; else `internal` with
   * the original as cause. Its message is kept, so it must not hold a secret.
   */
  static from(error: unknown, options: DisconnectErrorOptions = {}): DisconnectError {
    if (DisconnectError.is(error)) return error;
    const { name, message } = describeThrown(error);
    if (name === 'AbortError')
      return new DisconnectError('aborted', 'interrupted', { ...options, cause: error });
    if (name === 'TimeoutError')
      return new DisconnectError('timeout', 'no answer in time', { ...options, cause: error });
    return new DisconnectError('internal', message, { ...options, cause: error });
  }

  /** The same error with the system's name filled in where it had none. */
  at(system: string): DisconnectError {
    if (this.system !== undefined) return this;
    return new DisconnectError(this.code, this.message, {
      system,
      next: this.next,
      cause: this.cause,
      details: this.details,
      mayHaveTakenEffect: this.mayHaveTakenEffect,
      forgets: this.forgets,
    });
  }

  /** What may leave the process: no cause, no stack. */
  toJSON(): ErrorJson {
    return {
      code: this.code,
      message: this.message,
      ...(this.system !== undefined && { system: this.system }),
      ...(this.next !== undefined && { next: this.next }),
      ...(this.details !== undefined && { details: this.details }),
    };
  }
}

export interface ErrorJson {
  readonly code: ErrorCode;
  readonly message: string;
  readonly system?: string;
  readonly next?: string;
  readonly details?: JsonObject;
}
