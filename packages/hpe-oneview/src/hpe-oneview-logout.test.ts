import { describe, expect, it } from '@jest/globals';
import { verdictOf, type Verdict } from './hpe-oneview-logout.ts';
import type { Reply } from './hpe-oneview-reply.ts';

const EMPTY = { body: 'empty', fields: {} } as const;
const PAGE = { body: 'other', fields: {} } as const;
const says = (errorCode: string) => ({ body: 'object', fields: { errorCode } }) as const;

describe('an answer to a logout', () => {
  it.each<[number, Omit<Reply, 'status'>, Verdict]>([
    [204, EMPTY, 'ended'],
    [200, EMPTY, 'ended'],
    [200, { body: 'object', fields: {} }, 'ended'],
    [200, says('AUTHORIZATION'), 'unknown'],
    [200, PAGE, 'unknown'],
    [201, EMPTY, 'unknown'],
    [202, EMPTY, 'unknown'],
    [301, EMPTY, 'unknown'],
    [302, PAGE, 'unknown'],
    [400, says('AUTHN_LOGOUT_FAILED'), 'gone'],
    [400, says('Session.INVALID'), 'gone'],
    [404, says('Session.INVALID'), 'gone'],
    [400, says('INVALID_REQUEST'), 'refused'],
    [400, EMPTY, 'refused'],
    [400, PAGE, 'unknown'],
    [401, says('AUTHORIZATION'), 'ambiguous'],
    [401, says('INSUFFICIENT_PRIVILEGES'), 'ambiguous'],
    [401, says('Session.INVALID'), 'ambiguous'],
    [401, PAGE, 'ambiguous'],
    [403, says('PASSWORD_CHANGE_REQUIRED'), 'refused'],
    [404, says('RESOURCE_NOT_FOUND'), 'version'],
    [404, EMPTY, 'version'],
    [404, PAGE, 'unknown'],
    [405, says('GENERIC_HTTP_405'), 'refused'],
    [409, says('CONFLICT'), 'refused'],
    [412, says('INVALID_API_VERSION'), 'version'],
    [415, says('GENERIC_HTTP_415'), 'refused'],
    [429, says('TOO_MANY_REQUESTS'), 'refused'],
    [500, says('INTERNAL_SERVER_ERROR'), 'unknown'],
    [500, says('AUTHN_LOGOUT_FAILED'), 'unknown'],
    [502, PAGE, 'unknown'],
    [503, says('GENERIC_HTTP_503'), 'busy'],
    [503, PAGE, 'busy'],
    [504, EMPTY, 'unknown'],
  ])('%i %j means %s', (status, answer, verdict) => {
    expect(verdictOf({ status, ...answer })).toBe(verdict);
  });
});
