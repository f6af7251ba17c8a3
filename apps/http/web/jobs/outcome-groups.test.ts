import { expect, it } from '@jest/globals';
import { done, failed } from '../sessions/session.test.support.ts';
import { grouped, remaining } from './outcome-groups.ts';

it('tells together what has one reason', () => {
  const other = { ...failed('c'), error: { code: 'timeout', message: 'too slow' } as const };
  expect(grouped([failed('a'), failed('b'), other])).toEqual([
    {
      words: 'Failed: the host does not answer',
      next: 'see whether it is up',
      labels: ['session a', 'session b'],
    },
    { words: 'Failed: too slow', next: '', labels: ['session c'] },
  ]);
});

it('tells what remains of whom', () => {
  const remains = { ...done('a'), residual: [{ what: 'tokens' }] };
  expect(remaining([remains, remains, done('b')])).toEqual(['session a: tokens']);
});
