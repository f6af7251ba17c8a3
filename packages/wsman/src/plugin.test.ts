import { describe, expect, it } from '@jest/globals';
import { parseParameters, Secret, type AnyPlugin } from '@slipline/core';
import { CONNECT, FIND, wsman } from './plugin.ts';

describe('the plugin', () => {
  const plugin: AnyPlugin = wsman();

  it('is a frozen value, and nothing happens when it is made', () => {
    expect(Object.isFrozen(plugin)).toBe(true);
    expect(plugin).toMatchObject({ contract: 1, id: 'wsman', impact: 'medium' });
    expect(plugin.unnamed).toBeUndefined();
  });

  it('takes one computer or many at position 0, by the alias of the cmdlets', () => {
    expect(FIND.computerName).toMatchObject({ position: 0, many: true, aliases: ['cn'] });
    expect(CONNECT.computerName).toMatchObject({ position: 0, aliases: ['cn'] });
    expect(FIND.computerName).not.toHaveProperty('required');
  });

  it('has the cmdlets, which ask nothing', () => {
    expect(
      plugin.cmdlets?.map(({ name, verb, effect, confirmImpact }) => [name, verb, effect, confirmImpact]),
    ).toEqual([
      ['Connect-WSMan', 'connect', undefined, 'none'],
      ['Disconnect-WSMan', 'disconnect', 'forget', 'none'],
    ]);
  });

  it('names in its sets only parameters that there are', () => {
    for (const { verb, sets = {} } of plugin.cmdlets ?? []) {
      const table = verb === 'connect' ? CONNECT : FIND;
      for (const name of Object.values(sets).flat()) expect(Object.keys(table)).toContain(name);
    }
  });

  it.each([
    'server01',
    'server01.corp.example',
    'SERVER-01',
    '192.0.2.7',
    '2001:db8::7',
    '[::1]',
    '.',
    'localhost',
    '',
  ])('takes %j for a computer', (computerName) => {
    expect(parseParameters(CONNECT, { computerName })).toEqual({ computerName });
    expect(parseParameters(FIND, { computerName })).toEqual({ computerName: [computerName] });
  });

  it.each(['server01:5985', 'server01:5985/wsman', '[::1]:5986', '3'])(
    'takes %j for a connection',
    (computerName) => {
      expect(parseParameters(FIND, { computerName })).toEqual({ computerName: [computerName] });
    },
  );

  it.each(['server*', 'server01\nserver02', 'http://server01', 'a@b', '\u202e'])(
    'does not take %j for a computer',
    (computerName) => {
      expect(() => parseParameters(CONNECT, { computerName })).toThrow('right form');
    },
  );

  it('takes a secret only as one', () => {
    expect(() => parseParameters(CONNECT, { password: 'x' })).toThrow('Secret');
    expect(parseParameters(CONNECT, { clientCertificate: new Secret('x') })).toMatchObject({});
  });

  it('refuses options that make no sense', () => {
    expect(() => wsman({ liveTimeout: 0 })).toThrow('at least 1');
    expect(() => wsman({ colour: 1 } as never)).toThrow('unknown parameter');
  });
});
