import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { openLedger } from '@slipline/ledger';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Command } from './command.ts';
import { CommandLine, PASSWORD } from './command-line.test.support.ts';
import { COMMANDS } from './commands.ts';
import { runAll } from './console-blocks.test.support.ts';
import { ENTRY } from './own-program.ts';

// Each example is run after the commands that it presupposes, all as processes.
jest.setTimeout(60_000);

const commands: Command[] = [];
for (const load of Object.values(COMMANDS)) commands.push(await load());
const examples = commands.flatMap(({ name, examples: lines }) => lines.map((line) => [name, line] as const));

let cli: CommandLine;

beforeEach(async () => {
  cli = await CommandLine.start(['ov1.example', 'ov2.example']);
  await mkdir(cli.path('bin'));
  await writeFile(cli.path('bin/slipline'), `#!/bin/sh\nexec '${process.execPath}' '${ENTRY}' "$@"\n`, {
    mode: 0o700,
  });
  await writeFile(cli.path('FILE'), PASSWORD);
  await writeFile(cli.path('stdin'), cli.appliance().openSession({ userName: 'Administrator' }).token);
  // curl finds the fake as Slipline does.
  const { port } = cli.appliance();
  const settings = [
    `connect-to = "ov1.example:443:127.0.0.1:${port}"`,
    `cacert = "${cli.environment['SLIPLINE_CA_FILE']}"`,
  ];
  await writeFile(cli.path('.curlrc'), `${settings.join('\n')}\nfail\nsilent\nshow-error\n`);
});

afterEach(() => cli[Symbol.asyncDispose]());

/** What each command prints, in a shell in which somebody has connected before, and has said to keep the password. */
function run(lines: readonly string[]): Promise<readonly string[]> {
  return runAll(lines, cli.path('.'), {
    ...cli.environment,
    PATH: [cli.path('bin'), process.env['PATH']].join(delimiter),
    HOME: cli.path('.'),
  });
}

/** Their examples presuppose nothing. */
const UNPREPARED = ['providers', 'plugins', 'lab', 'completion'];

/** What has happened before somebody types an example of this command. */
async function prepare(command: string): Promise<void> {
  if (UNPREPARED.includes(command)) return;
  // All sessions of one system go after a simple question; on two systems a name has to be typed.
  const second = command === 'disconnect' || command === 'apply' ? 'ov1.example' : 'ov2.example';
  await cli.connect('ov1.example', '--save-credential');
  await cli.connect(second, '--save-credential');
  if (command === 'apply') await run(['slipline disconnect hpe-oneview --all --plan plan.json']);
  if (command !== 'trust') return;
  const ledger = await openLedger({ environment: cli.environment });
  await ledger.trust.save({ host: 'ov1.example:443', pin: '0'.repeat(64) });
  await ledger[Symbol.asyncDispose]();
}

const hasCurl = spawnSync('curl', ['--version']).error === undefined;

describe('the examples in the help', () => {
  it('are there for every command', () => {
    expect(commands.filter(({ examples: lines }) => lines.length === 0)).toEqual([]);
  });

  // A machine without curl cannot show what curl does.
  it.each(examples.filter(([, line]) => hasCurl || !line.includes('curl')))(
    '%s: %s',
    async (command, line) => {
      await prepare(command);
      const typed = `{ ${line}\n} <stdin`;
      const [printed = '', code = ''] = await run([`set -o pipefail; ${typed}`, 'echo $?']);
      if (!printed.includes('a confirmation is needed'))
        return expect([code, printed]).toEqual(['0', printed]);
      // A person would be asked here, and say yes.
      const [, answered] = await run([`{ ${line} --yes\n} <stdin`, 'echo $?']);
      expect(answered).toBe('0');
    },
  );
});
