import { expect, it } from '@jest/globals';
import type { Effect, Plan } from '../api/types.ts';
import { session } from '../sessions/session.test.support.ts';
import { effectsOf, isConfirmed, mayRemain, systemsOf } from './plan-facts.ts';

const plan = (danger: Plan['danger'], ...steps: [string, Effect][]): Plan => ({
  id: 'plan',
  steps: steps.map(([endpoint, effect], index) => ({
    session: session(String(index), { endpoint }),
    key: String(index),
    effect,
  })),
  problems: [],
  people: [],
  danger,
  expiresAt: '2026-01-01T00:00:00Z',
});
const asked = { level: 'ask', why: '' } as const;

it('counts effects and systems', () => {
  const three = plan(asked, ['A', 'end'], ['a', 'end'], ['B', 'forget']);
  expect(effectsOf(three)).toEqual([
    { effect: 'end', sessions: 2 },
    { effect: 'forget', sessions: 1 },
  ]);
  expect(systemsOf(three)).toHaveLength(2);
});

it('says what may remain', () => {
  expect(mayRemain([])).toEqual([]);
  expect(mayRemain([{ effect: 'revoke', sessions: 1 }])).toEqual([expect.stringMatching(/tokens/)]);
  expect(
    mayRemain([
      { effect: 'end', sessions: 1 },
      { effect: 'forget', sessions: 1 },
    ]),
  ).toHaveLength(2);
});

it('wants the name typed where it is severe, and nothing else', () => {
  const severe = plan({ level: 'severe', why: '', name: 'entra' }, ['A', 'revoke']);
  expect(isConfirmed(severe, '')).toBe(false);
  expect(isConfirmed(severe, 'Entra')).toBe(false);
  expect(isConfirmed(severe, ' entra ')).toBe(true);
  expect(isConfirmed(plan(asked, ['A', 'end']), '')).toBe(true);
});

it('is never confirmed by an empty text where the name is missing', () => {
  expect(isConfirmed(plan({ level: 'severe', why: '' }, ['A', 'revoke']), '')).toBe(false);
});
