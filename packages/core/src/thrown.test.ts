import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { describeThrown } from './thrown.ts';

it('reads an error, of this realm or another', () => {
  const cause = new Error('why');
  const error = Object.assign(new TypeError('no', { cause }), { code: 'ERR_NO' });
  expect(describeThrown(error)).toEqual({ name: 'TypeError', message: 'no', code: 'ERR_NO', cause });
  const other: unknown = runInNewContext("Object.assign(new RangeError('far'), { code: 'EFAR' })");
  expect(other).not.toBeInstanceOf(Error);
  expect(describeThrown(other)).toMatchObject({ name: 'RangeError', message: 'far', code: 'EFAR' });
});

it.each<[unknown, string]>([
  ['text', 'text'],
  [7n, '7'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Symbol('s'), 'Symbol(s)'],
  [{}, 'something that is not an error was thrown'],
  [Object.create(null), 'something that is not an error was thrown'],
  [{ message: 7, code: 5, name: {} }, 'something that is not an error was thrown'],
])('finds words for %p', (value, message) => {
  expect(describeThrown(value)).toMatchObject({ name: '', message, code: '' });
});
