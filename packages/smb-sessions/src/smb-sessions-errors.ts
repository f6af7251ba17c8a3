import { DisconnectError, type ErrorCode, type Session } from '@slipline/core';
import { MsrpcError, type MsrpcErrorCode } from '@slipline/msrpc';
import { AuthError, type AuthErrorCode } from '@slipline/windows-auth';
import { ACCESS_DENIED, ServerError } from './smb-sessions-client.ts';

type Meaning = readonly [code: ErrorCode, what: string, next: string];

const TRY_AGAIN = 'try again';
const FIREWALL = 'check the name and --port, and let SMB through the firewall of the server';
const NO_TRUST = 'do not go on over this network before you know why';

const REFUSED: Meaning = [
  'unauthenticated',
  'the server refuses the user name or the password',
  'check both; a user of a domain is written DOMAIN\\user or user@domain',
];
const NO_RIGHT: Meaning = [
  'forbidden',
  'the user lacks the right to this',
  'use an administrator or server operator of the server',
];
const NOT_SUPPORTED: Meaning = [
  'unsupported',
  'the server does not let sessions be managed',
  'use a Windows or Samba file server',
];
const ODD_ANSWER: Meaning = [
  'protocol',
  'this does not answer as a file server does',
  'check the name and the port; something in between may change what is said',
];
const CHANGED: Meaning = ['untrusted', 'an answer was changed on its way', NO_TRUST];

const MSRPC: Readonly<Record<MsrpcErrorCode, Meaning>> = {
  'invalid-arguments': ['invalid-request', 'this cannot be asked of a server', 'check the names'],
  closed: ['unreachable', 'the connection was closed', TRY_AGAIN],
  unreachable: ['unreachable', 'the connection was lost', FIREWALL],
  timeout: ['timeout', 'the server does not answer', FIREWALL],
  'smb1-only': ['unsupported', 'the server speaks SMB 1 only', 'enable SMB 2 or 3 on it'],
  'signing-refused': ['untrusted', 'the server signs nothing', `enable SMB signing on it; ${NO_TRUST}`],
  'encryption-refused': [
    'untrusted',
    'the server does not encrypt what has to be encrypted',
    'enable SMB encryption on it',
  ],
  'guest-refused': ['untrusted', 'the server lets us in as a guest, without keys', NO_TRUST],
  tampered: CHANGED,
  'sign-in-refused': REFUSED,
  'ntlm-blocked': [
    'unsupported',
    'the server does not take NTLM',
    'set the option "authentication" to "kerberos"',
  ],
  'access-denied': NO_RIGHT,
  'pipe-absent': NOT_SUPPORTED,
  'interface-absent': NOT_SUPPORTED,
  'operation-absent': NOT_SUPPORTED,
  'context-mismatch': ['protocol', 'the server has forgotten what it was asked', TRY_AGAIN],
  busy: ['unreachable', 'the server is too busy', 'try again later'],
  fault: ['protocol', 'the server reports a fault', 'look into the event log of the server'],
  refused: ['protocol', 'the server refuses the request', 'look into the event log of the server'],
  'bad-answer': ODD_ANSWER,
  'too-large': ['protocol', 'the server answers more than any server has to say', ODD_ANSWER[2]],
};

const AUTH: Partial<Readonly<Record<AuthErrorCode, Meaning>>> = {
  refused: REFUSED,
  'no-credential': REFUSED,
  downgrade: ['untrusted', 'the server, or somebody in between, weakens the sign-in', NO_TRUST],
  'wrong-key': ['untrusted', 'whoever answers does not know the password', NO_TRUST],
  'wrong-answer': ['untrusted', 'whoever answers does not know the password', NO_TRUST],
  tampered: CHANGED,
  'out-of-sequence': CHANGED,
  'clock-skew': ['unauthenticated', 'the clocks of this computer and of the server differ', 'set them'],
  'no-library': [
    'unsupported',
    'this computer has no library for Kerberos',
    'install MIT Kerberos and koffi',
  ],
};

/** NET_API_STATUS (MS-ERREF 2.2). */
const STATUSES: Readonly<Record<number, Meaning>> = {
  [ACCESS_DENIED]: NO_RIGHT,
  50: NOT_SUPPORTED,
  124: NOT_SUPPORTED,
};

/** Translates what the way to a server throws, once, into words. */
export async function inWords<T>(system: string, work: () => Promise<T>, isChange = false): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translated(error, system, isChange && isInDoubt(error));
  }
}

function translated(error: unknown, system: string, mayHaveTakenEffect: boolean): unknown {
  const made = ([code, what, next]: Meaning, status?: number): DisconnectError => {
    const details = status === undefined ? undefined : { status };
    return new DisconnectError(code, what, { system, next, cause: error, details, mayHaveTakenEffect });
  };
  if (error instanceof ServerError) {
    const { operation, status } = error;
    const [code, what, next] = STATUSES[status] ?? [
      'protocol',
      `${operation} failed`,
      'look into the event log of the server',
    ];
    return made([code, `${what} (${status})`, next], status);
  }
  if (MsrpcError.is(error)) return made(MSRPC[error.code], error.status);
  if (AuthError.is(error)) return made(AUTH[error.code] ?? ODD_ANSWER);
  return DisconnectError.is(error) ? error.at(system) : error;
}

/** What was asked for may have happened although the answer is not known. */
function isInDoubt(error: unknown): boolean {
  return (
    MsrpcError.is(error) &&
    ['closed', 'unreachable', 'timeout', 'tampered', 'bad-answer'].includes(error.code)
  );
}

export function changedSince({ label, endpoint }: Session): DisconnectError {
  return new DisconnectError('changed', `${label} is not the session that was chosen: it has begun anew`, {
    system: endpoint,
    next: 'look again: slipline ls smb-sessions',
  });
}
