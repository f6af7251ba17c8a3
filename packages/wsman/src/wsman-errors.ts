import { DisconnectError, type DisconnectErrorOptions, type ErrorCode } from '@slipline/core';
import { FAULT, WsmanFault } from './wsman-fault.ts';
import { NS } from './wsman-namespaces.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly next: string;
}

const QUOTA = 'end shells that nobody needs (slipline ls wsman COMPUTER --shells), or have the quota raised';
const WHO =
  'check user name and password; connect with the name that the computer knows, as DOMAIN\\NAME or COMPUTER\\NAME';

const MEANINGS: Readonly<Record<number, Meaning>> = {
  [FAULT.timedOut]: {
    code: 'timeout',
    what: 'the service did not finish in time',
    next: 'try again, or allow more time with --timeout',
  },
  [FAULT.networkTimedOut]: {
    code: 'timeout',
    what: 'the service did not finish in time',
    next: 'try again, or allow more time with --timeout',
  },
  [FAULT.unexpectedSelectors]: {
    code: 'not-found',
    what: 'there is no such shell or command',
    next: 'slipline ls wsman COMPUTER --shells shows what there is',
  },
  [FAULT.resourceNotFound]: {
    code: 'not-found',
    what: 'there is no such resource',
    next: 'check its ResourceURI',
  },
  [FAULT.invalidUri]: { code: 'not-found', what: 'there is no such resource', next: 'check its ResourceURI' },
  [FAULT.invalidResourceUri]: {
    code: 'not-found',
    what: 'there is no such resource',
    next: 'check its ResourceURI',
  },
  [FAULT.envelopeTooLarge]: {
    code: 'quota',
    what: 'the answer is larger than one message may be',
    next: 'have MaxEnvelopeSizekb raised on that computer',
  },
  [FAULT.maxEnvelopeSizeExceeded]: {
    code: 'quota',
    what: 'the message is larger than the computer takes',
    next: 'have MaxEnvelopeSizekb raised on that computer',
  },
  [FAULT.unreachable]: {
    code: 'unreachable',
    what: 'the service cannot be reached',
    next: 'check that WinRM runs there',
  },
  [FAULT.quotaLimit]: { code: 'quota', what: 'a quota of the service is used up', next: QUOTA },
  [FAULT.quotaMaxShells]: {
    code: 'quota',
    what: 'this user has as many shells as one may have (MaxShellsPerUser)',
    next: QUOTA,
  },
  [FAULT.quotaMaxOperations]: {
    code: 'quota',
    what: 'this user has as many operations under way as one may have',
    next: QUOTA,
  },
  [FAULT.quotaUser]: { code: 'quota', what: 'the quota of this user is used up', next: QUOTA },
  [FAULT.quotaSystem]: { code: 'quota', what: 'the quota of the whole system is used up', next: QUOTA },
  [FAULT.quotaMaxShellUsers]: {
    code: 'quota',
    what: 'as many users have shells as may have (MaxConcurrentUsers)',
    next: QUOTA,
  },
  [FAULT.shellsNotAllowed]: {
    code: 'forbidden',
    what: 'remote shells are switched off there (AllowRemoteShellAccess)',
    next: 'have them switched on',
  },
  [FAULT.disconnectNotSupported]: {
    code: 'unsupported',
    what: 'this shell cannot be detached',
    next: 'end it instead: --effect end',
  },
  [FAULT.otherClientSession]: {
    code: 'forbidden',
    what: 'only the client that opened this shell may detach it',
    next: 'end it instead: --effect end',
  },
  [FAULT.otherClient]: {
    code: 'forbidden',
    what: 'another client is connected to this shell',
    next: 'end it instead: --effect end',
  },
  [FAULT.disconnectNotGraceful]: {
    code: 'protocol',
    what: 'the shell was not detached in an orderly way',
    next: 'list the shells again',
  },
  [FAULT.disconnectNotValid]: {
    code: 'unsupported',
    what: 'this shell cannot be detached in its present state',
    next: 'end it instead: --effect end',
  },
  [FAULT.redirect]: {
    code: 'unsupported',
    what: 'the service sends callers elsewhere',
    next: 'connect with the address it names: --connection-uri',
  },
  [FAULT.accessDenied]: {
    code: 'forbidden',
    what: 'access is denied',
    next: 'use a user who may administer that computer remotely',
  },
  [FAULT.logonFailure]: { code: 'unauthenticated', what: 'user name or password is wrong', next: WHO },
  [FAULT.accountRestriction]: { code: 'unauthenticated', what: 'this account may not sign in so', next: WHO },
  [FAULT.passwordExpired]: {
    code: 'unauthenticated',
    what: 'the password has expired',
    next: 'change it, at that computer or in its domain, then connect again',
  },
  [FAULT.passwordMustChange]: {
    code: 'unauthenticated',
    what: 'the password must be changed before it is used',
    next: 'change it, at that computer or in its domain, then connect again',
  },
  [FAULT.accountDisabled]: {
    code: 'unauthenticated',
    what: 'the account is disabled',
    next: 'have it enabled, or use another one',
  },
  [FAULT.accountLocked]: {
    code: 'unauthenticated',
    what: 'the account is locked',
    next: 'wait, or have it unlocked; more tries lock it for longer',
  },
  [FAULT.timeSkew]: {
    code: 'unauthenticated',
    what: 'the clocks of the two computers are too far apart',
    next: 'set the clock, then connect again',
  },
};

