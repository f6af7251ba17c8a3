import { describe, expect, it } from '@jest/globals';
import { parseParameters, Secret } from '@slipline/core';
import byDefault, { hpeOneView } from './index.ts';
import { CONNECT, FIND } from './plugin.ts';

const cmdlet = (name: string) => hpeOneView().cmdlets?.find((one) => one.name === name);

describe('the plugin', () => {
  it('is a frozen value with the id of its package, by name and by default', () => {
    const plugin = hpeOneView();
    expect(Object.isFrozen(plugin)).toBe(true);
    expect(plugin).toMatchObject({ contract: 1, id: 'hpe-oneview', impact: 'medium', unnamed: 'default' });
    expect(byDefault).toBe(hpeOneView);
  });

  it('refuses options that make no sense', () => {
    expect(() => hpeOneView({ liveTimeout: 0 })).toThrow('liveTimeout is at least 1');
    expect(() => hpeOneView({ nonsense: 1 } as object)).toThrow('unknown parameter "nonsense"');
  });

  it('has the cmdlets of both spellings, which ask nothing', () => {
    expect(cmdlet('Disconnect-HPOVMgmt')).toMatchObject({
      verb: 'disconnect',
      aliases: ['Disconnect-OVMgmt'],
      sets: { Default: ['appliance'] },
      confirmImpact: 'none',
    });
    expect(cmdlet('Connect-HPOVMgmt')).toMatchObject({
      verb: 'connect',
      aliases: ['Connect-OVMgmt'],
      confirmImpact: 'none',
    });
  });

  it('names in its sets only parameters that there are', () => {
    for (const { verb, sets = {} } of hpeOneView().cmdlets ?? []) {
      const table = verb === 'connect' ? CONNECT : FIND;
      expect(Object.keys(table)).toEqual(expect.arrayContaining(Object.values(sets).flat()));
    }
  });

  it('takes the aliases of the cmdlets', () => {
    const spelled = ({ aliases = [] }: { readonly aliases?: readonly string[] }, name: string): string[] =>
      [name, ...aliases].map((one) => one.toLowerCase());
    expect(spelled(FIND.appliance, 'appliance')).toEqual(
      expect.arrayContaining(['applianceconnection', 'appliance', 'appliancesession', 'hostname']),
    );
    expect(spelled(CONNECT.appliance, 'appliance')).toEqual(
      expect.arrayContaining(['hostname', 'appliance', 'computername']),
    );
    expect(spelled(CONNECT.authLoginDomain, 'authLoginDomain')).toContain('authprovider');
    expect(spelled(CONNECT.userName, 'userName')).toEqual(['username', 'u', 'user']);
    expect(spelled(CONNECT.password, 'password')).toEqual(['password', 'p']);
  });

  it('takes connections at position 0, several of them, and needs none', () => {
    expect(FIND.appliance).toMatchObject({ position: 0, many: true, names: true });
    expect(parseParameters(FIND, {})).toEqual({});
    expect(parseParameters(FIND, { appliance: '1' })).toEqual({ appliance: ['1'] });
  });
});

describe('the parameters of connect', () => {
  const connect = (values: Readonly<Record<string, unknown>>) => () =>
    parseParameters(CONNECT, { appliance: 'ov1.example', ...values });

  it.each([
    'ov1',
    'ov1.example',
    'OV1.Example:8443',
    '192.0.2.7',
    '192.0.2.7:443',
    '[2001:db8::7]',
    '[::1]:443',
    'bücher.example',
  ])('take %s for an appliance', (appliance) => {
    expect(connect({ appliance })()).toEqual({ appliance });
  });

  it.each([
    'https://ov1.example',
    'ov1/rest',
    'user@ov1',
    'ov1 ',
    'ov1:port',
    '::1',
    'ov1?x',
    '[ov1',
    'ov%31',
    'a'.repeat(254),
  ])('refuse %s', (appliance) => {
    expect(connect({ appliance })).toThrow('does not have the right form');
  });

  it('need an appliance', () => {
    expect(() => parseParameters(CONNECT, {})).toThrow('appliance is required');
  });

  it('take a secret only as one', () => {
    expect(connect({ password: 'fake-password' })).toThrow('must come as a Secret');
    expect(connect({ sessionId: 'token' })).toThrow('must come as a Secret');
  });

  it.each(['userName', 'authLoginDomain'])('adopt a session without %s', (name) => {
    expect(connect({ sessionId: new Secret('token'), [name]: 'x' })).toThrow('exclude each other');
  });

  it.each([0, 1441, 2.5, 'soon'])('refuse an idle time-out of %s minutes', (idleTimeout) => {
    expect(connect({ idleTimeout })).toThrow('idleTimeout');
  });
});
