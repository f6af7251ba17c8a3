import { describe, expect, it } from '@jest/globals';
import { parseSpec } from './spec.ts';

describe('what --with names', () => {
  it.each([
    ['hpe-oneview:1', { prefix: '', words: ['hpe-oneview:1'], isBorrowed: true }],
    ['A=hpe-oneview:ov1.example', { prefix: 'A_', words: ['hpe-oneview:ov1.example'], isBorrowed: true }],
    ['hpe-oneview ov1', { prefix: '', words: ['hpe-oneview', 'ov1'], isBorrowed: false }],
    ['  entra  ', { words: ['entra'], isBorrowed: false }],
    ['x "a b" \'c "d\' e\\ f g"\\"h"', { words: ['x', 'a b', 'c "d', 'e f', 'g"h'] }],
    ["x '' a,b", { words: ['x', '', 'a,b'] }],
    ['x [fe80::1]:443', { words: ['x', '[fe80::1]:443'], isBorrowed: false }],
    ['B_2=x h --password-env PW', { prefix: 'B_2_', words: ['x', 'h', '--password-env', 'PW'] }],
  ])('%s', (text, spec) => {
    expect(parseSpec(text)).toMatchObject(spec);
  });

  it.each([
    ['', /is empty/],
    ['A=', /is empty/],
    ['x "a', /a quote is not closed/],
    ["x 'a", /a quote is not closed/],
    ['x a\\', /a quote is not closed/],
    ['hpe-oneview:1 --reason x', /is open already/],
    ['x h --password-stdin', /stdin is the command's/],
  ])('%s is refused', (text, message) => {
    expect(() => parseSpec(text)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(message) }),
    );
  });
});
