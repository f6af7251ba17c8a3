import { describe, expect, it } from '@jest/globals';
import { parseParameters, recordOf, Secret, type Session } from '@slipline/core';
import { CONNECT, entra, FIND, RECORD } from './plugin.ts';
import { names } from './session-selector.ts';

describe('the plugin', () => {
  it('is a frozen value, and making it loads and sends nothing', () => {
    const plugin = entra();
    expect(Object.isFrozen(plugin)).toBe(true);
    expect(plugin).toMatchObject({ contract: 1, id: 'entra', impact: 'medium', unnamed: 'default' });
  });

  it('has the cmdlets, which ask nothing; the one that disconnects prints what it ended', () => {
    const cmdlets = entra().cmdlets ?? [];
    expect(cmdlets.map(({ name, verb, confirmImpact }) => [name, verb, confirmImpact])).toEqual([
      ['Connect-Entra', 'connect', 'none'],
      ['Get-EntraContext', 'list', 'none'],
      ['Disconnect-Entra', 'disconnect', 'none'],
    ]);
    expect(cmdlets[2]).toMatchObject({ effect: 'forget', prints: 'record' });
  });

  it('names in its sets only parameters that there are', () => {
    const [connect] = entra().cmdlets ?? [];
    const sets = Object.values(connect?.sets ?? {}).flat();
    const mandatory = Object.values(connect?.mandatory ?? {}).flat();
    expect([...sets, ...mandatory].filter((name) => !Object.hasOwn(CONNECT, name))).toEqual([]);
    expect(Object.keys(connect?.sets ?? {})).toEqual([
      'User',
      'AppCertificate',
      'Identity',
      'AppSecretCredential',
      'AccessToken',
      'EnvironmentVariable',
    ]);
  });

  it("takes the aliases of the cmdlet's parameters", () => {
    expect([CONNECT.clientId.aliases, CONNECT.tenantId.aliases, CONNECT.environment.aliases]).toEqual([
      ['AppId', 'ApplicationId'],
      ['Tenant', 'Audience'],
      ['EnvironmentName', 'NationalCloud'],
    ]);
  });

  it('insists on no parameter, neither to connect nor to disconnect', () => {
    expect(parseParameters(CONNECT, {})).toEqual({});
    expect(parseParameters(FIND, {})).toEqual({});
  });

  it('takes a secret only as one', () => {
    for (const name of ['clientSecret', 'certificatePassword', 'accessToken'] as const) {
      expect(CONNECT[name].type).toBe('secret');
      expect(() => parseParameters(CONNECT, { certificateFile: 'x', [name]: 'plain' })).toThrow(
        /Secret|exclude/,
      );
    }
    expect(parseParameters(CONNECT, { clientSecret: new Secret('x') })).toHaveProperty('clientSecret');
  });

  it('has neither user name nor password to sign in with', () => {
    expect(Object.keys(CONNECT).filter((name) => /password|user/i.test(name))).toEqual([
      'certificatePassword',
    ]);
  });

  it('prints nothing for what is not there', () => {
    const record = recordOf(RECORD, { details: {} } as unknown as Session);
    expect(Object.keys(record)).toHaveLength(15);
    expect(new Set(Object.values(record))).toEqual(new Set([null]));
  });
});

describe('what names a session', () => {
  const session = { id: '7', details: { name: 'Work', account: 'Ada@contoso.com' } };
  it.each(['7', 'work', 'WORK', 'ada@contoso.com', ' work '])('%j does', (text) => {
    expect(names(text, session)).toBe(true);
  });
  it.each(['07', '1', 'wor', 'work*', 'ada', 'contoso.com', ''])('%j does not', (text) => {
    expect(names(text, session)).toBe(false);
  });
  it('a number does, where there is neither name nor account', () => {
    expect(names('1', { id: '1', details: { name: null, account: null } })).toBe(true);
  });
});
