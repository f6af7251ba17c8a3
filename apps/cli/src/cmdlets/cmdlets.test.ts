import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CommandLine, PASSWORD, ScriptedTerminal } from '../command-line.test.support.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start(['ov1.example', 'ov2.example', 'ov3.example']);
});
afterEach(() => cli[Symbol.asyncDispose]());

async function connected(count: number): Promise<void> {
  for (const name of ['ov1.example', 'ov2.example', 'ov3.example'].slice(0, count)) await cli.connect(name);
}

/** Which appliances still have a session, as they say themselves. */
function live(): readonly string[] {
  return ['ov1', 'ov2', 'ov3'].filter((name) => cli.appliance(`${name}.example`).openSessionCount > 0);
}

const SILENT = { code: 0, stdout: '', stderr: '' };

describe('a cmdlet that connects', () => {
  const argv = [
    'Connect-HPOVMgmt',
    '-Hostname',
    'ov1.example',
    '-UserName',
    'Administrator',
    '-PasswordEnv',
    'PASSWORD',
  ];

  it('prints its own properties', async () => {
    expect(await cli.run(argv)).toEqual({
      code: 0,
      stdout: [
        'ConnectionID    : 1',
        'Name            : ov1.example',
        'UserName        : Administrator',
        'AuthLoginDomain : LOCAL',
        'Default         : True',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(live()).toEqual(['ov1']);
  });

  it('asks for the password of -Credential', async () => {
    const terminal = new ScriptedTerminal(PASSWORD);
    const { code } = await cli.run(['connect-ovmgmt', 'ov1.example', '-Credential', 'Administrator'], {
      terminal,
    });
    expect({ code, live: live() }).toEqual({ code: 0, live: ['ov1'] });
  });

  it('says what it did when asked to', async () => {
    expect((await cli.run([...argv, '-Verbose'])).stderr).toContain(
      'connected: Administrator on ov1.example',
    );
  });
});

describe('a cmdlet that disconnects', () => {
  it('takes the default where nothing is named, and prints nothing', async () => {
    await connected(2);
    expect(await cli.run(['Disconnect-HPOVMgmt'])).toEqual(SILENT);
    expect(live()).toEqual(['ov2']);
  });

  it.each([
    ['a number by position', ['1']],
    ['a list', ['1,ov2.example']],
    ['an alias', ['-Hostname', 'ov1.example']],
    ['the beginning of a name', ['-ApplianceC', '1']],
    ['an object', ['-Appliance', '{"ConnectionID":1,"Name":"ov1.example","UserName":"Administrator"}']],
    ['several objects', ['-ApplianceSession', '[{"ConnectionID":"1"},{"ConnectionID":"2"}]']],
  ])('takes %s', async (_what, words) => {
    await connected(3);
    expect(await cli.run(['Disconnect-OVMgmt', ...words])).toEqual(SILENT);
    expect(live()).toEqual(words.join().includes('2') ? ['ov3'] : ['ov2', 'ov3']);
  });

  it('does nothing with -WhatIf but say what it would do', async () => {
    await connected(1);
    expect(await cli.run(['Disconnect-HPOVMgmt', '-wi'])).toEqual({
      ...SILENT,
      stdout:
        'What if: Performing the operation "Disconnect-HPOVMgmt" (end) on target "Administrator on ov1.example (hpe-oneview:1)".\n',
    });
    expect(live()).toEqual(['ov1']);
  });

  it.each([
    ['yes, then no', ['y', 'n', 'n'], ['ov2', 'ov3']],
    ['Enter, which is yes', ['', '', ''], []],
    ['yes to all', ['n', 'a'], ['ov1']],
    ['no to all', ['y', 'l'], ['ov2', 'ov3']],
    ['something else first', ['?', 'no', 'yes', 'l'], ['ov1', 'ov3']],
  ])('asks with -Confirm, and takes %s', async (_what, answers, left) => {
    await connected(3);
    const terminal = new ScriptedTerminal(...answers);
    const { code, stderr } = await cli.run(['Disconnect-HPOVMgmt', '1,2,3', '-Confirm'], { terminal });
    expect({ code, stderr, left: live() }).toEqual({ code: 0, stderr: '', left });
    expect(terminal.questions[0]).toMatch(/on target "Administrator on ov1\.example.*\n\[Y\] Yes/);
    expect(terminal.questions).toHaveLength(answers.length);
  });

  it('needs a terminal for -Confirm', async () => {
    await connected(1);
    const { code, stderr } = await cli.run(['Disconnect-HPOVMgmt', '-Confirm']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/no terminal.*\nnext: .*-WhatIf.*-Confirm:'\$false'/),
    });
    expect(live()).toEqual(['ov1']);
  });

  it('gives data where it is asked for', async () => {
    await connected(1);
    const { stdout } = await cli.run(['Disconnect-HPOVMgmt', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject([{ status: 'disconnected', verification: 'verified' }]);
  });

  it('is not there where no provider has it', async () => {
    const { code, stderr } = await cli.run(['Disconnect-Nothing']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/no command "Disconnect-Nothing"/),
    });
  });
});

describe('a pipe', () => {
  it('carries what Slipline lists, and objects as PowerShell writes them', async () => {
    await connected(3);
    const { stdout } = await cli.run([
      'ls',
      'hpe-oneview',
      '-o',
      'jsonl',
      '--query',
      "[?endpoint=='ov1.example']",
    ]);
    expect(await cli.run(['Disconnect-HPOVMgmt'], { stdin: stdout })).toEqual(SILENT);
    const powershell = '\ufeff[{"connectionid":3,"NAME":"ov3.example","Default":false}]\r\n';
    expect(await cli.run(['Disconnect-HPOVMgmt'], { stdin: powershell })).toEqual(SILENT);
    expect(live()).toEqual(['ov2']);
  });

  it('carries names, one a line', async () => {
    await connected(3);
    expect(await cli.run(['Disconnect-HPOVMgmt'], { stdin: 'ov1.example\r\nov2.example\r\n' })).toEqual(
      SILENT,
    );
    expect(live()).toEqual(['ov3']);
  });

  it('that carries nothing disconnects nothing', async () => {
    await connected(1);
    expect(await cli.run(['Disconnect-HPOVMgmt'], { stdin: '' })).toEqual(SILENT);
    expect(live()).toEqual(['ov1']);
  });

  it('of sessions of another kind is refused', async () => {
    await connected(1);
    const other = { provider: 'entra', endpoint: 'ov1.example', id: '1' };
    const { code, stderr } = await cli.run(['Disconnect-HPOVMgmt'], { stdin: JSON.stringify(other) });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/is for HPE OneView, not for a session of "entra"\nnext: /),
    });
    expect(live()).toEqual(['ov1']);
  });

  it('of something else is refused', async () => {
    await connected(1);
    const { code, stderr } = await cli.run(['Disconnect-HPOVMgmt'], { stdin: '{"Colour":"red"}' });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/an object with Colour.*\nnext: /),
    });
    expect(live()).toEqual(['ov1']);
  });
});

