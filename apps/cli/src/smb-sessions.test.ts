import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openLedger, sliplinePaths } from '@slipline/ledger';
import { openBench, type SmbSessionsBench } from '@slipline/smb-sessions/testing';
import { run } from './program.ts';
import { readConfig } from './settings/config.ts';
import { Interruption } from './terminal/interruption.ts';

let bench: SmbSessionsBench;
let home: string;

beforeEach(async () => {
  bench = await openBench();
  home = mkdtempSync(join(tmpdir(), 'slipline-files-'));
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

/** Runs a command line in this process, as the administrator of the fake server. */
async function slipline(argv: readonly string[], stdin?: string) {
  const { password = '' } = bench.facts.users[0] ?? {};
  const environment = {
    ...bench.facts.environment,
    SLIPLINE_HOME: home,
    SLIPLINE_KEYRING: 'off',
    PASSWORD: password,
  };
  const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY: false }), new PassThrough()];
  const printed = Promise.all([text(stdout), text(stderr)]);
  const { plugin } = bench;
  const code = await run({
    argv,
    environment,
    streams: {
      stdin: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
      stdinIsPiped: stdin !== undefined,
      stdout,
      stderr,
    },
    interruption: new Interruption(() => undefined),
    openTerminal: () => undefined,
    readConfig: () => readConfig(sliplinePaths(environment, process.platform, home).config),
    findProviders: async () => ({
      installed: [
        {
          id: plugin.id,
          module: '@slipline/smb-sessions',
          origin: 'first-party',
          load: async () => plugin,
          openBench: async () => undefined,
        },
      ],
      broken: [],
    }),
    openLedger: (messages) => openLedger({ environment, onNotice: (notice) => messages.log.info(notice) }),
  });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { code, stdout: out, stderr: err };
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
