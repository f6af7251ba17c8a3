import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { faults } from '@slipline/hpe-oneview/testing';
import {
  CommandLine,
  PASSWORD,
  type Ran,
  type Spawned,
  type SpawnOptions,
} from './command-line.test.support.ts';

// `run` and `cleanup` as processes of their own: they run what `nx build` made.

jest.setTimeout(15_000);

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start(['ov1.example', 'ov2.example']);
});
afterEach(() => cli[Symbol.asyncDispose]());

const LOGOUT = { method: 'DELETE', path: '/rest/login-sessions' };
const spec = (host: string): string =>
  `hpe-oneview ${host} --user-name Administrator --password-env PASSWORD`;
const OV1 = spec('ov1.example');
const OV2 = spec('ov2.example');

const begin = (argv: readonly string[], options?: SpawnOptions): Spawned =>
  cli.spawn(['run', ...argv], options);
const run = (...argv: string[]): Promise<Ran> => begin(argv).ended;
const node = (script: string): readonly string[] => ['--', process.execPath, '-e', script];
const count = (name: string): number => cli.appliance(name).openSessionCount;

async function listed(): Promise<unknown> {
  return JSON.parse((await cli.run(['ls', '--all', '-o', 'json', '--query', '[].[id, state]'])).stdout);
}

/** Waits until the program that runs has written this file. */
async function written(name: string): Promise<string> {
  const file = cli.path(name);
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(10);
  return readFileSync(file, 'utf8');
}

/** A program that says that it is there, and waits to be stopped. */
const waiting = (name: string, more = ''): readonly string[] =>
  node(
    `${more}; require('fs').writeFileSync(${JSON.stringify(cli.path(name))}, String(process.pid)); setInterval(() => {}, 1000)`,
  );

