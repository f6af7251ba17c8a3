import { MsrpcError, type MsrpcErrorCode } from './errors.ts';
import type { SmbCommandName } from './smb-message.ts';

/** NTSTATUS values that this client acts on (MS-ERREF 2.3.1). */
export const NtStatus = {
  SUCCESS: 0,
  PENDING: 0x103,
  BUFFER_OVERFLOW: 0x8000_0005,
  MORE_PROCESSING_REQUIRED: 0xc000_0016,
  NOT_SUPPORTED: 0xc000_00bb,
  INVALID_DEVICE_REQUEST: 0xc000_0010,
  FILE_CLOSED: 0xc000_0128,
} as const;

interface Meaning {
  readonly code: MsrpcErrorCode;
  readonly what: string;
  readonly next: string;
}

const PASSWORD = 'check the user name, its domain and the password';
const ADMINISTRATOR = 'ask an administrator of the server';
const OTHER_TRANSPORT = 'allow NTLM for this server, or use a transport with Kerberos, such as WinRM';
const AGAIN = 'try again in a moment';
const CONNECT = 'connect again';

function signIn(what: string, next = ADMINISTRATOR): Meaning {
  return { code: 'sign-in-refused', what, next };
}

const SIGN_IN: Readonly<Record<number, Meaning>> = {
  0xc000_006d: signIn('user name or password is wrong', PASSWORD),
  0xc000_0064: signIn('user name or password is wrong', PASSWORD),
  0xc000_006a: signIn('user name or password is wrong', PASSWORD),
  0xc000_006e: signIn('the account is restricted: an empty password, or not from here'),
  0xc000_006f: signIn('the account may not sign in at this hour'),
  0xc000_0070: signIn('the account may not sign in from this computer'),
  0xc000_0071: signIn('the password has expired', 'set a new password first'),
  0xc000_0072: signIn('the account is disabled'),
  0xc000_015b: signIn('the account may not sign in over the network'),
  0xc000_0193: signIn('the account has expired'),
  0xc000_0224: signIn('the password must be changed first', 'set a new password first'),
  0xc000_0234: signIn(
    'the account is locked',
    'wait for the lock to end, or ask an administrator of the server',
  ),
  0xc000_0413: signIn('the account may not sign in to this server'),
  0xc000_0133: signIn('the clocks differ too much', 'set the clock of this computer, then try again'),
  0xc000_005e: signIn('the server reaches no domain controller', AGAIN),
  0xc000_018d: signIn('the server is not trusted by its domain'),
  0xc000_0418: { code: 'ntlm-blocked', what: 'the server takes no NTLM', next: OTHER_TRANSPORT },
  0xc000_00bb: { code: 'ntlm-blocked', what: 'the server takes no NTLM', next: OTHER_TRANSPORT },
};

const ANYWHERE: Readonly<Record<number, Meaning>> = {
  0xc000_0022: {
    code: 'access-denied',
    what: 'the server denied access',
    next: 'sign in as somebody who has the right, such as an administrator of the server',
  },
  0xc000_0034: {
    code: 'pipe-absent',
    what: 'the server has no such pipe',
    next: 'check that the service behind it runs, such as Remote Desktop Services, and that it may be reached remotely',
  },
  0xc000_0236: { code: 'pipe-absent', what: 'no service listens behind the pipe', next: 'start the service' },
  0xc000_00ac: { code: 'busy', what: 'the pipe is busy', next: AGAIN },
  0xc000_00ae: { code: 'busy', what: 'the pipe is busy', next: AGAIN },
  0xc000_009a: { code: 'busy', what: 'the server is out of resources', next: AGAIN },
  0xc000_0205: { code: 'busy', what: 'the server is out of resources', next: AGAIN },
  0xc000_00b0: { code: 'closed', what: 'the server closed the pipe', next: CONNECT },
  0xc000_00b1: { code: 'closed', what: 'the server closed the pipe', next: CONNECT },
  0xc000_014b: { code: 'closed', what: 'the server closed the pipe', next: CONNECT },
  0xc000_0011: { code: 'closed', what: 'the server closed the pipe', next: CONNECT },
  0xc000_0128: { code: 'closed', what: 'the server closed the pipe', next: CONNECT },
  0xc000_0203: { code: 'closed', what: 'the server ended the session', next: CONNECT },
  0xc000_035c: { code: 'closed', what: 'the session has expired', next: CONNECT },
  0xc000_00c9: { code: 'closed', what: 'the server dropped the share', next: CONNECT },
  0xc000_00cc: {
    code: 'refused',
    what: 'the server has no IPC$ share',
    next: 'check that it is a Windows or Samba server',
  },
};

/** The error for a status that was not hoped for, while `command` was asked for. */
export function statusError(status: number, command: SmbCommandName): MsrpcError {
  const inSignIn = command === 'SESSION_SETUP' && Object.hasOwn(SIGN_IN, status);
  const meaning = (inSignIn ? SIGN_IN : ANYWHERE)[status] ?? {
    code: 'refused',
    what: 'the server refused',
    next: 'look the number up in MS-ERREF, or in the log of the server',
  };
  const number = `0x${status.toString(16).padStart(8, '0')}`;
  return new MsrpcError(meaning.code, `${meaning.what} (${number}, at ${command})`, {
    next: meaning.next,
    status,
  });
}
