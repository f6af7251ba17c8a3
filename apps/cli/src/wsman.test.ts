import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openBench, type WsmanBench } from '@slipline/wsman/testing';
import { CommandLine } from './command-line.test.support.ts';

let bench: WsmanBench;
let cli: CommandLine;

beforeEach(async () => {
  bench = await openBench();
  const { password = '' } = bench.facts.users[0] ?? {};
  cli = CommandLine.over(bench, { PASSWORD: password });
});
afterEach(async () => {
  await cli[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** Runs a command line in this process, as the administrator of the fake system. */
function slipline(argv: readonly string[], stdin?: string) {
  return cli.run(argv, { stdin });
}

const CONNECT = [
  'connect',
  'wsman',
  'server01',
  '--user-name',
  'CORP\\Administrator',
  '--password-env',
  'PASSWORD',
];

describe('the example of Disconnect-WSMan', () => {
  it('removes the connection to server01, after which the drive lists localhost alone', async () => {
    expect(await slipline(CONNECT)).toMatchObject({ code: 0 });
    const drive = async (): Promise<unknown> => {
      const { stdout } = await slipline([
        'ls',
        'wsman',
        '--drive',
        '-o',
        'json',
        '--query',
        '[].[endpoint, kind]',
      ]);
      return JSON.parse(stdout);
    };
    expect(await drive()).toEqual([
      ['localhost', 'Container'],
      ['server01', 'connection'],
    ]);
    expect(await slipline(['Disconnect-WSMan', '-computer', 'server01'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await drive()).toEqual([['localhost', 'Container']]);
  });
});

describe('Disconnect-WSMan', () => {
  it.each([
    [
      'of nothing named asks for a name',
      [],
      2,
      'invalid-request: Disconnect-WSMan needs to be told which sessions',
    ],
    [
      'of this computer is refused',
      ['localhost'],
      2,
      'invalid-request: the connection to the local computer',
    ],
    ['of an unknown computer is success', ['nobody'], 0, ''],
    [
      'of an unknown computer fails where it is strict',
      ['nobody', '-Strict'],
      4,
      'not-found: there is no connection',
    ],
  ])('%s', async (_what, args, code, stderr) => {
    const result = await slipline(['Disconnect-WSMan', ...args]);
    expect(result).toMatchObject({ code, stderr: expect.stringContaining(stderr) });
  });

  it('touches no shell', async () => {
    await slipline(CONNECT);
    const before = bench.winrm.openShellCount;
    await slipline(['Disconnect-WSMan', 'server01']);
    expect(bench.winrm.openShellCount).toBe(before);
  });
});

describe('names through a pipe', () => {
  it.each([
    ['strings', '"server01"\n"server02"\n'],
    ['objects', '[{ "computerName": "server01" }, { "computerName": "server02" }]'],
  ])('name the computers as %s', async (_as, names) => {
    await slipline(CONNECT);
    await slipline(CONNECT.with(2, 'server02'));
    expect(await slipline(['Disconnect-WSMan'], names)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(JSON.parse((await slipline(['ls', 'wsman', '-o', 'json'])).stdout)).toEqual([]);
  });
});

describe('remote shells', () => {
  it('are listed, shown in a dry run, and ended', async () => {
    await slipline(CONNECT);
    const count = bench.winrm.openShellCount;
    const listed = await slipline(['ls', 'wsman', 'server01', '--shells', '-o', 'json']);
    expect(JSON.parse(listed.stdout)).toHaveLength(count);
    const all = ['disconnect', 'wsman', 'server01', '--shells'];
    expect((await slipline([...all, '--what-if'])).stdout).toContain('would end');
    expect(bench.winrm.openShellCount).toBe(count);
    expect(await slipline([...all, '--yes'])).toMatchObject({ code: 0 });
    expect(bench.winrm.openShellCount).toBe(0);
  });
});
