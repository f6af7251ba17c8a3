import { DisconnectError, type ErrorCode, type Session } from '@slipline/core';
import { MsrpcError, type MsrpcErrorCode } from '@slipline/msrpc';
import { AuthError, type AuthErrorCode } from '@slipline/windows-auth';
import { TerminalError } from './terminal-client.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly next: string;
}

const FIREWALL =
  'let "File and Printer Sharing (SMB-In)" through the firewall of the host, or check the name and --port';
const NO_TRUST = 'do not go on over this network before you know why';
const TRY_AGAIN = 'try again';
const NEWER = 'use a host of Windows 7, Server 2008 R2 or later';

const REFUSED: Meaning = {
  code: 'unauthenticated',
  what: 'the host refuses the user name or the password',
  next: 'check both; a user of a domain is written DOMAIN\\user or user@domain',
};
const NO_RIGHT: Meaning = {
  code: 'forbidden',
  what: 'the user lacks the right to this',
  next: 'use an administrator of the host, or somebody with this permission in Remote Desktop Services',
};
const ODD_ANSWER: Meaning = {
  code: 'protocol',
  what: 'this does not answer as a Windows host does',
  next: 'check the name and the port; something in between may change what is said',
};

/** By what a sign-in can come to (MS-ERREF 2.3.1). */
const SIGN_IN: Readonly<Record<number, Meaning>> = {
  0xc000006d: REFUSED,
  0xc000006a: REFUSED,
  0xc000006e: { ...REFUSED, what: 'the host lets this user in from elsewhere or at other times only' },
  0xc0000071: { ...REFUSED, what: 'the password has expired', next: 'change it, then try again' },
  0xc0000224: { ...REFUSED, what: 'the password has to be changed', next: 'change it, then try again' },
  0xc0000072: { ...REFUSED, what: 'the account is disabled', next: 'have it enabled, or use another one' },
  0xc000015b: {
    code: 'forbidden',
    what: 'the user may not sign in to this host over the network',
    next: 'have "Access this computer from the network" granted, or use another account',
  },
  0xc0000193: { ...REFUSED, what: 'the account has expired', next: 'have it extended, or use another one' },
  0xc0000234: {
    ...REFUSED,
    what: 'the account is locked',
    next: 'wait until it is unlocked, or have it unlocked',
  },
};

const MSRPC: Readonly<Record<MsrpcErrorCode, Meaning>> = {
  'invalid-arguments': { code: 'internal', what: 'a call was put together wrongly', next: 'report this' },
  closed: { code: 'unreachable', what: 'the connection was closed', next: TRY_AGAIN },
  unreachable: { code: 'unreachable', what: 'the connection was lost', next: FIREWALL },
  timeout: { code: 'timeout', what: 'the host does not answer', next: FIREWALL },
  'smb1-only': {
    code: 'unsupported',
    what: 'the host speaks SMB 1 only',
    next: 'enable SMB 2 or 3 on it: SMB 1 has no security to speak of, and is not spoken here',
  },
  'signing-refused': {
    code: 'untrusted',
    what: 'the host signs nothing, so anybody in between could be talking',
    next: `enable SMB signing on the host; ${NO_TRUST}`,
  },
  'encryption-refused': {
    code: 'untrusted',
    what: 'the host does not encrypt what has to be encrypted',
    next: `enable SMB encryption on the host; ${NO_TRUST}`,
  },
  'guest-refused': {
    code: 'untrusted',
    what: 'the host lets us in as a guest, without keys: whoever it is has not checked the password',
    next: NO_TRUST,
  },
  tampered: { code: 'untrusted', what: 'an answer was changed on its way', next: NO_TRUST },
  'sign-in-refused': REFUSED,
  'ntlm-blocked': {
    code: 'unsupported',
    what: 'the host does not take NTLM',
    next: 'set the option "authentication" to "kerberos", or use your own logon on a computer with Windows',
  },
  'access-denied': NO_RIGHT,
  'pipe-absent': {
    code: 'unsupported',
    what: 'the host has no service for terminal sessions',
    next: 'start "Remote Desktop Services" (TermService) on it',
  },
  'interface-absent': {
    code: 'unsupported',
    what: 'the host does not let sessions be managed from afar',
    next: 'set AllowRemoteRPC to 1 under HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server on it',
  },
  'operation-absent': { code: 'unsupported', what: 'the host is too old for this', next: NEWER },
  'context-mismatch': { code: 'protocol', what: 'the host has forgotten an open session', next: TRY_AGAIN },
  busy: { code: 'unreachable', what: 'the host is too busy', next: 'try again later' },
  fault: { code: 'protocol', what: 'the host reports a fault', next: 'look into the event log of the host' },
  refused: {
    code: 'protocol',
    what: 'the host refuses the request',
    next: 'look into the event log of the host',
  },
  'bad-answer': ODD_ANSWER,
  'too-large': { ...ODD_ANSWER, what: 'the host answers more than any host has to say' },
};

