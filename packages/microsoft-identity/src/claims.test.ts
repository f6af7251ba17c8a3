import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeClaims, LONGEST_TOKEN, textClaim, timeClaim } from './claims.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown, header: unknown = { alg: 'none' }) => `${part(header)}.${part(claims)}.x`;

describe('decodeClaims', () => {
  it('reads what any JWT says, signed or not', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (claims) => {
        expect(decodeClaims(jwt(claims))).toEqual(JSON.parse(JSON.stringify(claims)));
        expect(decodeClaims(`${part({ alg: 'none' })}.${part(claims)}.`)).toEqual(
          JSON.parse(JSON.stringify(claims)),
        );
      }),
    );
  });

  it('makes nothing of anything else, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })), (text) => {
        expect(decodeClaims(text)).toBeUndefined();
        expect(decodeClaims(`${text}.${text}`)).toBeUndefined();
        expect(decodeClaims(`.${text}.`)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['a list', jwt([1])],
    ['a text', jwt('x')],
    ['null', jwt(null)],
    ['a header that is no object', jwt({}, 1)],
    ['too many parts', `${jwt({})}.x`],
    ['padding', jwt({ a: 1 }).replace(/\.x$/, '=.x')],
    ['depth', jwt(JSON.parse('['.repeat(20) + ']'.repeat(20)))],
    [
      'depth that would overflow a stack',
      `${part({})}.${Buffer.from('{"a":'.repeat(8000)).toString('base64url')}.x`,
    ],
    ['length', jwt({ a: 'x'.repeat(LONGEST_TOKEN) })],
    ['an opaque token', 'EwB4A8l6BAAU'],
    ['nothing', ''],
  ])('refuses %s', (_what, token) => {
    expect(decodeClaims(token)).toBeUndefined();
  });

  it('gives nobody a prototype', () => {
    const claims = decodeClaims(
      `${part({})}.${Buffer.from('{"__proto__":{"tid":"evil"}}').toString('base64url')}.x`,
    );
    expect(textClaim(claims, 'tid')).toBeUndefined();
    expect(({} as Record<string, unknown>)['tid']).toBeUndefined();
  });
});

it('takes claims of the right kind only', () => {
  const claims = { a: 'x', b: '', c: 1, d: 'x'.repeat(1025), e: null };
  expect(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => textClaim(claims, name))).toEqual([
    'x',
    ...Array<undefined>(5).fill(undefined),
  ]);
  expect(timeClaim({ exp: 1.5 }, 'exp')).toBe(1500);
  expect([timeClaim({ exp: '1' }, 'exp'), timeClaim({}, 'exp'), timeClaim(undefined, 'exp')]).toEqual(
    Array<undefined>(3).fill(undefined),
  );
});
