import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openBench, type SmbSessionsBench } from '@slipline/smb-sessions/testing';
import { CommandLine } from './command-line.test.support.ts';

let bench: SmbSessionsBench;
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

const CREDENTIAL = ['--user-name', 'DOMAIN\\opadmin', '--password-env', 'PASSWORD'];
const users = () => bench.server.sessions.all.map(({ user }) => user);

describe('sessions of a file server on the command line', () => {
  it('are ended by user, and seen to be gone', async () => {
    const line = ['disconnect', 'smb-sessions', 'FILES01', '--user', 'jdoe', ...CREDENTIAL, '--yes'];
    const { code, stdout } = await slipline(line);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/jdoe on FILES01.*verified/)]);
    expect(users()).toEqual(['asmith', 'svc-backup']);
  });

  it('go through a pipe, with cmdlets on both sides', async () => {
    await slipline(['connect', 'smb-sessions', 'FILES01', ...CREDENTIAL]);
    const listed = await slipline(['Get-SmbSession', '-ComputerName', 'FILES01', '-o', 'jsonl']);
    const lines = listed.stdout.split('\n').filter((line) => line.includes('"ClientUserName":"jdoe"'));
    expect(lines).toHaveLength(1);
    const ended = await slipline(['Close-SmbSession', '-Confirm:$false'], `${lines.join('\n')}\n`);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(users()).toEqual(['asmith', 'svc-backup']);
  });
});