describe('common parameters', () => {
  it('go on after an error, unless told to stop', async () => {
    await connected(2);
    const going = await cli.run(['Disconnect-HPOVMgmt', 'nope,1']);
    expect({ ...going, live: live() }).toEqual({
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(/^not-found: no session matches/),
      live: ['ov2'],
    });
    const stopping = await cli.run(['Disconnect-HPOVMgmt', 'nope,2', '-ErrorAction', 'Stop']);
    expect({ code: stopping.code, live: live() }).toEqual({ code: 4, live: ['ov2'] });
  });

  it('silence errors, whose exit code stays', async () => {
    expect(await cli.run(['Disconnect-HPOVMgmt', 'nope', '-ea', 'SilentlyContinue'])).toEqual({
      ...SILENT,
      code: 4,
    });
  });

  it('that name variables are accepted with one warning', async () => {
    await connected(1);
    const { code, stderr } = await cli.run([
      'Disconnect-HPOVMgmt',
      '-OutVariable',
      'a',
      '-ev',
      'b',
      '-OutBuffer',
      '5',
    ]);
    expect({ code, lines: stderr.trim().split('\n') }).toEqual({
      code: 0,
      lines: [expect.stringMatching(/^warning: -OutVariable, -ErrorVariable, -OutBuffer: .*left out$/)],
    });
    const silenced = await cli.run([
      'Disconnect-HPOVMgmt',
      '-OutVariable',
      'a',
      '-WarningAction',
      'SilentlyContinue',
    ]);
    expect(silenced).toEqual(SILENT);
  });

  it('show information when asked to', async () => {
    await connected(1);
    const { stderr } = await cli.run(['Disconnect-HPOVMgmt', '-InformationAction', 'Continue']);
    expect(stderr).toBe('ended: Administrator on ov1.example (hpe-oneview:1), verified\n');
  });

  it('that are no action are refused', async () => {
    const { code, stderr } = await cli.run(['Disconnect-HPOVMgmt', '-ErrorAction', 'Explode']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/ErrorAction is one of: Continue, /),
    });
  });
});

describe('help', () => {
  it.each([['-?'], ['--help']])('is shown by %s', async (flag) => {
    const { code, stdout } = await cli.run(['Disconnect-HPOVMgmt', flag]);
    expect(code).toBe(0);
    expect(stdout).toContain('Disconnect-HPOVMgmt [[-Appliance] <string[]>]');
    expect(stdout).toContain('-Verbose -Debug -Confirm -WhatIf');
    expect((await cli.run(['help', 'disconnect-ovmgmt'])).stdout).toBe(stdout);
  });
});
