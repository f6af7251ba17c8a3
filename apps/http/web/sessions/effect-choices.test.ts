import { expect, it } from '@jest/globals';
import { effectChoices } from './effect-choices.ts';
import { session } from './session.test.support.ts';

const desktop = session('desktop', { effects: ['detach', 'end'] });
const shell = session('shell', { effects: ['end', 'detach'] });
const connection = session('connection', { effects: ['forget'] });
const locked = session('locked', { effects: [] });

it('offers nothing where no session offers anything', () => {
  expect(effectChoices([locked])).toEqual([]);
  expect(effectChoices([])).toEqual([]);
});

it('has what the sessions offer first at the top', () => {
  expect(effectChoices([desktop, desktop])).toEqual([
    { effect: 'detach', takers: 2 },
    { effect: 'end', takers: 2 },
  ]);
});

it('says how many can take it', () => {
  expect(effectChoices([shell, locked])).toEqual([
    { effect: 'end', takers: 1 },
    { effect: 'detach', takers: 1 },
  ]);
});

it('offers each its own where they differ', () => {
  const choices = effectChoices([desktop, shell, connection, locked]);
  expect(choices[0]).toEqual({ takers: 3 });
  expect(choices.find(({ effect }) => effect === 'forget')?.takers).toBe(1);
});
