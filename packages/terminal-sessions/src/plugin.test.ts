import { describe, expect, it } from '@jest/globals';
import { parseParameters } from '@slipline/core';
import byDefault, { terminalSessions } from './index.ts';
import { CONNECT, FIND, MESSAGE } from './plugin.ts';

const cmdlet = (name: string) => terminalSessions().cmdlets?.find((one) => one.name === name);

describe('the plugin', () => {
  it('is a frozen value with the id of its package, by name and by default', () => {
    const plugin = terminalSessions();
    expect(Object.isFrozen(plugin)).toBe(true);
    expect(plugin).toMatchObject({ contract: 1, id: 'terminal-sessions', impact: 'medium' });
    expect(byDefault).toBe(terminalSessions);
  });

  it('refuses options that make no sense', () => {
    expect(() => terminalSessions({ idleTimeout: -1 })).toThrow('idleTimeout is at least 0');
    expect(() => terminalSessions({ transport: 'pigeon' } as object)).toThrow('is one of: auto, smb, wts');
    expect(() => terminalSessions({ nonsense: 1 } as object)).toThrow('unknown parameter "nonsense"');
  });

  it('has no session that is meant when none is named', () => {
    expect(terminalSessions().unnamed).toBeUndefined();
  });
});

describe('the cmdlets', () => {
  it('disconnect by session objects first, else by computer and session, ask nothing, and print True', () => {
    expect(cmdlet('Disconnect-TerminalSession')).toEqual({
      name: 'Disconnect-TerminalSession',
      aliases: ['Disconnect-WTSSession', 'dcts'],
      verb: 'disconnect',
      effect: 'detach',
      sets: { BySessionInfo: ['SessionInfo'], ByManual: ['computerName', 'sessionId'] },
      mandatory: { ByManual: ['computerName', 'sessionId'] },
      input: { name: 'SessionInfo' },
      confirmImpact: 'none',
      prints: 'true',
    });
  });

  it('log off with a question', () => {
    expect(cmdlet('Remove-TerminalSession')).toMatchObject({
      aliases: ['rts'],
      effect: 'end',
      confirmImpact: 'high',
      prints: 'true',
    });
  });

  it('list and send messages', () => {
    expect(cmdlet('Get-TerminalSession')).toMatchObject({ verb: 'list', aliases: ['Get-WTSSession', 'gts'] });
    expect(cmdlet('Send-TerminalMessage')).toMatchObject({
      verb: 'act',
      action: 'message',
      aliases: ['sdtm'],
    });
  });

  it.each([
    ['Get-TerminalInfo', 'gti', 'WinStationName'],
    ['Get-TerminalClientInfo', 'gtc', 'ClientAddress'],
  ])('tell more of sessions that are given: %s', (name, alias, property) => {
    expect(cmdlet(name)).toMatchObject({ verb: 'list', aliases: [alias], input: { name: 'SessionInfo' } });
    expect(cmdlet(name)?.prints).toContainEqual(expect.objectContaining({ name: property }));
  });

  it('name in their sets only parameters that there are', () => {
    for (const { sets = {}, input } of terminalSessions().cmdlets ?? [])
      expect([...Object.keys({ ...FIND, ...MESSAGE }), input?.name]).toEqual(
        expect.arrayContaining(Object.values(sets).flat()),
      );
  });

  it('print of each session what SessionInfo has', () => {
    const names = terminalSessions().record?.map(({ name }) => name);
    const theirs = [
      'SessionId',
      'State',
      'SessionName',
      'UserName',
      'DomainName',
      'ComputerName',
      'ClientName',
    ];
    expect(names).toEqual(expect.arrayContaining(theirs));
  });
});

describe('a computer name', () => {
  it.each(['SERVER01', 'server01.corp.example', 'server01:4450', '192.0.2.7', '[2001:db8::7]', '[::1]:4450'])(
    'may be %s',
    (computerName) => {
      expect(parseParameters(FIND, { computerName })).toEqual({ computerName: [computerName] });
      expect(parseParameters(CONNECT, { computerName })).toEqual({ computerName });
    },
  );

  it.each([
    '\\\\SERVER01',
    'SERVER01\\IPC$',
    'smb://server01',
    'server 01',
    '::1',
    'user@server01',
    'a'.repeat(254),
  ])('may not be %s', (computerName) => {
    expect(() => parseParameters(FIND, { computerName })).toThrow('does not have the right form');
    expect(() => parseParameters(CONNECT, { computerName })).toThrow('does not have the right form');
  });

  it('may be one of several', () => {
    const computerName = ['SERVER01', 'SERVER02'];
    expect(parseParameters(FIND, { computerName })).toEqual({ computerName });
  });

  it('may be the first thing that is said', () => {
    expect([FIND.computerName.position, CONNECT.computerName.position]).toEqual([0, 0]);
  });
});

describe('a session id', () => {
  it.each([1, '5', 65_535])('may be %s', (sessionId) => {
    const values = parseParameters(FIND, { computerName: 'SERVER01', sessionId });
    expect(values.sessionId).toEqual([Number(sessionId)]);
  });

  it.each([0, -1, 1.5, 65_536, 4_294_967_295, 'five'])('may not be %s', (sessionId) => {
    expect(() => parseParameters(FIND, { computerName: 'SERVER01', sessionId })).toThrow('sessionId is');
  });

  it('needs a computer name', () => {
    expect(() => parseParameters(FIND, { sessionId: 5 })).toThrow('sessionId needs computerName');
  });
});

describe('a password', () => {
  it.each([
    ['connect', CONNECT],
    ['find', FIND],
  ])('of %s is taken only as a secret', (_which, table) => {
    const values = { computerName: 'SERVER01', password: 'fake-password' };
    expect(() => parseParameters(table, values)).toThrow('must come as a Secret');
  });
});
