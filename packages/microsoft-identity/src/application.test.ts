import { describe, expect, it } from '@jest/globals';
import {
  checkClientId,
  checkScopes,
  checkTenant,
  isAnyTenant,
  isTenantId,
  RESERVED_CLIENT_IDS,
} from './application.ts';

const OWN = '36ee4c6c-0812-40a2-b820-b22ebd02bce3';

describe('the client id', () => {
  it("is a GUID of an application of one's own", () => {
    expect(checkClientId(` ${OWN.toUpperCase()} `)).toBe(OWN);
  });

  it.each([
    [undefined, 'client-id-required'],
    ['', 'client-id-required'],
    ['my-app', 'invalid-settings'],
    [`${OWN}0`, 'invalid-settings'],
  ])('%s is refused', (clientId, code) => {
    expect(() => checkClientId(clientId)).toThrow(
      expect.objectContaining({ code, next: expect.any(String) }),
    );
  });

  it.each(RESERVED_CLIENT_IDS)("%s is Microsoft's own", (clientId) => {
    expect(() => checkClientId(clientId.toUpperCase())).toThrow(
      expect.objectContaining({ code: 'client-id-reserved' }),
    );
  });
});

describe('the tenant', () => {
  it.each([
    [undefined, 'organizations'],
    ['Contoso.OnMicrosoft.com', 'contoso.onmicrosoft.com'],
    ['11111111-2222-3333-4444-555555555555', '11111111-2222-3333-4444-555555555555'],
    ['common', 'common'],
  ])('%s is taken', (tenant, wanted) => {
    expect(checkTenant(tenant)).toBe(wanted);
  });

  it.each([
    '',
    'contoso',
    '../evil',
    'a.b/../c',
    'contoso.com?x',
    '-a.com',
    'a..com',
    'x'.repeat(300) + '.com',
  ])('%s is refused', (tenant) => {
    expect(() => checkTenant(tenant)).toThrow(expect.objectContaining({ code: 'invalid-settings' }));
  });

  it('may be open, or known for sure', () => {
    expect(
      ['organizations', OWN, 'contoso.com'].map((tenant) => [isAnyTenant(tenant), isTenantId(tenant)]),
    ).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });
});

describe('scopes', () => {
  it('are the same wish in any order', () => {
    expect(checkScopes(['b', 'a', 'b'])).toEqual(['a', 'b']);
  });

  it.each([[[]], [['a b']], [['']], [['a\nb']], [['ä']], [['x'.repeat(513)]]])('%j is refused', (scopes) => {
    expect(() => checkScopes(scopes)).toThrow(expect.objectContaining({ code: 'invalid-settings' }));
  });
});
