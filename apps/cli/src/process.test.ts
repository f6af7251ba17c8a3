import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { faults } from '@slipline/hpe-oneview/testing';
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { CommandLine, PASSWORD, type Ran, type Spawned } from './command-line.test.support.ts';

// What only a process of its own can show. It runs what `nx build` made.

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start();
});
afterEach(() => cli[Symbol.asyncDispose]());

const LOGIN = ['connect', 'hpe-oneview', 'ov1.example', '--user-name', 'Administrator'];
const WITH_PASSWORD = [...LOGIN, '--password-env', 'PASSWORD'];
const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };
const PROBE = { method: 'GET', path: '/rest/sessions' };

const spawned = (...argv: string[]): Promise<Ran> => cli.spawn(argv).ended;

/** States by number, as the ledger has them. */
async function states(): Promise<unknown> {
  return JSON.parse((await cli.run(['ls', '-o', 'json', '--query', '[].state'])).stdout);
}

describe('the program', () => {
  it('tells its version without loading anything', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      readonly version: string;
    };
    expect(await spawned('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('connects, lists, shows, disconnects and remembers', async () => {
    expect((await spawned(...WITH_PASSWORD)).stdout).toBe(
      'connected: Administrator on ov1.example (hpe-oneview:1), the default\n',
    );
    expect((await spawned('ls', '-o', 'csv', '--query', '[].label')).stdout).toBe(
      'Administrator on ov1.example\n',
    );
    expect((await spawned('disconnect', 'hpe-oneview', '--what-if')).code).toBe(0);
    expect(cli.appliance().openSessionCount).toBe(1);
    const { code, stdout, stderr } = await spawned('disconnect', 'hpe-oneview');
    expect(stdout).toBe('ended: Administrator on ov1.example (hpe-oneview:1), verified\n');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(cli.appliance().openSessionCount).toBe(0);
    expect(JSON.parse((await spawned('history', '-o', 'json')).stdout)).toHaveLength(2);
  });

  it('takes sessions from another one of its kind', async () => {
    await spawned(...WITH_PASSWORD);
    const { stdout } = await spawned('ls', '-o', 'jsonl');
    expect((await cli.spawn(['disconnect', '-'], { stdin: stdout }).ended).code).toBe(0);
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('tells once and loudly where the key of the ledger is', async () => {
    expect((await spawned(...WITH_PASSWORD)).stderr).toMatch(/^warning: .*key/);
    expect((await spawned(...WITH_PASSWORD)).stderr).toBe('');
  });

  it('asks nobody when it has no terminal', async () => {
    expect(await spawned('connect', 'hpe-oneview', 'ov1.example')).toMatchObject({ code: 5, stdout: '' });
  });
});

describe('secrets', () => {
  it('are in no list of processes and in no output', async () => {
    cli.appliance().inject(faults.hang(), { method: 'POST', path: '/rest/login-sessions' });
    const arrived = cli.appliance().nextRequest({ method: 'POST' });
    const child = cli.spawn([...LOGIN, '--password-stdin', '--debug'], { stdin: `${PASSWORD}\n` });
    expect((await arrived).body).toContain(PASSWORD);
    const { pid = 0 } = child.child;
    if (process.platform === 'linux') {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('--password-stdin');
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(PASSWORD);
    }
    cli.appliance().removeFaults();
    child.child.kill('SIGINT');
    await child.ended;
    const outputs = [
      await child.ended,
      await spawned(...WITH_PASSWORD, '--debug', '-o', 'json'),
      await spawned('ls', '--live', '--debug', '-o', 'json'),
      await spawned('disconnect', 'hpe-oneview', '--all', '-y', '--debug', '-o', 'json'),
      await spawned('history', '--debug', '-o', 'json'),
    ];
    for (const { stdout, stderr } of outputs)
      for (const canary of cli.canaries()) expect(stdout + stderr).not.toContain(canary);
  });
});

/** Interrupts the child as soon as the appliance has got the request, and answers how it ended. */
async function interrupted(
  child: Spawned,
  arrived: Promise<unknown>,
  signal: 'SIGINT' | 'SIGTERM' = 'SIGINT',
): Promise<Ran> {
  await arrived;
  child.child.kill(signal);
  return child.ended;
}

describe('Ctrl-C', () => {
  it('while connecting: leaves no session behind in silence', async () => {
    cli.appliance().inject(faults.hang('after'), { method: 'POST', path: '/rest/login-sessions' });
    const arrived = cli.appliance().nextRequest({ method: 'POST' });
    const { code, stderr } = await interrupted(cli.spawn(WITH_PASSWORD), arrived);
    expect(code).toBe(130);
    expect(stderr).toMatch(/warning: interrupted while connecting to ov1\.example: /);
    expect(await states()).toEqual(['unknown']);
  });

  it('before the login: leaves nothing', async () => {
    cli.appliance().inject(faults.hang(), { method: 'GET', path: '/rest/version' });
    const arrived = cli.appliance().nextRequest({ path: '/rest/version' });
    expect((await interrupted(cli.spawn(WITH_PASSWORD), arrived)).code).toBe(130);
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('while a session is set up: ends it again', async () => {
    cli.appliance().inject(faults.hang(), { method: 'POST', path: '/rest/sessions/idle-timeout' });
    const arrived = cli.appliance().nextRequest({ path: '/rest/sessions/idle-timeout' });
    const child = cli.spawn([...WITH_PASSWORD, '--idle-timeout', '30']);
    expect((await interrupted(child, arrived)).code).toBe(130);
    expect(cli.appliance().openSessionCount).toBe(0);
    expect(await states()).toEqual([]);
  });

  it('while disconnecting: the session stays in the ledger, to be finished later', async () => {
    await cli.connect();
    const fault = cli.appliance().inject(faults.hang(), LOGOUT);
    const arrived = cli.appliance().nextRequest(LOGOUT);
    const { code, stdout, stderr } = await interrupted(cli.spawn(['disconnect', 'hpe-oneview']), arrived);
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted while disconnecting Administrator on ov1\.example/);
    expect(stdout).toMatch(/^failed: .*aborted/);
    expect(await states()).toEqual(['closing']);
    fault.remove();
    expect((await cli.run(['disconnect', 'hpe-oneview'])).code).toBe(0);
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('while verifying: says what is not verified', async () => {
    await cli.connect();
    cli.appliance().inject(faults.hang(), PROBE);
    const arrived = cli.appliance().nextRequest(PROBE);
    const { code, stdout, stderr } = await interrupted(cli.spawn(['disconnect', 'hpe-oneview']), arrived);
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted while verifying/);
    expect(stdout).toMatch(/not verified yet/);
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('while reading a pipe: ends at once', async () => {
    const child = cli.spawn(['disconnect', '-'], { keepStdinOpen: true });
    // More than a pipe holds: when it is written, it is being read.
    await new Promise((resolve) => child.child.stdin?.write(' '.repeat(1_000_000), resolve));
    child.child.kill('SIGINT');
    expect((await child.ended).code).toBe(130);
  });

  it('a second time leaves at once', async () => {
    await cli.connect();
    cli.appliance().inject(faults.hang(), LOGOUT);
    cli.appliance().inject(faults.hang(), { method: 'POST', path: '/rest/sessions/idle-timeout' });
    const arrived = cli.appliance().nextRequest({ path: '/rest/sessions/idle-timeout' });
    // The clean-up of this connect hangs as well.
    const child = cli.spawn([...WITH_PASSWORD, '--idle-timeout', '30']);
    await arrived;
    const cleaning = cli.appliance().nextRequest(LOGOUT);
    child.child.kill('SIGINT');
    await cleaning;
    child.child.kill('SIGINT');
    const second = performance.now();
    expect((await child.ended).code).toBe(130);
    expect(performance.now() - second).toBeLessThan(1000);
  });

  it('is answered like SIGTERM, with another code', async () => {
    await cli.connect();
    cli.appliance().inject(faults.hang(), LOGOUT);
    const arrived = cli.appliance().nextRequest(LOGOUT);
    const child = cli.spawn(['disconnect', 'hpe-oneview']);
    expect((await interrupted(child, arrived, 'SIGTERM')).code).toBe(143);
  });
});

describe('another process', () => {
  it('may end the same session at the same time', async () => {
    await cli.connect();
    const both = await Promise.all([
      spawned('disconnect', 'hpe-oneview', '1', '-o', 'json'),
      spawned('disconnect', 'hpe-oneview', '1', '-o', 'json'),
    ]);
    // The slower one finds it under way, gone, or not there any more.
    for (const { code, stderr } of both) expect([0, 4]).toContain(stderr === '' ? code : code === 4 ? 4 : -1);
    expect(cli.appliance().openSessionCount).toBe(0);
    expect(await states()).toEqual([]);
  });

  it('killed in the middle leaves a ledger that is true', async () => {
    await cli.connect();
    const fault = cli.appliance().inject(faults.hang(), LOGOUT);
    const arrived = cli.appliance().nextRequest(LOGOUT);
    const child = cli.spawn(['disconnect', 'hpe-oneview']);
    await arrived;
    child.child.kill('SIGKILL');
    await child.ended;
    expect(await states()).toEqual(['closing']);
    fault.remove();
    expect((await cli.run(['disconnect', 'hpe-oneview'])).code).toBe(0);
    expect(cli.appliance().openSessionCount).toBe(0);
  });
});

describe('a stream that fails', () => {
  it('does not stop a disconnect when its reader has gone', async () => {
    await cli.connect();
    cli.appliance().inject(faults.delay(300), LOGOUT);
    const arrived = cli.appliance().nextRequest(LOGOUT);
    const child = cli.spawn(['disconnect', 'hpe-oneview']);
    await arrived;
    child.child.stdout?.destroy();
    expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
    expect(cli.appliance().openSessionCount).toBe(0);
  });

  it('is told apart from one that is full', async () => {
    if (process.platform !== 'linux') return; // Only Linux has a device that is always full.
    const full = createWriteStream('/dev/full');
    await once(full, 'open');
    const { code, stderr } = await cli.spawn(['help'], { stdout: full }).ended;
    full.destroy();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^internal: stdout cannot be written: .*ENOSPC/);
  });
});

describe('a home that cannot be used', () => {
  it('is one clear error', async () => {
    // Not even root can make a folder there.
    const environment = { SLIPLINE_HOME: '/proc/slipline' };
    const { code, stdout, stderr } = await cli.spawn(WITH_PASSWORD, { environment }).ended;
    expect(stderr).toMatch(/^invalid-request: \/proc\/slipline.*\nnext: .*SLIPLINE_HOME/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(cli.appliance().requestCount).toBe(0);
  });

  it('is not made up where it is not absolute', async () => {
    const environment = { SLIPLINE_HOME: 'relative' };
    const { code, stderr } = await cli.spawn(['ls'], { environment }).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^invalid-request: SLIPLINE_HOME is not an absolute path: relative\nnext: /);
  });

  it('keeps nothing that is only a plan', async () => {
    mkdirSync(cli.home, { recursive: true });
    await spawned('help', 'connect', 'hpe-oneview');
    expect(readdirSync(cli.home)).toEqual([]);
  });
});
