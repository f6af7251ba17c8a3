import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseObject } from './json.ts';

const LIMITS = { length: 10_000, depth: 6 };

describe('parseObject', () => {
  it('reads every object within its bounds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
        const text = JSON.stringify(value);
        fc.pre(text.length <= LIMITS.length);
        expect(parseObject(text, LIMITS)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(() => parseObject(text, LIMITS)).not.toThrow()));
  });

  it.each([
    ['{"a":{"b":{"c":{"d":{"e":{}}}}}}', true],
    ['{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}', true],
    ['{"a":{"b":{"c":{"d":{"e":{"f":{}}}}}}}', false],
    ['{"a":[[[[[[]]]]]]}', false],
    ['{"a":"[[[[[[[[\\"{{{{{{{"}', true],
    [`{"a":"${'x'.repeat(10_000)}"}`, false],
    ['[]', false],
    ['null', false],
    ['"x"', false],
    ['', false],
    ['{', false],
  ])('%s', (text, isGood) => {
    expect(parseObject(text, LIMITS) !== undefined).toBe(isGood);
  });

  it('refuses what would overflow a stack without looking into it', () => {
    expect(
      parseObject('{"a":'.repeat(1e5) + '1' + '}'.repeat(1e5), { length: 1e7, depth: 32 }),
    ).toBeUndefined();
  });
});
