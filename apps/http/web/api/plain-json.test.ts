import { expect, it } from '@jest/globals';
import { parsePlain } from './plain-json.ts';

it('takes from every text what could mislead', () => {
  const hostile = { label: 'j\u202edoe\u001b[31m red\u0000', details: { list: ['a\u200bb\nc'] }, number: 3 };
  expect(parsePlain(JSON.stringify(hostile))).toEqual({
    label: 'jdoe red',
    details: { list: ['ab c'] },
    number: 3,
  });
});

it('leaves names and keys as they are', () => {
  const key = 'a-_Z'.repeat(600);
  expect(parsePlain(JSON.stringify({ key, name: 'Zoë O’Neil 東京' }))).toEqual({
    key,
    name: 'Zoë O’Neil 東京',
  });
});

it('bounds texts', () => {
  const { text } = parsePlain(JSON.stringify({ text: 'x'.repeat(100_000) })) as { text: string };
  expect(text.length).toBeLessThan(20_000);
});
