import { expect, it } from '@jest/globals';
import { nextRow } from './row-keys.ts';

it.each([
  ['ArrowDown', 3, 100, 4],
  ['ArrowUp', 0, 100, 0],
  ['PageDown', 95, 100, 99],
  ['PageUp', 95, 100, 85],
  ['Home', 50, 100, 0],
  ['End', 50, 100, 99],
  ['ArrowDown', 0, 0, undefined],
  ['Enter', 3, 100, undefined],
  ['toString', 3, 100, undefined],
])('%s in row %i of %i goes to %s', (key, index, total, expected) => {
  expect(nextRow(key, index, total)).toBe(expected);
});
