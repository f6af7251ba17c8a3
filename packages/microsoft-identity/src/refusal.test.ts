import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IDENTITY_ERROR_CODES, IdentityError } from './errors.ts';
import { MEANINGS, PLAIN_MEANINGS } from './refusal-table.ts';
import { refusalOf } from './refusal.ts';

const of = (aadsts: number, error = 'invalid_grant') => refusalOf({ error, error_codes: [aadsts] });

describe('numbers', () => {
  it.each([
    [50076, 'mfa-required'],
    [50079, 'mfa-required'],
    [53000, 'blocked-by-policy'],
    [53001, 'blocked-by-policy'],
    [53002, 'blocked-by-policy'],
    [53003, 'blocked-by-policy'],
    [50158, 'blocked-by-policy'],
    [65001, 'consent-required'],
    [65004, 'declined'],
    [90094, 'consent-required'],
    [7000215, 'wrong-credential'],
    [700027, 'wrong-credential'],
    [70021, 'wrong-credential'],
    [7000222, 'expired-credential'],
    [700024, 'expired-credential'],
    [7000218, 'application-misconfigured'],
    [700016, 'unknown-application'],
    [90002, 'unknown-tenant'],
    [50173, 'grant-revoked'],
    [700082, 'grant-expired'],
    [70043, 'grant-expired'],
    [70019, 'code-expired'],
    [50057, 'account-refused'],
    [50196, 'throttled'],
    [90033, 'unavailable'],
  ])('AADSTS%i is %s', (aadsts, code) => {
    expect(of(aadsts)).toMatchObject({
      code,
      aadsts,
      message: expect.stringContaining(`(AADSTS${aadsts})`),
    });
  });

  it('each have a code of the list, words and a next step', () => {
    for (const { code, what, next } of [...Object.values(MEANINGS), ...Object.values(PLAIN_MEANINGS)]) {
      expect(IDENTITY_ERROR_CODES).toContain(code);
      expect([what, next].every((text) => /^[a-z`]/i.test(text) && !text.endsWith('.'))).toBe(true);
    }
  });

  it('are looked for in the list first, and then in the description', () => {
    expect(refusalOf({ error: 'invalid_grant', error_codes: [1, 50173] }).aadsts).toBe(50173);
    expect(refusalOf({ error: 'x', error_description: 'AADSTS65004: Declined.' }).code).toBe('declined');
    expect(refusalOf({ error: 'x', error_codes: ['50173', -1, 1e12, null] }).aadsts).toBeUndefined();
  });

  it("that are unknown lead to Microsoft's page", () => {
    expect(of(123456)).toMatchObject({
      code: 'sign-in-required',
      aadsts: 123456,
      next: expect.stringContaining('https://login.microsoftonline.com/error?code=123456'),
    });
    expect(of(123456, 'never_heard_of')).toMatchObject({ code: 'refused' });
  });
});

describe('without a number', () => {
  it.each([
    ['access_denied', 'declined'],
    ['authorization_declined', 'declined'],
    ['expired_token', 'code-expired'],
    ['invalid_grant', 'grant-expired'],
    ['interaction_required', 'sign-in-required'],
    ['invalid_client', 'wrong-credential'],
    ['temporarily_unavailable', 'throttled'],
    ['something_new', 'refused'],
  ])('%s is %s', (error, code) => {
    expect(refusalOf({ error })).toMatchObject({ code, aadsts: undefined });
  });

  it('the finer word counts, then the status', () => {
    expect(refusalOf({ error: 'invalid_grant', suberror: 'consent_required' }).code).toBe('consent-required');
    expect(refusalOf({}, { status: 429, retryAfter: 7000 })).toMatchObject({
      code: 'throttled',
      retryAfter: 7000,
    });
    expect(refusalOf({}, { status: 503 }).code).toBe('unavailable');
    expect(refusalOf({ error: 'constructor' }).code).toBe('refused');
  });
});

describe('a clock that is wrong', () => {
  it.each([
    [3_600_000, 'clock-skew', '60 minutes behind'],
    [-3_600_000, 'clock-skew', '60 minutes ahead of'],
    [60_000, 'expired-credential', 'not valid at this time'],
  ])('%i ms apart: %s', (skew, code, words) => {
    const error = refusalOf({ error: 'invalid_client', error_codes: [700024] }, { status: 401, skew });
    expect(error).toMatchObject({ code, aadsts: 700024, message: expect.stringContaining(words) });
  });
});

it('repeats nothing that the server wrote', () => {
  const secret = 'the~client.secret';
  const error = refusalOf({
    error: `bad ${secret}`,
    error_description: `AADSTS7000215: ${secret}`,
    suberror: secret,
    claims: `{"x":"${secret}"}`,
    correlation_id: secret,
    trace_id: secret,
  });
  expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain(secret);
  expect(error.code).toBe('wrong-credential');
});

it('makes an error of whatever comes', () => {
  const body = fc.record(
    {
      error: fc.oneof(fc.string(), fc.constantFrom(...Object.keys(PLAIN_MEANINGS)), fc.jsonValue()),
      suberror: fc.jsonValue(),
      error_codes: fc.oneof(fc.array(fc.oneof(fc.integer(), fc.jsonValue())), fc.jsonValue()),
      error_description: fc.oneof(fc.string(), fc.jsonValue()),
      correlation_id: fc.oneof(fc.uuid(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(body, fc.integer({ min: 100, max: 599 }), (value, status) => {
      const error = refusalOf(value, { status });
      expect(IdentityError.is(error)).toBe(true);
      expect(IDENTITY_ERROR_CODES).toContain(error.code);
      expect(error.message).toMatch(/^[\x20-\x7e]{1,200}$/);
      expect(error.next).toMatch(/^[\x20-\x7e]{1,200}$/);
    }),
  );
});
