import { DisconnectError, type ErrorCode, type JsonValue, type Secret } from '@slipline/core';
import { isObject, text, type Reply } from './exchange-online-reply.ts';

/** What was asked of the service, for the words of an error. */
export interface Asked {
  /** As in `Get-Mailbox`; absent for the question whether the service runs. */
  readonly cmdlet?: string | undefined;
  readonly system: string;
  /** `client-request-id`, which Microsoft's support asks for. */
  readonly requestId: string;
  /** Sent along, so that no error repeats it. */
  readonly token: Secret;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly next: string;
}

const NOT_EXCHANGE: Meaning = {
  code: 'protocol',
  what: 'this does not answer as Exchange Online does',
  next: 'check the environment and --connection-uri, and whether a proxy is in between',
};
const BUSY: Meaning = {
  code: 'unreachable',
  what: 'the service has a fault or is busy',
  next: 'try again later',
};

const MEANINGS: Readonly<Record<number, Meaning>> = {
  400: {
    code: 'invalid-request',
    what: 'the service does not take this cmdlet with these parameters',
    next: 'check the names and the values of the parameters',
  },
  401: {
    code: 'unauthenticated',
    what: 'the service refuses the token',
    next: 'connect again; for an application, check that it has Exchange.ManageAsApp and that an administrator consented',
  },
  403: {
    code: 'forbidden',
    what: 'the service refuses this to whoever is signed in',
    next: 'check the Exchange role of the account or the application',
  },
  404: {
    code: 'not-found',
    what: 'what was named does not exist',
    next: 'what was made a moment ago may take minutes to show',
  },
  429: { code: 'quota', what: 'the service wants fewer requests', next: 'try again later' },
  500: BUSY,
  502: BUSY,
  503: BUSY,
  504: BUSY,
};

/** What an answer that is not a success means. */
export function refusal(reply: Reply, asked: Asked): DisconnectError {
  const { status } = reply;
  const meaning = meaningOf(reply, asked);
  const said = saidIn(reply, asked.token);
  const errorCode = errorOf(reply)['code'];
  const name = typeof errorCode === 'string' ? text(errorCode, [asked.token], 100) : undefined;
  const about = asked.cmdlet === undefined ? meaning.what : `${asked.cmdlet}: ${meaning.what}`;
  return new DisconnectError(meaning.code, said === undefined ? about : `${about}: ${said}`, {
    system: asked.system,
    next: meaning.next,
    details: { status, requestId: asked.requestId, ...(name !== undefined && { errorCode: name }) },
    mayHaveTakenEffect: asked.cmdlet !== undefined && (status < 400 || (status >= 500 && status !== 503)),
  });
}

/** An answer that says it is a success and is not what was asked for. */
export function senseless(asked: Asked, what: string): DisconnectError {
  return new DisconnectError(NOT_EXCHANGE.code, `${NOT_EXCHANGE.what}: ${what}`, {
    system: asked.system,
    next: NOT_EXCHANGE.next,
    details: { requestId: asked.requestId },
    mayHaveTakenEffect: asked.cmdlet !== undefined,
  });
}

/** The service leads to where the token must not go, or nowhere. */
export function misled(asked: Asked, what: string): DisconnectError {
  return new DisconnectError('protocol', what, {
    system: asked.system,
    next: NOT_EXCHANGE.next,
    details: { requestId: asked.requestId },
  });
}

function meaningOf({ status }: Reply, { cmdlet }: Asked): Meaning {
  if (cmdlet === undefined && (status === 404 || status === 400)) return NOT_EXCHANGE;
  const known = MEANINGS[status];
  return known ?? { ...NOT_EXCHANGE, what: `${NOT_EXCHANGE.what} (HTTP ${status})` };
}

/** The cmdlet's own reason where there is one, else what the service says in general, without its prefix. */
function saidIn(reply: Reply, token: Secret): string | undefined {
  const error = errorOf(reply);
  const [first] = Array.isArray(error['details']) ? (error['details'] as readonly JsonValue[]) : [];
  const inner = error['innererror'];
  const exception = isObject(inner) ? (inner['internalexception'] ?? inner['internalException']) : undefined;
  return [first, exception, error]
    .map((place) => (isObject(place) ? text(place['message'], [token]) : undefined))
    .find((message) => message !== undefined)
    ?.replace(/^\|[\w.]{1,100}\|/, '');
}

function errorOf({ fields }: Reply): Readonly<Record<string, JsonValue>> {
  const error = fields['error'];
  return isObject(error) ? error : {};
}
