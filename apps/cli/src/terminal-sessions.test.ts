import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openBench, type TerminalSessionsBench } from '@slipline/terminal-sessions/testing';
import { CommandLine } from './command-line.test.support.ts';
import { openLab } from './lab/lab.ts';
import { readConfig } from '@slipline/config';

let bench: TerminalSessionsBench;
let cli: CommandLine;

beforeEach(async () => {
  bench = await openBench();
  const { userName = '', password = '' } = bench.facts.users[0] ?? {};
  cli = CommandLine.over(bench, { USER_NAME: userName, PASSWORD: password });
});
afterEach(async () => {
  await cli[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Runs a command line in this process, as the administrator of the fake system. */
function slipline(argv: readonly string[], stdin?: string) {
  return cli.run(argv, { stdin });
}

const CREDENTIAL = ['--user-name', 'DOMAIN\\opadmin', '--password-env', 'PASSWORD'];

const stateOf = (id: number) => bench.host.desktops.get(id)?.state;

describe('desktops on the command line', () => {
  it('example 1: session 5 on SERVER01, in the words of the cmdlet', async () => {
    await slipline(['connect', 'terminal-sessions', 'SERVER01', ...CREDENTIAL]);
    const ended = await slipline([
      'Disconnect-TerminalSession',
      '-ComputerName',
      'SERVER01',
      '-SessionId',
      '5',
    ]);
    expect(ended).toMatchObject({ code: 0, stdout: 'True\n' });
    expect([stateOf(2), stateOf(5)]).toEqual(['Active', 'Disconnected']);
  });

  it('example 1 in the words of Slipline, with a credential of its own', async () => {
    const line = ['disconnect', 'terminal-sessions', 'SERVER01', '--session-id', '5', ...CREDENTIAL, '--yes'];
    const { code, stdout } = await slipline(line);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/jdoe on SERVER01.*verified/)]);
    expect(stateOf(5)).toBe('Disconnected');
  });

  it('example 2: every session of jdoe on SERVER01, through a pipe', async () => {
    const second = bench.host.desktops.logOn({ userName: 'jdoe' });
    await slipline(['connect', 'terminal-sessions', 'SERVER01', ...CREDENTIAL]);
    const listed = await slipline(['ls', 'terminal-sessions', '--computer-name', 'SERVER01', '-o', 'jsonl']);
    expect(listed.code).toBe(0);
    const lines = listed.stdout
      .split('\n')
      .filter((line) => line !== '' && (JSON.parse(line) as Row).details.userName === 'jdoe');
    expect(lines).toHaveLength(2);
    const ended = await slipline(['disconnect', '-', '--yes'], `${lines.join('\n')}\n`);
    expect(ended.code).toBe(0);
    expect([stateOf(2), stateOf(5), stateOf(second.id)]).toEqual(['Active', 'Disconnected', 'Disconnected']);
  });

  it('example 2 with cmdlets on both sides of the pipe', async () => {
    await slipline(['connect', 'terminal-sessions', 'SERVER01', ...CREDENTIAL]);
    const listed = await slipline(['Get-TerminalSession', '-ComputerName', 'SERVER01', '-o', 'jsonl']);
    const lines = listed.stdout.split('\n').filter((line) => line.includes('"UserName":"jdoe"'));
    expect(lines).toHaveLength(1);
    const ended = await slipline(['Disconnect-TerminalSession'], `${lines.join('\n')}\n`);
    expect(ended).toMatchObject({ code: 0, stdout: 'True\n' });
    expect(stateOf(5)).toBe('Disconnected');
  });

  it.each([
    [
      'a session and a computer at once',
      ['-SessionInfo', '{"SessionId":5}', '-ComputerName', 'SERVER01'],
      /do not go together/,
    ],
    ['what is no session', ['-SessionInfo', '{"Colour":"red"}'], /can do nothing with an object with Colour/],
    ['what is no object', ['-SessionInfo', '{'], /takes sessions as objects/],
    ['a session of no host', ['-SessionId', '5'], /-ComputerName is missing/],
    ['nothing at all', [], /needs to be told which sessions/],
  ])('refuses %s, says how to write it, and asks nobody', async (_what, words, problem) => {
    const requests = bench.host.smb.requestCount;
    const { code, stdout, stderr } = await slipline(['dcts', ...words]);
    expect([code, stdout, stderr.split('\n')]).toEqual([
      2,
      '',
      [expect.stringMatching(problem), expect.stringMatching(/^next: /), ''],
    ]);
    expect(bench.host.smb.requestCount).toBe(requests);
  });

  it('lists several hosts although one is dead, and says so', async () => {
    const line = [
      'ls',
      'terminal-sessions',
      '--computer-name',
      'SERVER01,127.0.0.1:1',
      ...CREDENTIAL,
      '-o',
      'jsonl',
    ];
    const { code, stdout, stderr } = await slipline(line);
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect([code, stderr]).toEqual([6, expect.stringContaining('127.0.0.1:1')]);
  });

  it('sends a message, and says how it was answered', async () => {
    const desktop = bench.host.desktops.get(5);
    if (desktop !== undefined) desktop.answer = 6;
    await slipline(['connect', 'terminal-sessions', 'SERVER01', ...CREDENTIAL]);
    const where = ['-ComputerName', 'SERVER01', '-SessionId', '5'];
    const sent = await slipline([
      'Send-TerminalMessage',
      ...where,
      '-Text',
      'Finished?',
      '-Buttons',
      'YesNo',
    ]);
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining('Yes') });
    expect(desktop?.messages).toMatchObject([{ text: 'Finished?', style: 4 }]);
  });

  it('gives up on a session that is slow to change, unless it is to --wait', async () => {
    const disconnect = (id: number, ...flags: string[]) =>
      slipline([
        ...['disconnect', 'terminal-sessions', 'SERVER01', '--session-id', String(id), ...CREDENTIAL],
        ...['--timeout', '3s', '--yes', ...flags],
      ]);
    // The questions are 0, 50, 150, 350, 750, 1550, 2550, 3550 … ms after the answer.
    bench.host.desktops.settlesAfter = 9;
    const { code, stderr } = await disconnect(2);
    expect([code, stderr]).toEqual([3, expect.stringContaining('still there')]);
    const waited = await disconnect(5, '--wait');
    expect([waited.code, waited.stdout]).toEqual([0, expect.stringContaining('verified')]);
    expect(stateOf(5)).toBe('Disconnected');
  }, 60_000);

  it('exits 4 for a session that is not there, and 5 for a wrong password', async () => {
    const where = ['disconnect', 'terminal-sessions', 'SERVER01', '--session-id', '77'];
    expect((await slipline([...where, ...CREDENTIAL, '--yes'])).code).toBe(4);
    const wrong = ['--user-name', 'DOMAIN\\opadmin', '--password-env', 'USER_NAME'];
    expect((await slipline([...where, ...wrong, '--yes'])).code).toBe(5);
  });
});

describe('a lab of nothing but desktops', () => {
  it('names no authority, since there is no TLS', async () => {
    const provider = {
      id: 'terminal-sessions',
      module: '@slipline/terminal-sessions',
      origin: 'first-party' as const,
      load: async () => bench.plugin,
      importTesting: async () => ({ openBench }),
    };
    await using lab = await openLab({
      providers: [provider],
      config: await readConfig(cli.home),
      environment: { PATH: '/bin', SLIPLINE_CA_FILE: '/somewhere/ca.pem' },
    });
    expect(lab.environment).not.toHaveProperty('SLIPLINE_CA_FILE');
    expect(lab.environment['SLIPLINE_RESOLVE']).toMatch(/^SERVER01:445:127\.0\.0\.1:\d+$/);
    expect(lab.facts['providers']).not.toHaveProperty('terminal-sessions.caFile');
  });
});

interface Row {
  readonly details: { readonly userName: string };
}
