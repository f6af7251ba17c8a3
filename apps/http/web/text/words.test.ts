import { expect, it } from '@jest/globals';
import { done, failed } from '../sessions/session.test.support.ts';
import { jobWords, listed, outcomeWords, plural, residualWords } from './words.ts';

it('counts', () => {
  expect(plural(1, 'session')).toBe('1 session');
  expect(plural(1200, 'session')).toBe('1,200 sessions');
});

it('lists names, and how many more there are', () => {
  expect(listed([])).toBe('');
  expect(listed(['a'])).toBe('a');
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  expect(listed(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
});

it('says what became of a session', () => {
  expect(outcomeWords(done('a'))).toBe('Ended, verified');
  expect(outcomeWords({ ...done('a'), verification: 'pending' })).toBe('Ended, asked for, not confirmed yet');
  expect(outcomeWords(failed('a'))).toBe('Failed: the host does not answer');
  expect(outcomeWords({ status: 'skipped', reason: 'adopted' })).toBe(
    'Skipped: it was adopted, not opened here',
  );
  expect(outcomeWords({ status: 'already-gone' })).toBe('Already gone');
  const aborted = { code: 'aborted', message: 'interrupted' } as const;
  expect(outcomeWords({ status: 'failed', error: aborted })).toBe('Not done: interrupted');
});

it('says what remains', () => {
  expect(residualWords([])).toBe('');
  expect(residualWords([{ what: 'tokens' }, { what: 'cookies', until: 'tomorrow' }])).toBe(
    'tokens; cookies, until tomorrow',
  );
});

it('says how far a job is', () => {
  const counts = { disconnected: 197, alreadyGone: 0, skipped: 0, failed: 3, waiting: 0 };
  expect(jobWords({ total: 200, counts })).toBe('197 disconnected, 3 failed');
});
