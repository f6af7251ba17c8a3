import { DisconnectError, type DisconnectErrorOptions, type ErrorCode } from '@slipline/core';
import { IdentityError, type IdentityErrorKind } from '@slipline/microsoft-identity';

const CODES: Readonly<Record<IdentityErrorKind, ErrorCode>> = {
  invalid: 'invalid-request',
  unsupported: 'unsupported',
  refused: 'unauthenticated',
  denied: 'forbidden',
  untrusted: 'untrusted',
  protocol: 'protocol',
  throttled: 'quota',
  unreachable: 'unreachable',
  timeout: 'timeout',
};

/** What an identity error means to the person who waits for it; every other error as it is. */
export function inWords(error: unknown, more: DisconnectErrorOptions = {}): unknown {
  if (!IdentityError.is(error)) return error;
  const { code, kind, message, next, aadsts, correlationId } = error;
  return new DisconnectError(CODES[kind], message, {
    next,
    cause: error,
    details: {
      identityCode: code,
      ...(aadsts !== undefined && { aadsts }),
      ...(correlationId !== undefined && { correlationId }),
    },
    ...more,
  });
}

/** The same, where nothing that stays can have come of it: a token whose answer is lost is nobody's. */
export function unopened(error: unknown): DisconnectError {
  const { code, message, system, next, cause, details } = DisconnectError.from(inWords(error));
  return new DisconnectError(code, message, { system, next, cause, details });
}

/** The error of a revocation: whatever it is, what is kept here goes, and it is said that the directory did not confirm. */
export function unrevoked(error: unknown, wasSent: boolean): DisconnectError {
  const known = DisconnectError.from(inWords(error));
  const { code, message, next, details, cause } = known;
  return new DisconnectError(
    code,
    `${message}; what was kept here is gone, the sign-ins are not known to be`,
    {
      next,
      details,
      cause,
      mayHaveTakenEffect: wasSent && UNCERTAIN.includes(code) && details?.['identityCode'] !== 'not-revoked',
      forgets: true,
    },
  );
}

const UNCERTAIN: readonly ErrorCode[] = ['protocol', 'unreachable', 'timeout', 'aborted'];
