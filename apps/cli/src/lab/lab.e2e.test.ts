import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ENTRY } from '../own-program.ts';

// Processes that start processes, several deep.
jest.setTimeout(60_000);

const isPosix = process.platform !== 'win32';

let folder: string;
let running: ChildProcessWithoutNullStreams[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-lab-test-'));
  running = [];
});

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of its own session, so that it has no terminal to ask, and nobody else's Ctrl-C. */
function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
  const env = { PATH: process.env['PATH'], SLIPLINE_HOME: folder, SLIPLINE_KEYRING: 'off', ...environment };
  const child = spawn(process.execPath, [ENTRY, ...args], { env, cwd: folder, detached: true });
  running.push(child);
  return child;
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray());
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: (await stdout)?.join('') ?? '', stderr: (await stderr)?.join('') ?? '' };
}

const run = (args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended> =>
  ended(start(args, environment));

/** The first line a program prints. */
async function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return line;
}

interface Facts {
  readonly version: number;
  readonly providers: Readonly<
    Record<
      string,
      {
        readonly endpoint: string;
        readonly users: readonly {
          readonly userName: string;
          readonly password: string;
          readonly role: string;
        }[];
        readonly caFile: string;
        readonly environment: Readonly<Record<string, string>>;
      }
    >
  >;
}

const node = (script: string): readonly string[] => [process.execPath, '-e', script];

