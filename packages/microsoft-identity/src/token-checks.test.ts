import { describe, expect, it } from '@jest/globals';
import { defineEnvironment, findEnvironment } from './environments.ts';
import { checkTokens, type Expected } from './token-checks.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const OTHER = '99999999-8888-7777-6666-555555555555';
const NOW = Date.UTC(2026, 0, 1);
const seconds = NOW / 1000;
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object) => `${part({ alg: 'none' })}.${part(claims)}.`;

const EXPECTED: Expected = {
  environment: findEnvironment('Global'),
  tenant: TENANT,
  clientId: 'client',
  objectId: 'person',
  nonce: 'nonce',
  now: NOW,
  skew: 0,
};
const ID = {
  aud: 'client',
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  tid: TENANT,
  oid: 'person',
  nonce: 'nonce',
  nbf: seconds,
  exp: seconds + 3600,
};
const ACCESS = { tid: TENANT, oid: 'person', nbf: seconds, exp: seconds + 3600 };

const check = (id: object | undefined, access: object = {}, expected: Partial<Expected> = {}) =>
  checkTokens(jwt({ ...ACCESS, ...access }), id && jwt({ ...ID, ...id }), { ...EXPECTED, ...expected });

describe('tokens that fit', () => {
  it.each([
    ['an id token and an access token', {}, {}, {}],
    ['no id token', undefined, {}, {}],
    [
      'capital letters',
      { tid: TENANT.toUpperCase(), iss: `https://login.microsoftonline.com/${TENANT.toUpperCase()}/v2.0` },
      {},
      {},
    ],
    ['another name of the login', { iss: `https://sts.windows.net/${TENANT}/` }, {}, {}],
    ['a tenant that is known by name only', {}, {}, { tenant: 'contoso.com' }],
    ['a clock that is a little off', {}, { nbf: seconds + 299 }, {}],
    ['no time at all', { nbf: undefined, exp: undefined }, { nbf: undefined, exp: undefined }, {}],
  ] as const)('%s', (_what, id, access, expected) => {
    expect(check(id, access, expected).tenantId).toBe(TENANT);
  });

  it("of an environment of one's own that issues opaque ones", () => {
    const environment = defineEnvironment({
      name: 'own',
      login: 'https://id.example',
      graph: 'https://g.example',
      protocolMode: 'OIDC',
    });
    const expected = { ...EXPECTED, environment, issuer: 'https://id.example/realm' };
    expect(checkTokens('opaque', undefined, expected)).toEqual({ tenantId: undefined, claims: undefined });
    const own = jwt({ ...ID, tid: undefined, iss: 'https://id.example/realm' });
    expect(checkTokens('opaque', own, expected).tenantId).toBeUndefined();
    const foreign = jwt({ ...ID, tid: undefined, iss: 'https://id.example/other' });
    expect(() => checkTokens('opaque', foreign, expected)).toThrow(
      expect.objectContaining({ code: 'untrusted-answer' }),
    );
  });
});

describe('tokens that do not', () => {
  it.each([
    ['an id token of another tenant', { tid: OTHER }, {}, {}, 'wrong-tenant'],
    ['an access token of another tenant', {}, { tid: OTHER }, {}, 'wrong-tenant'],
    ['tokens of two tenants', {}, { tid: OTHER }, { tenant: 'organizations' }, 'wrong-tenant'],
    ['an id token of another person', { oid: 'other' }, {}, {}, 'wrong-account'],
    ['an access token of another person', {}, { oid: 'other' }, {}, 'wrong-account'],
    ['no tenant', { tid: undefined }, { tid: undefined }, {}, 'untrusted-answer'],
    ['another audience', { aud: 'other' }, {}, {}, 'untrusted-answer'],
    ['a list of audiences', { aud: ['client'] }, {}, {}, 'untrusted-answer'],
    ['another nonce', { nonce: 'other' }, {}, {}, 'untrusted-answer'],
    ['no nonce', { nonce: undefined }, {}, {}, 'untrusted-answer'],
    ['no issuer', { iss: undefined }, {}, {}, 'untrusted-answer'],
    ['an issuer elsewhere', { iss: `https://login.evil.example/${TENANT}/v2.0` }, {}, {}, 'untrusted-answer'],
    [
      'an issuer of another cloud',
      { iss: `https://login.microsoftonline.us/${TENANT}/v2.0` },
      {},
      {},
      'untrusted-answer',
    ],
    [
      'an issuer without https',
      { iss: `http://login.microsoftonline.com/${TENANT}/v2.0` },
      {},
      {},
      'untrusted-answer',
    ],
    [
      'an issuer of another tenant',
      { iss: `https://login.microsoftonline.com/${OTHER}/v2.0` },
      {},
      {},
      'untrusted-answer',
    ],
    [
      'an issuer with more',
      { iss: `https://login.microsoftonline.com/${TENANT}/v2.0/x` },
      {},
      {},
      'untrusted-answer',
    ],
    ['an issuer that is no address', { iss: 'login.microsoftonline.com' }, {}, {}, 'untrusted-answer'],
    ['an id token that is over', { exp: seconds }, {}, {}, 'untrusted-answer'],
    ['an access token that is over', undefined, { exp: seconds - 1 }, {}, 'untrusted-answer'],
    ['an access token of the future', undefined, { nbf: seconds + 301 }, {}, 'untrusted-answer'],
    [
      'an access token that is over by a wrong clock',
      undefined,
      { exp: seconds - 1 },
      { skew: -400_000 },
      'clock-skew',
    ],
    [
      'an id token of the future by a wrong clock',
      { nbf: seconds + 900 },
      {},
      { skew: 900_000 },
      'clock-skew',
    ],
  ] as const)('%s: refused', (_what, id, access, expected, code) => {
    expect(() => check(id, access, expected)).toThrow(expect.objectContaining({ code }));
  });

  it('an id token that is none', () => {
    expect(() => checkTokens(jwt(ACCESS), 'nonsense', EXPECTED)).toThrow(
      expect.objectContaining({ code: 'untrusted-answer' }),
    );
  });
});
