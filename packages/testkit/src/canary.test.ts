import { describe, expect, it } from '@jest/globals';
import { Secret } from '@slipline/core';
import { findCanaries } from './canary.ts';

const CANARY = 'pass"word/ä-7f3a';

/** How many of these show the canary. */
const seen = (...shown: readonly unknown[]) => findCanaries(shown, ['other-canary', CANARY]).length;

describe('findCanaries', () => {
  it.each<[string, unknown]>([
    ['a message', new Error(`cannot sign in with ${CANARY}`)],
    ['a cause', new Error('cannot sign in', { cause: new Error('no', { cause: { headers: [CANARY] } }) })],
    ['an error among several', new AggregateError([new Error(CANARY)])],
    ['a hidden property', Object.defineProperty({}, 'token', { value: CANARY, enumerable: false })],
    ['a key', new Map([[CANARY, 1]])],
    ['what becomes JSON', { toJSON: () => ({ token: CANARY }) }],
    ['a URL', new URL(`https://a.test/?token=${encodeURIComponent(CANARY)}`)],
    ['JSON in a text', new Error(JSON.stringify({ password: CANARY }))],
    ['JSON in JSON', { body: JSON.stringify({ password: CANARY }) }],
    ['base64', Buffer.from(`jdoe:${CANARY}`).toString('base64')],
    ['base64url, in a header', { authorization: `Basic ${Buffer.from(CANARY).toString('base64url')}` }],
    ['hexadecimal digits', Buffer.from(CANARY).toString('hex')],
  ])('finds a secret in %s', (_where, value) => {
    expect(seen(value)).toBe(1);
  });

  it('finds none in a Secret, nor where there is none', () => {
    expect(seen(new Secret(CANARY), { password: new Secret(CANARY) }, new Error('no'), undefined, 7n)).toBe(
      0,
    );
  });
});