describe('run', () => {
  it('gives a session to a program, and ends it afterwards', async () => {
    const script = `
      const { ONEVIEWSDK_IP, ONEVIEWSDK_SESSIONID, PASSWORD } = process.env;
      console.log(JSON.stringify([ONEVIEWSDK_IP, ONEVIEWSDK_SESSIONID.length > 8, PASSWORD]))`;
    const { code, stdout, stderr } = await run('--with', OV1, '--reason', 'CHG-1', ...node(script));
    expect(JSON.parse(stdout)).toEqual(['ov1.example', true, null]);
    expect(stderr).toMatch(
      /connected: Administrator on ov1\.example \(hpe-oneview:1\)\n.*ended: .*, verified\n$/s,
    );
    expect([code, count('ov1.example'), await listed()]).toEqual([0, 0, []]);
    const receipts: unknown = JSON.parse(
      (await cli.run(['history', '-o', 'json', '--query', '[].[kind, reason]'])).stdout,
    );
    expect(receipts).toEqual([
      ['disconnect', 'CHG-1'],
      ['access', 'CHG-1'],
      ['connect', 'CHG-1'],
    ]);
  });

  it('answers the exit code of the program, whatever it is', async () => {
    expect((await run('--with', OV1, ...node('process.exit(42)'))).code).toBe(42);
    expect((await run('--with', OV1, ...node('process.kill(process.pid, "SIGKILL")'))).code).toBe(137);
    expect(await run('--with', OV1, '--', '/no/such/program')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no such program/),
    });
    expect([count('ov1.example'), await listed()]).toEqual([0, []]);
  });

  it('gives several sessions names of their own', async () => {
    const script =
      'console.log(process.env.A_ONEVIEWSDK_IP, process.env.B_ONEVIEWSDK_IP, process.env.ONEVIEWSDK_IP)';
    const { stdout } = await run('--with', `A=${OV1}`, '--with', `B=${OV2}`, ...node(script));
    expect(stdout).toBe('ov1.example ov2.example undefined\n');
    expect([count('ov1.example'), count('ov2.example')]).toEqual([0, 0]);
    expect(await run('--with', OV1, '--with', OV2, ...node(''))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/next: .*--with 'A=hpe-oneview/),
    });
  });

  it('borrows a session that is open, and does not end it', async () => {
    await cli.connect();
    const { code, stdout } = await run(
      '--with',
      'hpe-oneview:1',
      ...node('console.log(process.env.ONEVIEWSDK_IP)'),
    );
    expect([code, stdout, count('ov1.example')]).toEqual([0, 'ov1.example\n', 1]);
    expect(await listed()).toEqual([['1', 'live']]);
    expect(await run('--with', 'hpe-oneview:7', ...node(''))).toMatchObject({ code: 4 });
  });

  it('adopts a session, and forgets it afterwards', async () => {
    const { token } = cli.appliance('ov1.example').openSession({ userName: 'Administrator' });
    const environment = { TOKEN: token };
    const argv = [
      '--with',
      'hpe-oneview ov1.example --session-id-env TOKEN',
      ...node('console.log(process.env.TOKEN)'),
    ];
    const { code, stdout, stderr } = await begin(argv, { environment }).ended;
    expect([code, stdout, count('ov1.example'), await listed()]).toEqual([0, 'undefined\n', 1, []]);
    expect(stderr).toMatch(/forgotten: /);
  });

  it('ends what it had opened where the next cannot be opened', async () => {
    cli.appliance('ov2.example').inject(faults.busy(), { method: 'POST', path: '/rest/login-sessions' });
    const { code, stdout } = await run(
      '--with',
      `A=${OV1}`,
      '--with',
      `B=${OV2}`,
      ...node('console.log("ran")'),
    );
    expect(code).not.toBe(0);
    expect([stdout, count('ov1.example')]).toEqual(['', 0]);
  });

  it.each([
    [['--with', 'hpe-oneview:1'], /no program/],
    [['--', 'true'], /with which sessions/],
    [['x', '--with', 'hpe-oneview:1', '--', 'true'], /"x" is not expected/],
    [['--with', 'hpe-oneview ov1.example --password-stdin', '--', 'true'], /stdin is the command's/],
    [['--with', 'no-such-provider x', '--', 'true'], /no-such-provider/],
    [['--with', 'hpe-oneview', '--', 'true'], /appliance is required|--appliance/],
  ])('refuses %j before anything is opened', async (argv, message) => {
    const { code, stderr } = await run(...argv);
    expect(stderr).toMatch(message);
    expect([code, cli.appliance('ov1.example').requestCount]).toEqual([2, 0]);
  });

  it('keeps the exit code of the program where a session cannot be ended, and leaves it to a clean-up', async () => {
    const fault = cli.appliance('ov1.example').inject(faults.busy(), LOGOUT);
    const { code, stderr } = await run('--with', OV1, '--timeout', '1s', ...node('process.exit(7)'));
    expect(stderr).toMatch(/failed: .*\n.*next: .*To try that again: slipline cleanup/s);
    expect([code, count('ov1.example'), await listed()]).toEqual([7, 1, [['1', 'closing']]]);
    expect((await run('--with', OV2, '--require-verified', ...node(''))).code).toBe(0);
    fault.remove();
    expect((await cli.run(['cleanup'])).stdout).toMatch(/^ended: .*verified\n$/);
    expect([count('ov1.example'), await listed()]).toEqual([0, []]);
  });

  it('fails with --require-verified where the program succeeds and the end cannot be verified', async () => {
    cli.appliance('ov1.example').inject(faults.busy(), { method: 'GET', path: '/rest/sessions' });
    const argv = ['--with', OV1, '--require-verified', '--timeout', '1s', ...node('')];
    expect((await run(...argv)).code).toBe(7);
  });
});

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    "%s is the program's to answer, and what it was given ends",
    async (signal) => {
      const child = begin([
        '--with',
        OV1,
        ...waiting('pid', `process.on('${signal}', () => process.exit(5))`),
      ]);
      await written('pid');
      child.child.kill(signal);
      expect((await child.ended).code).toBe(5);
      expect([count('ov1.example'), await listed()]).toEqual([0, []]);
    },
  );

  it('that the program does not catch is its exit code', async () => {
    const child = begin(['--with', OV1, ...waiting('pid')]);
    await written('pid');
    child.child.kill('SIGTERM');
    expect((await child.ended).code).toBe(143);
    expect(count('ov1.example')).toBe(0);
  });

  it('a second time: leaves at once, and the rest to a clean-up', async () => {
    const child = begin(['--with', OV1, ...waiting('pid', "process.on('SIGINT', () => {})")]);
    const pid = Number(await written('pid'));
    child.child.kill('SIGINT');
    while (!child.stderr().includes('interrupted')) await sleep(10);
    child.child.kill('SIGINT');
    const second = performance.now();
    expect((await child.ended).code).toBe(130);
    expect(performance.now() - second).toBeLessThan(1000);
    while (isRunning(pid)) await sleep(10);
    expect(count('ov1.example')).toBe(1);
    expect((await cli.run(['cleanup'])).code).toBe(0);
    expect([count('ov1.example'), await listed()]).toEqual([0, []]);
  });

  it('a second time while sessions are ended: leaves at once', async () => {
    const fault = cli.appliance('ov1.example').inject(faults.hang(), LOGOUT);
    const arrived = cli.appliance('ov1.example').nextRequest(LOGOUT);
    const child = begin(['--with', OV1, ...node('')]);
    await arrived;
    child.child.kill('SIGINT');
    while (!child.stderr().includes('interrupted')) await sleep(10);
    child.child.kill('SIGINT');
    const second = performance.now();
    expect((await child.ended).code).toBe(130);
    expect(performance.now() - second).toBeLessThan(1000);
    fault.remove();
    expect((await cli.run(['cleanup'])).code).toBe(0);
    expect([count('ov1.example'), await listed()]).toEqual([0, []]);
  });
});