/** A fault in our words, and those of the service; the fault itself is the cause. */
export function faultError(fault: WsmanFault, options: DisconnectErrorOptions = {}): DisconnectError {
  const { code, what, next } = meaningOf(fault);
  return new DisconnectError(code, `${what}: ${fault.message}`, {
    ...options,
    next,
    cause: fault,
    details: {
      ...(fault.code !== undefined && { wsmanFault: fault.code }),
      ...(fault.subcode !== undefined && { subcode: fault.subcode }),
    },
  });
}

/** The fault that an error was made of. */
export function faultOf(error: unknown): WsmanFault | undefined {
  if (error instanceof WsmanFault) return error;
  return DisconnectError.is(error) && error.cause instanceof WsmanFault ? error.cause : undefined;
}

/** The service says that there is no such shell, or none any more. */
export function saysGone(error: unknown): boolean {
  const fault = faultOf(error);
  if (fault === undefined) return false;
  if (fault.code !== undefined) return fault.code === FAULT.unexpectedSelectors;
  return (
    fault.subcode === `{${NS.w}}InvalidSelectors` && (fault.detail ?? '').endsWith('/UnexpectedSelectors')
  );
}

function meaningOf({ code, subcode }: WsmanFault): Meaning {
  const known = code === undefined ? undefined : MEANINGS[code];
  if (known !== undefined) return known;
  if (code !== undefined && code >= FAULT.pluginQuotaFirst && code <= FAULT.pluginQuotaLast)
    return { code: 'quota', what: 'a quota of this endpoint is used up', next: QUOTA };
  switch (subcode) {
    case `{${NS.w}}QuotaLimit`:
      return MEANINGS[FAULT.quotaLimit]!;
    case `{${NS.w}}TimedOut`:
      return MEANINGS[FAULT.timedOut]!;
    case `{${NS.w}}AccessDenied`:
      return MEANINGS[FAULT.accessDenied]!;
    case `{${NS.a}}DestinationUnreachable`:
      return MEANINGS[FAULT.resourceNotFound]!;
    case `{${NS.w}}InvalidSelectors`:
      return MEANINGS[FAULT.unexpectedSelectors]!;
    default:
      return {
        code: 'protocol',
        what: 'the service refused',
        next: 'look for what it says in the event log of that computer (Windows Remote Management)',
      };
  }
}
