import { describe, expect, it } from '@jest/globals';
import { parseParameters } from '@slipline/core';
import byDefault, { smbSessions } from './index.ts';
import { CONNECT, FIND } from './plugin.ts';

const cmdlet = (name: string) => smbSessions().cmdlets?.find((one) => one.name === name);

describe('the plugin', () => {
  it('is a frozen value with the id of its package, by name and by default', () => {
    expect(Object.isFrozen(smbSessions())).toBe(true);
    expect(smbSessions()).toMatchObject({ contract: 1, id: 'smb-sessions', impact: 'medium' });
    expect(byDefault).toBe(smbSessions);
  });

  it('refuses options that make no sense', () => {
    expect(() => smbSessions({ encryption: 'maybe' } as object)).toThrow('is one of: preferred');
    expect(() => smbSessions({ nonsense: 1 } as object)).toThrow('unknown parameter "nonsense"');
  });
});

describe('the cmdlets', () => {
  it('end sessions with a question, and take them as objects', () => {
    expect(cmdlet('Close-SmbSession')).toMatchObject({
      verb: 'disconnect',
      effect: 'end',
      input: { name: 'InputObject' },
      confirmImpact: 'high',
    });
    expect(FIND.user.aliases).toContain('ClientUserName');
    expect(FIND.client.aliases).toContain('ClientComputerName');
  });

  it('print of each session what Get-SmbSession prints', () => {
    expect(cmdlet('Get-SmbSession')).toMatchObject({ verb: 'list' });
    expect(smbSessions().record?.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'SessionId',
        'ClientComputerName',
        'ClientUserName',
        'NumOpens',
        'SecondsExists',
        'SecondsIdle',
      ]),
    );
  });
});

describe('a server', () => {
  it.each(['FILES01', 'files01.corp.example:4450', '192.0.2.7', '[::1]:4450'])('may be %s', (name) => {
    expect(parseParameters(FIND, { computerName: name })).toEqual({ computerName: [name] });
    expect(parseParameters(CONNECT, { computerName: name })).toEqual({ computerName: name });
  });

  it.each(['\\\\FILES01', 'FILES01\\share', 'smb://files01', '::1'])('may not be %s', (name) => {
    expect(() => parseParameters(CONNECT, { computerName: name })).toThrow('does not have the right form');
  });
});