describe('a run that is killed', () => {
  it('leaves a session that no other process takes for its own, and that a clean-up ends', async () => {
    const child = begin(['--with', OV1, ...waiting('pid')]);
    const pid = Number(await written('pid'));
    expect(JSON.parse((await cli.spawn(['ls', '-o', 'json']).ended).stdout)).toEqual([]);
    expect((await cli.spawn(['cleanup']).ended).stderr).toMatch(/Nothing was left behind/);
    expect((await cli.spawn(['disconnect', 'hpe-oneview', '--all', '--yes']).ended).stderr).toMatch(
      /nothing/,
    );
    expect(count('ov1.example')).toBe(1);
    child.child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await child.ended;
    expect((await cli.spawn(['cleanup', '--what-if']).ended).stdout).toBe(
      'would end Administrator on ov1.example (hpe-oneview:1)\n',
    );
    expect(await cli.spawn(['cleanup']).ended).toMatchObject({
      code: 0,
      stdout: 'ended: Administrator on ov1.example (hpe-oneview:1), verified\n',
    });
    expect([count('ov1.example'), await listed()]).toEqual([0, []]);
  });

  it('is cleaned up after by the next connect, in silence', async () => {
    const child = begin(['--with', OV1, ...waiting('pid')]);
    const pid = Number(await written('pid'));
    child.child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await child.ended;
    const { code, stdout, stderr } = await cli.connect('ov2.example');
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'connected: Administrator on ov2.example (hpe-oneview:1), the default\n',
      stderr: '',
    });
    expect([count('ov1.example'), count('ov2.example')]).toEqual([0, 1]);
  });
});

describe('two runs at once', () => {
  it("never see each other's sessions", async () => {
    const look = `
      const { spawnSync } = require('child_process');
      const { writeFileSync, existsSync } = require('fs');
      const [own, other] = process.argv.slice(1);
      writeFileSync(own, 'x');
      const until = () => { if (!existsSync(other)) return setTimeout(until, 10); check(); };
      const slipline = (...args) => spawnSync(process.execPath, [${JSON.stringify(cliProgram())}, ...args], { encoding: 'utf8' }).stdout;
      const check = () => {
        console.log(slipline('ls', '-o', 'json', '--query', '[].[endpoint, isDefault]').replace(/\\s/g, ''));
        console.log(slipline('access', 'hpe-oneview').match(/ONEVIEWSDK_IP='(.*)'/)[1]);
        console.log(slipline('disconnect', 'hpe-oneview', '--all', '--yes', '--what-if').trim());
      };
      until();`;
    const [one, two] = await Promise.all([
      run('--with', OV1, '--', process.execPath, '-e', look, cli.path('one'), cli.path('two')),
      run('--with', OV2, '--', process.execPath, '-e', look, cli.path('two'), cli.path('one')),
    ]);
    for (const [ran, host] of [
      [one, 'ov1.example'],
      [two, 'ov2.example'],
    ] as const) {
      const [ls, access, disconnect] = ran.stdout.split('\n');
      expect(ls).toBe(`[["${host}",true]]`);
      expect(access).toBe(host);
      expect(disconnect).toMatch(new RegExp(`^would end Administrator on ${host} \\(hpe-oneview:\\d\\)$`));
    }
    expect([count('ov1.example'), count('ov2.example')]).toEqual([0, 0]);
  });
});

