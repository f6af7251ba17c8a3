import { expect, it } from '@jest/globals';
import { parseOptions } from './options.mjs';

const KNOWN = ['ls', 'size'];

it('measures everything when nothing is named', () => {
  expect(parseOptions([], KNOWN)).toEqual({ names: KNOWN, json: undefined });
});

it('measures what is named, and writes where it is told', () => {
  expect(parseOptions(['size', '--json', 'x.json'], KNOWN)).toEqual({ names: ['size'], json: 'x.json' });
});

it.each([
  [['speed'], 'There is no figure speed. There are: ls, size.'],
  [['ls', '--fast'], 'There is no figure --fast. There are: ls, size.'],
  [['--json'], '--json needs the name of a file.'],
])('refuses %j', (args, problem) => {
  expect(parseOptions(args, KNOWN)).toEqual({ problem });
});
