import { describe, expect, it } from '@jest/globals';
import { loginName, principalOf } from './hpe-oneview-login.ts';

const details = {
  loginDomains: ['LOCAL', 'CORP', 'corp.example', 'Twin', 'twin'],
  defaultLoginDomain: 'corp.example',
  loginMessage: { text: '', mustBeAcknowledged: false },
};

describe('who logs in', () => {
  it.each([
    ['jdoe', undefined, 'jdoe', 'corp.example'],
    ['jdoe', 'CORP', 'jdoe', 'CORP'],
    ['jdoe', 'corp', 'jdoe', 'CORP'],
    ['jdoe', 'local', 'jdoe', 'LOCAL'],
    ['jdoe', 'elsewhere', 'jdoe', 'elsewhere'],
    ['CORP\\jdoe', undefined, 'jdoe', 'CORP'],
    ['corp\\jdoe', undefined, 'jdoe', 'CORP'],
    ['local\\Administrator', undefined, 'Administrator', 'LOCAL'],
    ['OTHER\\jdoe', undefined, 'OTHER\\jdoe', 'corp.example'],
    ['CORP\\', undefined, 'CORP\\', 'corp.example'],
    ['jdoe@Corp.Example', undefined, 'jdoe', 'corp.example'],
    ['j@doe@corp.example', undefined, 'j@doe', 'corp.example'],
    ['jdoe@elsewhere.example', undefined, 'jdoe@elsewhere.example', 'corp.example'],
    ['CORP\\jdoe', 'LOCAL', 'CORP\\jdoe', 'LOCAL'],
    ['jdoe', 'Twin', 'jdoe', 'Twin'],
    ['jdoe', 'TWIN', 'jdoe', 'TWIN'],
  ])('%s with directory %s is %s of %s', (userName, wanted, expectedName, expectedDomain) => {
    expect(loginName(userName, wanted, details)).toEqual({
      userName: expectedName,
      authLoginDomain: expectedDomain,
    });
  });

  it('leaves the directory to an appliance that names no default', () => {
    const { authLoginDomain } = loginName('jdoe', undefined, { ...details, defaultLoginDomain: undefined });
    expect(authLoginDomain).toBeUndefined();
  });

  it('is shown with the directory, but for local users', () => {
    expect(principalOf({ userName: 'jdoe', authLoginDomain: 'CORP' })).toBe('CORP\\jdoe');
    expect(principalOf({ userName: 'jdoe', authLoginDomain: 'LOCAL' })).toBe('jdoe');
    expect(principalOf({ userName: 'jdoe' })).toBe('jdoe');
  });
});