describe('cleanup', () => {
  it('has nothing to do where nothing was left', async () => {
    await cli.connect();
    expect(await cli.run(['cleanup'])).toEqual({ code: 0, stdout: '', stderr: 'Nothing was left behind.\n' });
    expect(count('ov1.example')).toBe(1);
  });

  it('keeps what may exist, says until when, and forgets it by force', async () => {
    cli
      .appliance('ov1.example')
      .inject(faults.hang('after'), { method: 'POST', path: '/rest/login-sessions' });
    const arrived = cli.appliance('ov1.example').nextRequest({ method: 'POST' });
    const child = cli.spawn(['connect', ...OV1.split(' ')]);
    await arrived;
    child.child.kill('SIGKILL');
    await child.ended;
    const { code, stdout } = await cli.run(['cleanup']);
    expect(stdout).toMatch(
      /^kept: ov1\.example \(hpe-oneview:1\): whether .* is not known; the system ends it by 20.*; slipline cleanup --force forgets it\n$/,
    );
    expect([code, await listed()]).toEqual([0, [['1', 'unknown']]]);
    const kept: unknown = JSON.parse((await cli.run(['cleanup', '-o', 'json'])).stdout);
    expect(kept).toMatchObject([{ status: 'kept', session: { endpoint: 'ov1.example' } }]);
    expect((await cli.run(['cleanup', '--force'])).stdout).toMatch(
      /^forgotten: .*remains: whether the system has the session is not known\n$/,
    );
    expect(await listed()).toEqual([]);
  });

  it('and disconnect forget sessions of a system that is gone for good, by force', async () => {
    await cli.connect();
    const environment = { SLIPLINE_RESOLVE: 'ov1.example:127.0.0.1:1' };
    const gone = ['disconnect', 'hpe-oneview', '1'];
    expect((await cli.run(gone, { environment })).code).toBe(6);
    expect((await cli.run(['cleanup'], { environment })).code).toBe(6);
    const { code, stdout } = await cli.run([...gone, '--force'], { environment });
    expect(stdout).toBe(
      'forgotten: Administrator on ov1.example (hpe-oneview:1), cannot be verified; remains: the session may live on at ov1.example\n',
    );
    expect([code, await listed()]).toEqual([0, []]);
  });
});

describe('what a run was given', () => {
  it('is in the environment of its program and nowhere else', async () => {
    if (process.platform !== 'linux') return;
    const child = begin(['--with', OV1, '--debug', ...waiting('pid')]);
    const pid = Number(await written('pid'));
    const [token = ''] = cli
      .appliance('ov1.example')
      .sessions()
      .map((session) => session.token);
    const proc = (id: number, what: string): string => readFileSync(`/proc/${id}/${what}`, 'utf8');
    expect(proc(pid, 'environ')).toContain(token);
    expect(proc(pid, 'environ')).not.toContain(PASSWORD);
    const own = child.child.pid ?? 0;
    for (const text of [proc(own, 'environ'), proc(own, 'cmdline'), proc(pid, 'cmdline')])
      expect(text).not.toContain(token);
    for (const one of [own, pid]) expect(proc(one, 'cmdline')).not.toContain(PASSWORD);
    child.child.kill('SIGTERM');
    const { stdout, stderr } = await child.ended;
    for (const canary of [token, PASSWORD]) expect(stdout + stderr).not.toContain(canary);
  });
});

function cliProgram(): string {
  return new URL('../bin/slipline.cjs', import.meta.url).pathname;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
