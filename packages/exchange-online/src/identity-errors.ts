import { DisconnectError, type ErrorCode } from '@slipline/core';
import { IdentityError, registrationSteps, type IdentityErrorKind } from '@slipline/microsoft-identity';

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

/** What Slipline's own registration needs, which nobody else can make. */
const STEPS = registrationSteps({
  delegated: [
    'AdminApi.AccessAsUser.All of Office 365 Exchange Online',
    'User.RevokeSessions.All of Microsoft Graph',
  ],
  application: ['Exchange.ManageAsApp of Office 365 Exchange Online, with an Exchange role'],
});

/** What a failure of sign-in means; everything else as it is. */
export function inWords(error: unknown): unknown {
  if (!IdentityError.is(error)) return error;
  const { code, kind, message, next, aadsts, correlationId } = error;
  const needsClient = code === 'client-id-required' || code === 'client-id-reserved';
  return new DisconnectError(CODES[kind], message, {
    next: needsClient ? `register one, then give it by --client-id or SLIPLINE_CLIENT_ID: ${STEPS}` : next,
    cause: error,
    details: {
      identityCode: code,
      ...(aadsts !== undefined && { aadsts }),
      ...(correlationId !== undefined && { correlationId }),
    },
  });
}

/** The same, where nothing that stays can have come of it: a token whose answer is lost is nobody's. */
export function unopened(error: unknown): DisconnectError {
  const { code, message, system, next, cause, details } = DisconnectError.from(inWords(error));
  return new DisconnectError(code, message, { system, next, cause, details });
}

/** A token that does not say of which tenant it is cannot be used for anything here. */
export function senselessToken(): DisconnectError {
  return new DisconnectError('protocol', 'the token does not say of which tenant it is', {
    next: 'check the environment, and with --access-token that it is a token for Exchange Online',
  });
}
