import { describe, expect, it } from '@jest/globals';
import { names } from './connection-selector.ts';

const FIRST = { id: '1', endpoint: 'ov1.example' };

describe('what names a connection', () => {
  it.each(['1', ' 1 ', '+1', '01', 'ov1.example', 'OV1.Example', 'name:ov1.example'])(
    '"%s" names it',
    (text) => {
      expect(names(text, FIRST)).toBe(true);
    },
  );

  it.each([
    '',
    '2',
    '-1',
    '1.0',
    '0x1',
    'ov1',
    'ov1.*',
    'ov1.example.',
    'ov1.example:443',
    'name:1',
    'Name:ov1.example',
  ])('"%s" does not', (text) => {
    expect(names(text, FIRST)).toBe(false);
  });

  it('keeps a host with a port apart from the host', () => {
    const ported = { id: '2', endpoint: 'ov1.example:443' };
    expect(names('ov1.example', ported)).toBe(false);
    expect(names('ov1.example:443', ported)).toBe(true);
  });

  it('takes digits for a number, and for a name only after "name:"', () => {
    const ten = { id: '2', endpoint: '10' };
    expect(names('10', ten)).toBe(false);
    expect(names('10', { id: '10', endpoint: 'ov1.example' })).toBe(true);
    expect(names('name:10', ten)).toBe(true);
  });

  it('takes what is beyond 32 bits for a name', () => {
    expect(names('2147483648', { id: '1', endpoint: '2147483648' })).toBe(true);
    expect(names('2147483647', { id: '1', endpoint: '2147483647' })).toBe(false);
  });

  it('finds a host that is called "name"', () => {
    expect(names('name:8443', { id: '3', endpoint: 'name:8443' })).toBe(true);
  });
});
