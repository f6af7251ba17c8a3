import { expect, it } from '@jest/globals';
import { takeToken, tokenOf } from './fragment.ts';

it.each([
  ['#sign-in=abc_-123', 'abc_-123'],
  ['#sign-in=', undefined],
  ['#content', undefined],
  ['', undefined],
])('finds in %j %s', (fragment, token) => {
  expect(tokenOf(fragment)).toBe(token);
});

it('takes the token out of the address at once', () => {
  const replaced: unknown[] = [];
  const place = { hash: '#sign-in=abc', pathname: '/', search: '?view=history' } as Location;
  const past = { replaceState: (...given: unknown[]) => void replaced.push(given) } as unknown as History;
  expect(takeToken(place, past)).toBe('abc');
  expect(replaced).toEqual([[null, '', '/?view=history']]);
  takeToken({ ...place, hash: '' }, past);
  expect(replaced).toHaveLength(1);
});
