import { DisconnectError, type ErrorCode } from '@slipline/core';
import type { AuthError, AuthErrorCode } from '@slipline/windows-auth';
import type { Challenge } from './wsman-challenge.ts';
import type { HttpAnswer } from './wsman-http.ts';

const CODES: Readonly<Record<AuthErrorCode, ErrorCode>> = {
  'invalid-settings': 'invalid-request',
  'no-credential': 'unauthenticated',
  'no-library': 'unsupported',
  unsupported: 'unsupported',
  'not-ready': 'internal',
  'used-up': 'internal',
  refused: 'unauthenticated',
  'clock-skew': 'unauthenticated',
  'bad-token': 'protocol',
  'wrong-answer': 'untrusted',
  downgrade: 'untrusted',
  'wrong-key': 'untrusted',
  tampered: 'untrusted',
  'out-of-sequence': 'untrusted',
};

/** Whatever a server may have done by then, its answer is not to be believed. */
const AFTERWARDS: ReadonlySet<AuthErrorCode> = new Set(['tampered', 'out-of-sequence']);

export function authError(error: AuthError): DisconnectError {
  const message = error.message.replace(/\.$/, '');
  return new DisconnectError(
    CODES[error.code] ?? 'internal',
    message.charAt(0).toLowerCase() + message.slice(1),
    {
      cause: error,
      next: NEXT[error.code] ?? error.next,
      mayHaveTakenEffect: AFTERWARDS.has(error.code),
    },
  );
}

const NEXT: Partial<Record<AuthErrorCode, string>> = {
  'no-credential': 'give --user-name and its password, or get a ticket with kinit',
  'wrong-answer': 'check that the name is that of the computer you mean, and nobody answers in its place',
  downgrade: 'check that nobody answers in the place of the computer you mean',
  'wrong-key': 'check that nobody answers in the place of the computer you mean',
  tampered: 'somebody may change what is sent: use another network, or TLS',
  'out-of-sequence': 'somebody may repeat what was sent: use another network, or TLS',
  'bad-token': 'check that WinRM itself answers at this port, and nothing in between',
};

const FLAGS: Readonly<Record<string, string>> = {
  basic: 'basic',
  digest: 'digest',
  negotiate: 'negotiate',
  kerberos: 'kerberos',
  credssp: 'credssp',
};

/** A 401 without the mechanism that was wanted. */
export function notOffered(
  wanted: string,
  answer: HttpAnswer,
  offered: readonly Challenge[],
): DisconnectError {
  if (answer.status !== 401) {
    return new DisconnectError('protocol', `the server does not ask for a sign-in (HTTP ${answer.status})`, {
      next: 'check that WinRM answers at this port and path',
    });
  }
  const names = [...new Set(offered.map(({ scheme }) => scheme.slice(0, 40)))];
  const usable = names.flatMap((name) => FLAGS[name] ?? []);
  return new DisconnectError(
    'unauthenticated',
    names.length === 0
      ? `the server does not say how it can be signed in to, and does not take ${wanted}`
      : `the server does not take ${wanted}; it offers: ${names.join(', ')}`,
    {
      next:
        usable.length === 0
          ? 'have a way to sign in allowed there that this client knows: Negotiate, Kerberos, CredSSP, Basic, a certificate'
          : `connect with --authentication ${usable.join(' or ')}, or have another way allowed there`,
    },
  );
}

/** Kerberos gives up beyond it, and NTLM may. */
const MOST_SKEW = 5 * 60_000;

/** A 401 to a credential. A server does not say why, so that nobody can find out who has an account there. */
export function refused({ date }: HttpAnswer): DisconnectError {
  const skew = date === undefined ? 0 : Math.abs(Date.now() - date);
  if (skew > MOST_SKEW) {
    const minutes = Math.round(skew / 60_000);
    return new DisconnectError(
      'unauthenticated',
      `the server refuses the sign-in, and its clock is ${minutes} minutes apart from the one here`,
      { next: 'set the clock first; then check user name and password' },
    );
  }
  return new DisconnectError(
    'unauthenticated',
    'the server refuses the sign-in: the user name or password is wrong, the password has expired, or the account is locked or may not sign in there',
    {
      next: 'check the name (DOMAIN\\NAME, or COMPUTER\\NAME for an account of that computer) and the password before trying again: tries can lock an account',
    },
  );
}
