import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '@slipline/core';
import { faults, HOSTILE_TEXT } from '@slipline/hpe-oneview/testing';
import { writeFileSync } from 'node:fs';
import { CommandLine, PASSWORD, ScriptedTerminal, UNSAFE } from './command-line.test.support.ts';

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start(['ov1.example', 'ov2.example']);
});
afterEach(() => cli[Symbol.asyncDispose]());

const LOGIN = ['connect', 'hpe-oneview', 'ov1.example', '--user-name', 'Administrator'];

describe('connect', () => {
  it('opens a session on the appliance and says how it is called', async () => {
    expect(await cli.connect()).toEqual({
      code: 0,
      stdout: 'connected: Administrator on ov1.example (hpe-oneview:1), the default\n',
      stderr: '',
    });
    expect(cli.appliance().openSessionCount).toBe(1);
  });

  it('takes the password from stdin, from a file and from a variable', async () => {
    const file = cli.path('password');
    writeFileSync(file, `${PASSWORD}\r\n`);
    expect((await cli.run([...LOGIN, '--password-stdin'], { stdin: `${PASSWORD}\n` })).code).toBe(0);
    expect((await cli.run([...LOGIN, '--password-file', file])).code).toBe(0);
    expect((await cli.run([...LOGIN, '--password-env=PASSWORD'])).code).toBe(0);
    expect(cli.appliance().openSessionCount).toBe(3);
  });

  it.each(['--password', '-password', '--p'])(
    'refuses %s with a value, and does not repeat it',
    async (flag) => {
      const { code, stdout, stderr } = await cli.run([...LOGIN, flag, PASSWORD]);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /takes no value.*\nnext: use one of: --password-stdin, --password-file FILE, --password-env VARIABLE/,
      );
      expect(stdout + stderr).not.toContain(PASSWORD);
      expect(cli.appliance().requestCount).toBe(0);
    },
  );

  it('refuses --password=VALUE as well', async () => {
    const { code, stderr } = await cli.run([...LOGIN, `--password=${PASSWORD}`]);
    expect(code).toBe(2);
    expect(stderr).not.toContain(PASSWORD);
  });

  it('asks at the terminal for what is missing', async () => {
    const terminal = new ScriptedTerminal('Administrator', PASSWORD);
    expect((await cli.run(['connect', 'hpe-oneview', 'ov1.example'], { terminal })).code).toBe(0);
    expect(terminal.questions).toEqual([
      'User name for ov1.example: ',
      'Password of Administrator for ov1.example: ',
    ]);
  });

  it('says what to give where there is nobody to ask', async () => {
    const { code, stderr } = await cli.run(['connect', 'hpe-oneview', 'ov1.example']);
    expect(code).toBe(5);
    expect(stderr).toMatch(/^unauthenticated: .*\(ov1\.example\)\nnext: .*--password-stdin/);
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('says that a wrong password is wrong', async () => {
    const { code, stderr } = await cli.run([...LOGIN, '--password-stdin'], { stdin: 'wrong' });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^unauthenticated: /);
    expect((await cli.run(['ls', '-o', 'json'])).stdout).toBe('[]\n');
  });

  it('says that a host is not there', async () => {
    const dead = ['--resolve', 'ov1.example:127.0.0.1:1'];
    const { code, stderr } = await cli.run([...LOGIN, '--password-env', 'PASSWORD', ...dead]);
    expect(code).toBe(6);
    expect(stderr).toMatch(/^unreachable: nothing listens there.* \(ov1\.example(:443)?\)\nnext: /);
  });

  it('gives up on a host that does not answer', async () => {
    cli.appliance().inject(faults.hang());
    const { code, stderr } = await cli.connect('ov1.example', '--timeout', '200ms');
    expect(code).toBe(6);
    expect(stderr).toMatch(/^timeout: no answer within 0\.2 s/);
  });

  it('keeps a credential only where it is asked to, and uses it for that system only', async () => {
    expect((await cli.connect('ov1.example', '--save-credential')).code).toBe(0);
    expect((await cli.run(['connect', 'hpe-oneview', 'ov1.example'])).code).toBe(0);
    expect((await cli.run(['connect', 'hpe-oneview', 'ov2.example'])).code).toBe(5);
    expect(cli.appliance('ov2.example').requestCounts.get('POST /rest/login-sessions')).toBeUndefined();
  });

  it('adopts a session whose id comes from stdin', async () => {
    const { token } = cli.appliance().openSession({ userName: 'Administrator' });
    const adopt = ['connect', 'hpe-oneview', 'ov1.example', '--session-id-stdin'];
    const { code, stdout } = await cli.run(adopt, { stdin: `${token}\n` });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^adopted: .*hpe-oneview:1/);
    const { stdout: outcome, code: skipped } = await cli.run(['disconnect', 'hpe-oneview', '1']);
    expect(skipped).toBe(2);
    expect(outcome).toMatch(/^skipped: .*--include-adopted/);
    expect(cli.appliance().openSessionCount).toBe(1);
    expect((await cli.run(['disconnect', 'hpe-oneview', '1', '--include-adopted'])).code).toBe(0);
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('makes a later session the default with --default', async () => {
    await cli.connect('ov1.example');
    await cli.connect('ov2.example', '--default');
    await cli.run(['disconnect', 'hpe-oneview']);
    expect(cli.appliance('ov1.example').openSessionCount).toBe(1);
    expect(cli.appliance('ov2.example').openSessionCount).toBe(0);
  });

  it('shows a login message without what it would do to the terminal', async () => {
    cli.appliance().configure({ loginMessage: { message: HOSTILE_TEXT, acknowledgment: true } });
    const { code, stderr } = await cli.connect();
    expect(code).not.toBe(0);
    expect(stderr).not.toMatch(UNSAFE);
    expect((await cli.connect('ov1.example', '--login-acknowledge')).code).toBe(0);
  });

  it.each([
    [['connect'], /connect needs to know the kind of system/],
    [['connect', 'hpe-oneview'], /--appliance is required/],
    [['connect', 'hpe-oneview', 'ov1.example', 'ov2.example'], /"ov2\.example" is one argument too many/],
    [['connect', 'hpe-oneview', 'https://ov1.example'], /--appliance does not have the right form/],
    [['connect', 'hpe-oneview', 'ov1.example', '--idle-timeout', '0'], /--idle-timeout is at least 1/],
    [['connect', 'hpe-oneview', 'ov1.example', '--pin', 'abc'], /a pin is the SHA-256/],
    [[...LOGIN, '--session-id-env', 'PASSWORD'], /--session-id and --user-name exclude each other/],
    [[...LOGIN, '--user-name', 'jdoe'], /--user-name is given twice/],
    [[...LOGIN, '--password-env', 'NOT_THERE'], /the variable NOT_THERE is not set/],
    [[...LOGIN, '--password-file', '/not/there'], /\/not\/there: there is no such file/],
    [[...LOGIN, '--password-stdin'], /--password-stdin: there is nothing in it/],
    [['connect', 'hpe-onview', 'ov1.example'], /there is no provider "hpe-onview"/],
    [
      ['connect', 'entra', 'server01'],
      /provider "entra" is not installed\nnext: npm install .*@slipline\/entra@/,
    ],
  ])('refuses %j before anything is sent', async (argv, message) => {
    const { code, stdout, stderr } = await cli.run(argv);
    expect(stderr).toMatch(message);
    expect({ code, stdout, requests: cli.appliance().requestCount }).toEqual({
      code: 2,
      stdout: '',
      requests: 0,
    });
    expect((await cli.run(['history', '-o', 'json'])).stdout).toBe('[]\n');
  });
});

describe('trust', () => {
  const untrusting = { SLIPLINE_CA_FILE: '' };
  const argv = [...LOGIN, '--password-env', 'PASSWORD'];

  it('refuses a certificate that nobody vouches for, before anything is sent', async () => {
    const { code, stderr } = await cli.run(argv, { environment: untrusting });
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^untrusted: .*sha256:[0-9a-f]{64} \(ov1\.example:443\)\nnext: .*--ca-file.*--pin/,
    );
    expect(cli.appliance().requestCount).toBe(0);
  });

  it('asks the person at the terminal, and remembers the answer', async () => {
    const terminal = new ScriptedTerminal('y');
    const { code } = await cli.run(argv, { environment: untrusting, terminal });
    expect(code).toBe(0);
    expect(terminal.questions[0]).toMatch(/SHA-256: {5}[0-9A-F:]{95}\n/);
    expect((await cli.run(['disconnect', 'hpe-oneview'], { environment: untrusting })).code).toBe(0);
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('sends nothing when the person says no', async () => {
    const terminal = new ScriptedTerminal('');
    expect((await cli.run(argv, { environment: untrusting, terminal })).code).toBe(6);
    expect(cli.appliance().requestCount).toBe(0);
  });

  it('keeps a pin, and sends no token to a server that shows another certificate', async () => {
    const first = await cli.run(argv, { environment: untrusting });
    const [, pin = ''] = /sha256:([0-9a-f]{64})/.exec(first.stderr) ?? [];
    expect((await cli.run([...argv, '--pin', `SHA256:${pin}`], { environment: untrusting })).code).toBe(0);
    cli
      .appliance()
      .useCertificate(await cli.authority.selfSigned({ commonName: 'ov1.example', names: ['ov1.example'] }));
    cli.appliance().clearRequests();
    const { code, stderr } = await cli.run(['disconnect', 'hpe-oneview'], { environment: untrusting });
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^untrusted: the certificate is not the pinned one.*\nnext: .*slipline trust remove/,
    );
    expect(cli.appliance().requestCount).toBe(0);
    expect(cli.appliance().openSessionCount).toBe(1);
  });

  it('refuses a certificate that does not match the pin', async () => {
    const pin = 'ab'.repeat(32);
    const { code } = await cli.run([...argv, '--pin', pin], { environment: untrusting });
    expect(code).toBe(6);
    expect(cli.appliance().requestCount).toBe(0);
  });
});

describe('a prompt', () => {
  it('shows no secret, whatever was typed', async () => {
    const terminal = new ScriptedTerminal('Administrator', PASSWORD);
    const { stdout, stderr } = await cli.run(['connect', 'hpe-oneview', 'ov1.example', '--debug'], {
      terminal,
    });
    for (const canary of cli.canaries()) expect(stdout + stderr).not.toContain(canary);
    expect(String(new Secret(PASSWORD))).toBe('[secret]');
  });
});