const AUTH: Partial<Readonly<Record<AuthErrorCode, Meaning>>> = {
  refused: REFUSED,
  'clock-skew': {
    ...REFUSED,
    what: 'the clocks of this computer and of the host differ too much',
    next: 'set them',
  },
  downgrade: {
    code: 'untrusted',
    what: 'the host, or somebody in between, weakens the sign-in',
    next: NO_TRUST,
  },
  'wrong-key': { code: 'untrusted', what: 'whoever answers does not know the password', next: NO_TRUST },
  tampered: { code: 'untrusted', what: 'an answer was changed on its way', next: NO_TRUST },
  'out-of-sequence': { code: 'untrusted', what: 'an answer came twice or out of turn', next: NO_TRUST },
};

/** What this computer lacks, and what Kerberos has found out: in the words of whoever knows. */
const IN_ITS_WORDS: Partial<Readonly<Record<AuthErrorCode, ErrorCode>>> = {
  'no-credential': 'unauthenticated',
  'no-library': 'unsupported',
  unsupported: 'unsupported',
  'wrong-answer': 'untrusted',
};

function meaningOf({ code, message, next }: AuthError): Meaning {
  const inItsWords = IN_ITS_WORDS[code];
  if (inItsWords === undefined) return AUTH[code] ?? ODD_ANSWER;
  const what = message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '');
  return { code: inItsWords, what, next: next ?? 'check --user-name' };
}

const FAILED: Omit<Meaning, 'what'> = { code: 'protocol', next: 'look into the event log of the host' };

/** What operations answer, as HRESULT, Win32 in an HRESULT, or NTSTATUS. */
const STATUSES: Readonly<Record<number, Meaning>> = {
  0x80070005: NO_RIGHT,
  0xc0000022: NO_RIGHT,
  0x8007139f: {
    code: 'protocol',
    what: 'the session is in a state that does not allow this',
    next: TRY_AGAIN,
  },
  0x800705b4: { code: 'timeout', what: 'the host did not get it done in time', next: TRY_AGAIN },
  0x8007052e: REFUSED,
};

/** Translates what the way to a host throws, once, into words. */
export async function inWords<T>(system: string, work: () => Promise<T>, isChange = false): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translated(error, system, isChange && isInDoubt(error));
  }
}

function translated(error: unknown, system: string, mayHaveTakenEffect: boolean): unknown {
  const made = ({ code, what, next }: Meaning, status?: number): DisconnectError => {
    const details = status === undefined ? undefined : { status: hex(status) };
    return new DisconnectError(code, what, { system, next, cause: error, details, mayHaveTakenEffect });
  };
  if (TerminalError.is(error)) {
    const { operation, status } = error;
    const { what, ...meaning } = STATUSES[status] ?? { ...FAILED, what: `${operation} failed` };
    return made({ ...meaning, what: `${what} (${hex(status)})` }, status);
  }
  if (MsrpcError.is(error)) {
    const { code, status } = error;
    return made((code === 'sign-in-refused' ? SIGN_IN[status ?? 0] : undefined) ?? MSRPC[code], status);
  }
  if (AuthError.is(error)) return made(meaningOf(error));
  return DisconnectError.is(error) ? error.at(system) : error;
}

function hex(status: number): string {
  return `0x${status.toString(16).padStart(8, '0')}`;
}

/** Whether the host said that this user may not. */
export function isForbidden(error: unknown): boolean {
  return TerminalError.is(error) && STATUSES[error.status] === NO_RIGHT;
}

/** What was asked for may have happened although the answer is not known. */
function isInDoubt(error: unknown): boolean {
  return (
    MsrpcError.is(error) &&
    ['closed', 'unreachable', 'timeout', 'tampered', 'bad-answer'].includes(error.code)
  );
}

export function changedSince({ label, endpoint }: Session): DisconnectError {
  return new DisconnectError('changed', `${label} is not the session that was chosen: its id is used again`, {
    system: endpoint,
    next: 'look again: slipline ls terminal-sessions',
  });
}

export function noSuchDesktop({ id, endpoint }: Session): DisconnectError {
  return new DisconnectError('not-found', `there is no session ${id} any more`, {
    system: endpoint,
    next: 'look again: slipline ls terminal-sessions',
  });
}

export function noSuchAction(name: string, { label, endpoint }: Session): DisconnectError {
  return new DisconnectError('unsupported', `"${name.slice(0, 40)}" cannot be done to ${label}`, {
    system: endpoint,
    next: 'messages can be shown to desktops',
  });
}
