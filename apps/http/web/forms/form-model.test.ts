import { describe, expect, it } from '@jest/globals';
import type { ParameterTable } from '../api/types.ts';
import { arrangeFields, faultOf, labelOf, readInputs } from './form-model.ts';

const TABLE: ParameterTable = {
  port: { type: 'integer', summary: '', minimum: 1, maximum: 65_535 },
  computerName: {
    type: 'string',
    summary: '',
    endpoint: true,
    position: 0,
    pattern: String.raw`[^\s/]+`,
    required: true,
    excludes: ['uri'],
  },
  uri: { type: 'string', summary: '' },
  useSsl: { type: 'boolean', summary: '' },
  authentication: { type: 'string', summary: '', choices: ['basic', 'kerberos'], requires: ['userName'] },
  userName: { type: 'string', summary: '', credential: 'userName' },
  password: { type: 'secret', summary: '', credential: 'password' },
  ids: { type: 'integer', summary: '', many: true },
  lines: { type: 'string', summary: '', many: true, format: 'line' },
};

describe('what a form holds', () => {
  it('becomes values of the right types', () => {
    const { values, faults } = readInputs(TABLE, {
      computerName: ' server01 ',
      port: '5986',
      useSsl: 'on',
      password: ' with spaces ',
      ids: '1, 2\n3',
      lines: 'a,b\nc',
    });
    expect(faults).toEqual({});
    expect(values).toEqual({
      computerName: 'server01',
      port: 5986,
      useSsl: true,
      password: ' with spaces ',
      ids: [1, 2, 3],
      lines: ['a,b', 'c'],
    });
  });

  it('leaves out what is empty', () => {
    expect(readInputs(TABLE, { computerName: 'a', port: '', userName: '  ' }).values).toEqual({
      computerName: 'a',
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['what is needed and missing', {}, 'computerName'],
    ['a number that is none', { computerName: 'a', port: '1e3' }, 'port'],
    ['a number out of bounds', { computerName: 'a', port: '65536' }, 'port'],
    ['a text of another form', { computerName: 'a/b' }, 'computerName'],
    ['a choice that is none', { computerName: 'a', userName: 'x', authentication: 'ntlm' }, 'authentication'],
    ['what excludes another', { computerName: 'a', uri: 'b' }, 'computerName'],
    ['what needs another', { computerName: 'a', authentication: 'basic' }, 'userName'],
    ['one bad value of many', { computerName: 'a', ids: '1, x' }, 'ids'],
  ])('is refused at the field: %s', (_what, inputs, field) => {
    expect(Object.keys(readInputs(TABLE, inputs).faults)).toEqual([field]);
  });
});

describe('a problem of the service', () => {
  it('is shown at the field it names', () => {
    expect(faultOf(TABLE, 'port is at most 65535')).toEqual({ port: 'port is at most 65535' });
  });

  it('is shown with the form where it names none', () => {
    expect(faultOf(TABLE, 'server01 does not answer')).toBeUndefined();
    expect(faultOf(TABLE, 'constructor is not one')).toBeUndefined();
  });
});

it('has the system and the credential before the rest', () => {
  const { main, more } = arrangeFields(TABLE);
  expect(main).toEqual(['computerName', 'userName', 'password']);
  expect(more).toContain('port');
  expect([...main, ...more].sort()).toEqual(Object.keys(TABLE).sort());
});

it.each([
  ['authLoginDomain', 'Auth login domain'],
  ['useSsl', 'Use SSL'],
  ['connectionUri', 'Connection URI'],
  ['azureADAuthorizationEndpointUri', 'Azure AD authorization endpoint URI'],
])('calls %s %s', (name, label) => {
  expect(labelOf(name)).toBe(label);
});
