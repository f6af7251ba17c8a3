import { describe, expect, it } from '@jest/globals';
import { parsePin } from './pin.ts';

const DIGITS = 'ab'.repeat(32);

describe('a pin', () => {
  it.each([
    ['digits', DIGITS],
    ['upper case with colons, as openssl prints it', DIGITS.toUpperCase().match(/../g)!.join(':')],
    ['a prefix', `SHA256:${DIGITS}`],
    ['a prefix with a hyphen', `sha-256/${DIGITS}`],
  ])('is read from %s', (_form, text) => {
    expect(parsePin(text)).toBe(DIGITS);
  });

  it.each(['', 'sha1:abcd', DIGITS.slice(2), `${DIGITS}00`, 'g'.repeat(64)])(
    'is not read from "%s"',
    (text) => {
      expect(() => parsePin(text)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
    },
  );
});
