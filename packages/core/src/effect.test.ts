import { expect, it } from '@jest/globals';
import { EFFECTS, isEffect } from './effect.ts';

it.each(EFFECTS)('knows %s', (effect) => expect(isEffect(effect)).toBe(true));

it.each([undefined, null, '', 'END', 'constructor', 0, ['end'], { toString: () => 'end' }])(
  'does not take %p for an effect',
  (value) => expect(isEffect(value)).toBe(false),
);
