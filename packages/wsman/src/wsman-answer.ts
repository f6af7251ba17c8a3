import { DisconnectError, type ErrorCode } from '@slipline/core';
import type { HttpAnswer } from './wsman-http.ts';

const SOAP_TYPE = /^\s*(application|text)\/(soap\+xml|xml)\b/i;

/**
 * The XML of an answer. What it means is for its body to say: Windows gives faults with 500, others with 200. Throws `DisconnectError`
 * for what is no XML, and for what came in the clear although the request was sealed.
 */
export function textOfAnswer(answer: HttpAnswer, { isSealed }: { readonly isSealed: boolean }): string {
  const { contentType, body } = answer;
  if (body.length === 0 || !SOAP_TYPE.test(contentType)) throw withoutSoap(answer, isSealed);
  if (isSealed && !contentType.endsWith('; sealed')) {
    throw new DisconnectError('untrusted', 'the answer to an encrypted request is not encrypted', {
      next: 'somebody on the way may have written it: use another network, or TLS (--use-ssl)',
      mayHaveTakenEffect: true,
    });
  }
  return body[0] === 0xff && body[1] === 0xfe ? body.subarray(2).toString('utf16le') : body.toString('utf8');
}

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly next: string;
}

const WRONG_PLACE = 'check port (5985, with TLS 5986) and --application-name (wsman)';

/** What an answer without SOAP means. */
function withoutSoap(
  { status, body, contentType, location }: HttpAnswer,
  isSealed: boolean,
): DisconnectError {
  const { code, what, next } = meaningOf(status, body.length === 0, isSealed, location);
  const isPage = body.length > 0 && /html/i.test(contentType);
  return new DisconnectError(code, `${what} (HTTP ${status}${isPage ? ', with a web page' : ''})`, {
    next,
    details: { httpStatus: status },
    mayHaveTakenEffect: status >= 200 && (status < 300 || status >= 500),
  });
}

function meaningOf(
  status: number,
  isEmpty: boolean,
  isSealed: boolean,
  location: string | undefined,
): Meaning {
  if (status >= 300 && status < 400) {
    const where = location === undefined ? '' : ` to ${location.slice(0, 200)}`;
    return {
      code: 'protocol',
      what: `the server redirects${where}, which is not followed: a credential goes only where it was meant to`,
      next: 'if that address is right, connect to it',
    };
  }
  if (status === 500 && isEmpty && !isSealed)
    return {
      code: 'forbidden',
      what: 'the service gives no answer, as Windows does where it takes encrypted messages only',
      next: 'use TLS (--use-ssl), or --authentication negotiate, which encrypts',
    };
  switch (status) {
    case 403:
      return {
        code: 'forbidden',
        what: 'the server refuses this',
        next: 'check that this user may administer that computer remotely',
      };
    case 404:
      return { code: 'protocol', what: 'there is no WinRM at this path', next: WRONG_PLACE };
    case 407:
      return {
        code: 'unreachable',
        what: 'a proxy on the way wants a sign-in',
        next: 'give it in HTTPS_PROXY, or exempt the computer with NO_PROXY',
      };
    case 429:
    case 503:
      return {
        code: 'unreachable',
        what: 'the service is busy or stopped',
        next: 'try again; check that WinRM runs there',
      };
    case 502:
    case 504:
      return {
        code: 'unreachable',
        what: 'something on the way does not reach the computer',
        next: 'check that the computer is up',
      };
    case 500:
      return {
        code: 'protocol',
        what: 'the service failed without saying why',
        next: 'look at the event log of that computer (Windows Remote Management)',
      };
    default:
      return { code: 'protocol', what: 'what answers there is not WinRM', next: WRONG_PLACE };
  }
}
