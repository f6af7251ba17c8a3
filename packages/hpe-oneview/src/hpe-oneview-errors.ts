import { DisconnectError, type ErrorCode } from '@slipline/core';
import type { ApplianceError, Operation } from './hpe-oneview-reply.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly next: string;
}

const WRONG_CREDENTIALS: Meaning = {
  code: 'unauthenticated',
  what: 'the user name, the password or the directory is wrong',
  next: 'check them, then connect again; --auth-login-domain names the directory',
};
const UNKNOWN_DIRECTORY: Meaning = {
  code: 'not-found',
  what: 'the appliance does not know this directory',
  next: 'check --auth-login-domain, or leave it out to use the default of the appliance',
};
const NO_ROLE: Meaning = {
  code: 'forbidden',
  what: 'the user may log in, but has no role on this appliance',
  next: 'have an administrator map a group of the user to a role',
};
const TOO_MANY_SESSIONS: Meaning = {
  code: 'quota',
  what: 'too many sessions are open',
  next: 'slipline ls hpe-oneview --live shows yours: disconnect those that are not needed, then connect again',
};
const TOKEN_REFUSED: Meaning = {
  code: 'unauthenticated',
  what: 'the appliance refuses the session: it has ended, or lacks the right',
  next: 'slipline ls hpe-oneview --live shows whether it lives',
};
const NO_LIST: Meaning = {
  code: 'forbidden',
  what: "the user may not see other people's sessions",
  next: 'connect as an Infrastructure administrator or a Security administrator',
};
const BUSY: Meaning = {
  code: 'unreachable',
  what: 'the appliance is starting, or too busy to answer',
  next: 'try again when it is up',
};
const NOT_AN_APPLIANCE: Meaning = {
  code: 'protocol',
  what: 'this does not answer as an HPE OneView appliance does',
  next: 'check the name and the port; a proxy in between answers like this too',
};

/** By the appliance's own codes. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  AUTHN_AUTH_FAIL: WRONG_CREDENTIALS,
  AUTHN_AUTH_DIR_FAIL: WRONG_CREDENTIALS,
  AUTHN_AUTH_FAIL_LOGINDOMAINNOTFOUND: UNKNOWN_DIRECTORY,
  AUTHN_AUTH_FAIL_NO_ROLES: NO_ROLE,
  AUTHN_LOGINDOMAIN_NO_MEMBER_GROUPS_FOUND: NO_ROLE,
  AUTHN_LOCAL_LOGIN_DISABLED: {
    code: 'forbidden',
    what: 'local users may not log in to this appliance',
    next: 'log in as a user of a directory: --auth-login-domain names it',
  },
  AUTHN_UNABLE_AUTH: {
    code: 'unreachable',
    what: 'the appliance could not ask the directory who this is',
    next: 'try again later, or log in as a local user: --auth-login-domain LOCAL',
  },
  PASSWORD_CHANGE_REQUIRED: {
    code: 'forbidden',
    what: 'the password has expired or was never changed',
    next: 'change it at the web page of the appliance, then connect again',
  },
  AUTHN_SESSION_CLIENT_LIMIT_CROSSED: {
    ...TOO_MANY_SESSIONS,
    what: 'too many sessions are open from this computer',
  },
  INSUFFICIENT_PRIVILEGES: {
    code: 'forbidden',
    what: 'the user lacks the right to this',
    next: 'connect as a user whose role allows it',
  },
  AUTHORIZATION: TOKEN_REFUSED,
};

/** By status, where the code says nothing or another server has answered. */
const STATUSES: Readonly<Record<number, Meaning>> = {
  401: TOKEN_REFUSED,
  403: {
    code: 'forbidden',
    what: 'the appliance refuses this',
    next: 'connect as a user whose role allows it',
  },
  412: {
    code: 'unsupported',
    what: 'the appliance does not take this X-API-Version',
    next: 'connect again without --api-version',
  },
  503: BUSY,
};

const DOING: Readonly<Record<Operation, string>> = {
  version: 'saying which versions it speaks',
  'login-details': 'saying how to log in',
  login: 'the login',
  logout: 'the logout',
  session: 'saying whether the session lives',
  'idle-timeout': 'the idle time-out',
  'active-sessions': 'listing sessions',
  progress: 'saying how far it has started',
};

/** What an answer means to the person who waits for it. */
export function applianceError(error: ApplianceError): DisconnectError {
  const { status, errorCode, said, operation } = error;
  if (errorCode === 'AUTHN_LOGIN_MESSAGE_ACKNOWLEDGMENT_REQUIRED')
    return mustAcknowledge(said.replace(/^Message:\s*/, ''), error);
  const { code, what, next } = meaningOf(error);
  return new DisconnectError(code, said === '' || code === 'protocol' ? what : `${what}: ${said}`, {
    next,
    cause: error,
    details: { operation, status, ...(errorCode !== undefined && { errorCode }) },
    mayHaveTakenEffect: mayHaveTakenEffect(error),
  });
}

function meaningOf(error: ApplianceError): Meaning {
  const { status, errorCode = '', operation, said } = error;
  if (operation === 'version') return status === 503 ? BUSY : NOT_AN_APPLIANCE;
  if (operation === 'login' && status === 401) return WRONG_CREDENTIALS;
  // Only a session that lives is used for this.
  if (operation === 'active-sessions' && (status === 401 || status === 403)) return NO_LIST;
  const known = Object.hasOwn(MEANINGS, errorCode) ? MEANINGS[errorCode] : undefined;
  if (known !== undefined && status >= 400) return known;
  if (/^AUTHN_SESSION_.*LIMIT/.test(errorCode)) return TOO_MANY_SESSIONS;
  // HPE's own library takes any 404 to a login for this.
  if (operation === 'login' && status === 404 && errorCode !== '') return UNKNOWN_DIRECTORY;
  return STATUSES[status] ?? unexpected(status, errorCode, said, operation);
}

function unexpected(status: number, errorCode: string, said: string, operation: Operation): Meaning {
  const answer = [`HTTP ${status}`, errorCode, said].filter((part) => part !== '').join(', ');
  return {
    code: 'protocol',
    what: `the appliance answered ${DOING[operation]} with ${answer}${status < 300 ? ', which makes no sense' : ''}`,
    next: 'check that nothing but the appliance answers at this address, then try again',
  };
}

/** Only a login and a logout change something, and only an answer that refuses them says that they did not. */
function mayHaveTakenEffect({ operation, status, errorCode }: ApplianceError): boolean {
  if (operation !== 'login' && operation !== 'logout') return false;
  return status < 300 ? errorCode === undefined : status >= 500 && status !== 503;
}

/** Only a person can accept what the login message says. */
export function mustAcknowledge(loginMessage: string, cause?: unknown): DisconnectError {
  const shown = loginMessage === '' ? '' : `: ${loginMessage}`;
  return new DisconnectError('forbidden', `the login message has to be acknowledged${shown}`, {
    next: 'connect again with --login-acknowledge if you accept it',
    cause,
  });
}

/** The same error, where nothing that could change something had been sent. */
export function withoutEffect(error: unknown): DisconnectError {
  const known = DisconnectError.from(error);
  if (!known.mayHaveTakenEffect) return known;
  const { code, message, system, next, cause, details } = known;
  return new DisconnectError(code, message, { system, next, cause, details });
}
