import { expect, it } from '@jest/globals';
import { duration, elapsed, instant, moment } from './times.ts';

it.each([
  [0, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3599, '59 min'],
  [3600, '1 h'],
  [3661, '1 h 1 min'],
  [90_061, '1 d 1 h'],
  [86_400 * 400, '400 d'],
  [-5, '0 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it('tells how long ago, and nothing of what is no time', () => {
  expect(elapsed('2026-01-01T00:00:00Z', Date.parse('2026-01-01T02:30:00Z'))).toBe('2 h 30 min');
  expect(elapsed('soon', 0)).toBe('');
  expect(elapsed(undefined, 0)).toBe('');
  expect(moment('soon')).toBe('soon');
});

it('takes local times of a form as moments', () => {
  expect(instant('2026-01-31T12:00')).toBe(new Date(2026, 0, 31, 12).toISOString());
  expect(instant('')).toBeUndefined();
});
