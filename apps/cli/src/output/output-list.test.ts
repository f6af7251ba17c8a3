import { expect, it } from '@jest/globals';
import { listText } from './output-list.ts';

it('shows objects property by property, as Format-List does', () => {
  const text = listText([
    { ClientId: 'c', TenantId: null, Scopes: ['a', 'b'], IsEopSession: false, Id: 3 },
    { ClientId: 'd', More: { deep: true } },
  ]);
  expect(text).toBe(
    [
      'ClientId     : c',
      'TenantId     :',
      'Scopes       : {a, b}',
      'IsEopSession : False',
      'Id           : 3',
      '',
      'ClientId : d',
      'More     : {"deep":true}',
      '',
    ].join('\n'),
  );
});

it('shows four elements of a long collection', () => {
  expect(listText([{ Scopes: ['a', 'b', 'c', 'd', 'e'] }])).toBe('Scopes : {a, b, c, d…}\n');
});

it('leaves nothing in that a terminal would obey', () => {
  expect(listText([{ Account: 'jdoe\u001b[2J\nState : Connected' }])).toBe(
    'Account : jdoe State : Connected\n',
  );
});
