import { expect, it } from '@jest/globals';
import { recordOf } from './record.ts';
import type { Session } from './session.ts';

const session: Session = {
  provider: 'pier',
  endpoint: 'one',
  id: '1',
  kind: 'boat',
  label: 'boat at one',
  principal: 'jdoe',
  state: 'live',
  ownership: 'opened',
  effects: ['end'],
  fingerprint: 'f',
  details: { tenantId: 't' },
};

it('has the names and the order of the plugin, and null for what is missing', () => {
  const record = [
    { name: 'TenantId', from: 'details.tenantId' },
    { name: 'Account', from: 'principal' },
    { name: 'OpenedAt', from: 'openedAt' },
    { name: 'AppName', from: 'details.appName' },
  ];
  expect(Object.entries(recordOf(record, session))).toEqual([
    ['TenantId', 't'],
    ['Account', 'jdoe'],
    ['OpenedAt', null],
    ['AppName', null],
  ]);
});
