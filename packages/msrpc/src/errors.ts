/** The closed list of what can go wrong. */
export const MSRPC_ERROR_CODES = [
  // What the caller gave.
  'invalid-arguments',
  'closed',
  // The way to the server.
  'unreachable',
  'timeout',
  // A server that this client does not trust with a call.
  'smb1-only',
  'signing-refused',
  'encryption-refused',
  'guest-refused',
  'tampered',
  // Who is asking.
  'sign-in-refused',
  'ntlm-blocked',
  'access-denied',
  // What is asked for.
  'pipe-absent',
  'interface-absent',
  'operation-absent',
  'context-mismatch',
  'busy',
  'fault',
  'refused',
  // The answer is not what was asked for.
  'bad-answer',
  'too-large',
] as const;

export type MsrpcErrorCode = (typeof MSRPC_ERROR_CODES)[number];

const MARK = Symbol.for('slipline.MsrpcError');

export interface MsrpcErrorOptions {
  readonly next?: string | undefined;
  readonly status?: number | undefined;
  readonly cause?: unknown;
}

/**
 * The one error of this package. No message holds text that a server wrote, or a secret. What a security context throws while it
 * signs in, and the reason of an aborted signal, are passed on unchanged instead.
 */
export class MsrpcError extends Error {
  readonly code: MsrpcErrorCode;
  /** What the reader can do now, one sentence. */
  readonly next: string | undefined;
  /** The server's number, where there was one: an NTSTATUS of SMB, or the status of an RPC fault (both unsigned). */
  readonly status: number | undefined;
  readonly [MARK] = true;

  constructor(code: MsrpcErrorCode, message: string, options: MsrpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MsrpcError';
    this.code = code;
    this.next = options.next;
    this.status = options.status;
  }

  /** True across copies of this package. */
  static is(value: unknown): value is MsrpcError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}

/** An answer that no correct server sends. */
export function badAnswer(what: string): MsrpcError {
  return new MsrpcError('bad-answer', what, {
    next: 'check that the address is that of a Windows or Samba server, and that nothing between changes what it sends',
  });
}
