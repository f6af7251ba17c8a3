import { MsrpcError, type MsrpcErrorCode } from './errors.ts';

interface Meaning {
  readonly code: MsrpcErrorCode;
  readonly what: string;
  readonly next: string;
}

const DENIED: Meaning = {
  code: 'access-denied',
  what: 'the server denied the call, or did not believe the sign-in',
  next: 'check user name and password, and that the account has the right',
};
const REPORT = 'report this, with the name of the operation and the version of the server';
const AGAIN = 'try again in a moment';
const BAD_STUB: Meaning = { code: 'fault', what: 'the server could not read the parameters', next: REPORT };
const ABSENT: Meaning = {
  code: 'operation-absent',
  what: 'the server does not have this operation',
  next: 'use what older servers have instead',
};
const NO_INTERFACE: Meaning = {
  code: 'interface-absent',
  what: 'the server does not know the interface',
  next: 'check that the service behind the pipe is the one that is meant',
};

/** Statuses of faults: those of C706 appendix E, and Win32's (MS-RPCE 3.1.1.5.5). */
const FAULTS: Readonly<Record<number, Meaning>> = {
  0x0000_0005: DENIED,
  0x0000_06d1: ABSENT,
  0x0000_06f7: BAD_STUB,
  0x0000_06e4: { code: 'fault', what: 'the server cannot do this', next: 'check the version of the server' },
  0x0000_06bb: { code: 'busy', what: 'the server is too busy', next: AGAIN },
  0x0000_0721: {
    code: 'tampered',
    what: 'the server found the protection of the call to be wrong',
    next: 'somebody between may change what is sent; connect again',
  },
  0x1c01_0002: ABSENT,
  0x1c01_0003: NO_INTERFACE,
  0x1c01_000b: { code: 'fault', what: 'the server found the call malformed', next: REPORT },
  0x1c01_0014: { code: 'busy', what: 'the server is too busy', next: AGAIN },
  0x1c00_001a: {
    code: 'context-mismatch',
    what: 'the server does not know the handle any more',
    next: 'open it again',
  },
};

export function faultError(status: number, operation: string): MsrpcError {
  const meaning = FAULTS[status] ?? {
    code: 'fault',
    what: 'the server could not do the call',
    next: 'look the number up in C706 appendix E or MS-ERREF, or in the log of the server',
  };
  const number = `0x${status.toString(16).padStart(8, '0')}`;
  return new MsrpcError(meaning.code, `${meaning.what} (fault ${number}, at ${operation})`, {
    next: meaning.next,
    status,
  });
}

/** Of a BIND_NAK (C706 12.6.3.1; MS-RPCE 2.2.2.5). */
const REASONS: Readonly<Record<number, Meaning>> = {
  1: { code: 'busy', what: 'the server is too busy', next: AGAIN },
  2: { code: 'busy', what: 'the server takes no further connection', next: AGAIN },
  4: { code: 'refused', what: 'the server speaks another version of RPC', next: REPORT },
  8: {
    code: 'access-denied',
    what: 'the server does not take this way to sign in',
    next: 'use another way to sign in',
  },
  9: { ...DENIED, what: 'the server did not believe the sign-in' },
};

export function bindRefused(reason: number): MsrpcError {
  const meaning = REASONS[reason] ?? { code: 'refused', what: 'the server refused the bind', next: REPORT };
  return new MsrpcError(meaning.code, `${meaning.what} (bind_nak ${reason})`, { next: meaning.next });
}

export function interfaceAbsent(name: string): MsrpcError {
  return new MsrpcError('interface-absent', `the server does not offer ${name} on this pipe`, {
    next: NO_INTERFACE.next,
  });
}