async function untilGone(path: string): Promise<boolean> {
  for (let tries = 0; tries < 200 && existsSync(path); tries++) await wait(50);
  return !existsSync(path);
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('slipline lab', () => {
  it('prints one line of facts, serves until it is stopped, and leaves nothing behind', async () => {
    const lab = start(['lab']);
    const said: string[] = [];
    lab.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
    const facts = JSON.parse(await firstLine(lab)) as Facts;
    expect(facts).toMatchObject({
      version: 1,
      providers: { 'hpe-oneview': { endpoint: expect.stringMatching(/^127\.0\.0\.1:\d+$/) } },
    });
    const { environment, users = [], caFile = '' } = facts.providers['hpe-oneview'] ?? {};
    const [user] = users;
    expect(environment).toMatchObject({ SLIPLINE_KEYRING: 'off', SLIPLINE_CA_FILE: caFile });
    const home = environment?.['SLIPLINE_HOME'] ?? '';
    expect(isPosix ? (await stat(home)).mode & 0o777 : 0o700).toBe(0o700);
    const connect = ['connect', 'hpe-oneview', 'MyAppliance.domain.com', '--user-name', user?.userName ?? ''];
    const connected = await run([...connect, '--password-env', 'PASSWORD'], {
      ...environment,
      PASSWORD: user?.password,
    });
    expect(connected).toMatchObject({ code: 0, stderr: '' });
    const live = await run(['ls', '--live', '-o', 'json'], environment);
    expect(JSON.parse(live.stdout)).toMatchObject([{ state: 'live', endpoint: 'MyAppliance.domain.com' }]);
    lab.kill('SIGTERM');
    expect((await once(lab, 'close'))[0]).toBe(143);
    expect(said.join('')).toContain('not a real system');
    expect(existsSync(home)).toBe(false);
  });

  it('has other passwords each time', async () => {
    const passwords = await Promise.all(
      [1, 2].map(
        async () => (await run(['lab', '--', ...node('console.log(process.env.SLIPLINE_LAB)')])).stdout,
      ),
    );
    const known = passwords.map(
      (text) => (JSON.parse(text) as Facts).providers['hpe-oneview']?.users[0]?.password ?? '',
    );
    expect(known[0]).toMatch(/^[0-9a-f]{18}$/);
    expect(known[1]).toMatch(/^[0-9a-f]{18}$/);
    expect(known[0]).not.toBe(known[1]);
  });

  it('starts only the fakes that are asked for, and says which are not to be had', async () => {
    expect(await run(['lab', '--providers', 'no-such-provider', '--', 'true'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('there is no provider "no-such-provider"'),
    });
    expect(await run(['lab', 'slipline', 'ls'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('next: slipline lab -- slipline'),
    });
    expect(await run(['lab', '--tour', '--', 'true'])).toMatchObject({ code: 2 });
  });
});

describe('slipline lab -- program', () => {
  it('runs it with the lab in its environment, slipline on its path, and answers its exit code', async () => {
    const script = `
      const { execSync } = require('node:child_process');
      const { SLIPLINE_LAB, SLIPLINE_RESOLVE, SLIPLINE_HOME } = process.env;
      const version = execSync('slipline --version', { encoding: 'utf8' }).trim();
      console.log(JSON.stringify([Object.keys(JSON.parse(SLIPLINE_LAB).providers), SLIPLINE_RESOLVE, SLIPLINE_HOME, version]));
      process.exit(7);`;
    const { code, stdout } = await run(['lab', '--', ...node(script)]);
    const [ids, resolve, home, version] = JSON.parse(stdout) as [string[], string, string, string];
    expect(code).toBe(7);
    expect(ids).toEqual(expect.arrayContaining(['entra', 'hpe-oneview', 'wsman', 'terminal-sessions']));
    expect(resolve).toContain('MyAppliance.domain.com:127.0.0.1:');
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(existsSync(home)).toBe(false);
  });

  it('keeps the person’s own key, ledger and proxy out of it', async () => {
    const script = `console.log(JSON.stringify(process.env))`;
    const { stdout } = await run(['lab', '--', ...node(script)], {
      SLIPLINE_KEY_FILE: '/not/this/one',
      CREDENTIALS_DIRECTORY: '/nor/this',
      HTTPS_PROXY: 'http://proxy.example:3128',
      KEPT: 'yes',
    });
    const environment = JSON.parse(stdout) as Record<string, string>;
    expect(environment).toMatchObject({ NO_PROXY: '*', no_proxy: '*', KEPT: 'yes', SLIPLINE_KEYRING: 'off' });
    expect(environment['SLIPLINE_HOME']).not.toBe(folder);
    expect(environment['SLIPLINE_KEY_FILE']).toContain(environment['SLIPLINE_HOME']);
    expect(environment['CREDENTIALS_DIRECTORY']).toBeUndefined();
  });

  it('says that a program does not exist', async () => {
    expect(await run(['lab', '--', 'no-such-program'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('"no-such-program" cannot be run: there is no such program'),
    });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'passes %s on, and answers what the program makes of it',
    async (signal) => {
      const script = `process.on('${signal}', () => process.exit(8)); console.log('ready'); setInterval(() => {}, 1000);`;
      const lab = start(['lab', '--', ...node(script)]);
      expect(await firstLine(lab)).toBe('ready');
      lab.kill(signal);
      expect((await once(lab, 'close'))[0]).toBe(isPosix ? 8 : 1);
    },
  );

  it('does not let it live on when the lab is killed, nor the folder', async () => {
    const script = `console.log(process.pid + ' ' + process.env.SLIPLINE_HOME); setInterval(() => {}, 1000);`;
    const lab = start(['lab', '--', ...node(script)]);
    const [pid = '', home = ''] = (await firstLine(lab)).split(' ');
    expect(isRunning(Number(pid))).toBe(true);
    lab.kill('SIGKILL');
    expect(await untilGone(home)).toBe(true);
    expect(isRunning(Number(pid))).toBe(false);
  });

  it('has the plugins of config.json, their options and their fakes', async () => {
    const config = join(folder, 'config');
    const plugin = join(config, 'node_modules', 'slipline-provider-desk');
    await mkdir(plugin, { recursive: true, mode: 0o755 });
    const exports = { '.': { import: './main.js' }, './testing': { import: './testing.js' } };
    await writeFile(
      join(plugin, 'package.json'),
      JSON.stringify({ name: 'slipline-provider-desk', type: 'module', exports }),
    );
    await writeFile(
      join(plugin, 'main.js'),
      `export default ({ title }) => ({ contract: 1, id: 'desk', title, impact: 'low', find: {}, create: () => ({}) });`,
    );
    await writeFile(
      join(plugin, 'testing.js'),
      `export const openBench = async ({ authority, password }) => ({
        facts: { endpoint: 'desk.example', users: [{ userName: 'u', password: password(), role: 'r' }],
          authority: authority.certificate, environment: { SLIPLINE_RESOLVE: 'desk.example:127.0.0.1:1' } },
        async [Symbol.asyncDispose]() {} });`,
    );
    const plugins = [
      { module: 'slipline-provider-desk', id: 'desk', options: { title: 'A desk' } },
      { module: './gone.mjs' },
    ];
    await writeFile(join(config, 'config.json'), JSON.stringify({ plugins }), { mode: 0o600 });
    const script = `
      const { execSync } = require('node:child_process');
      const { SLIPLINE_LAB, SLIPLINE_RESOLVE } = process.env;
      const answer = (command) => { try { return execSync(command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); } catch (error) { return error.stdout; } };
      console.log(JSON.stringify([JSON.parse(SLIPLINE_LAB), SLIPLINE_RESOLVE, JSON.parse(answer('slipline providers -o json'))]));`;
    const { code, stdout } = await run(['lab', '--', ...node(script)]);
    const [facts, resolve, providers] = JSON.parse(stdout) as [Facts, string, object[]];
    expect(code).toBe(0);
    expect(Object.keys(facts.providers)).toEqual(expect.arrayContaining(['hpe-oneview', 'desk']));
    expect(resolve).toMatch(/,MyAppliance.*,desk\.example:127\.0\.0\.1:1$/);
    expect(providers).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: 'desk', title: 'A desk' })]),
    );
    const alone = await run([
      'lab',
      '--providers',
      'desk',
      '--',
      ...node('console.log(process.env.SLIPLINE_LAB)'),
    ]);
    expect(Object.keys((JSON.parse(alone.stdout) as Facts).providers)).toEqual(['desk']);
  });
});
