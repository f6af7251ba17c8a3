import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Agent, fetch as undiciFetch } from 'undici';

/** The npm tag `latest` is another program of the same name. */
const PACKAGE = 'emulate@0.11.2';
const ORIGIN = 'https://login.emulate.test';

export interface Emulated {
  /** What an environment names as its login. */
  readonly origin: string;
  /** Reaches it, and nothing else. */
  readonly fetch: typeof fetch;
}

export interface Emulator extends AsyncDisposable {
  /** One service for each seed, in their order. */
  readonly services: readonly Emulated[];
}

// It listens on every interface and cannot be told not to, so it gets a network of its own, with a loopback and nothing else.
// A socket in the file system is the way in.
const LAUNCHER = `
const { spawn } = require('node:child_process');
const net = require('node:net');
const [, , command, ...services] = process.argv;
const children = services.map((text) => {
  const { port, seed, origin } = JSON.parse(text);
  const args = [command, 'start', '--service', 'microsoft', '--port', String(port), '--base-url', origin, '--seed', seed];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
});
const stop = () => { for (const child of children) child.kill('SIGKILL'); process.exit(0); };
process.on('SIGTERM', stop);
process.stdin.on('end', stop).resume();
for (const child of children) child.on('exit', (code) => { console.error('emulate ended with', code); process.exit(1); });
const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});
(async () => {
  for (const text of services) {
    const { port, path } = JSON.parse(text);
    while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => net.createServer((outside) => {
      const inside = net.connect(port, '127.0.0.1');
      for (const socket of [outside, inside]) socket.on('error', () => { outside.destroy(); inside.destroy(); });
      outside.pipe(inside).pipe(outside);
    }).listen(path, resolve));
  }
  console.log('ready');
})();
`;

/** Installs the program into a folder of its own and starts it once for each seed (JSON). Throws, saying what is missing. */
export async function startEmulator(seeds: readonly object[]): Promise<Emulator> {
  const folder = await mkdtemp(join(tmpdir(), 'slipline-emulate-'));
  try {
    await install(folder);
    const services = await Promise.all(
      seeds.map(async (seed, index) => {
        const [seedFile, path] = [join(folder, `seed${index}.json`), join(folder, `${index}.sock`)];
        await writeFile(seedFile, JSON.stringify(seed));
        return { port: 4105 + index, seed: seedFile, path, origin: ORIGIN };
      }),
    );
    const child = await launch(folder, services);
    return {
      services: services.map(({ path }) => ({ origin: ORIGIN, fetch: fetchOver(path) })),
      [Symbol.asyncDispose]: async () => {
        const ended = once(child, 'close');
        child.stdin?.end();
        await ended;
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function install(folder: string): Promise<void> {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', ['install', '--prefix', folder, ...options, PACKAGE], { cwd: folder });
  } catch (error) {
    throw new Error(`${PACKAGE} cannot be installed: it comes from the npm registry.`, { cause: error });
  }
}

async function launch(folder: string, services: readonly object[]): Promise<ChildProcess> {
  const launcher = join(folder, 'launcher.cjs');
  await writeFile(launcher, LAUNCHER);
  const command = join(folder, 'node_modules', 'emulate', 'dist', 'index.js');
  const program = [
    process.execPath,
    launcher,
    command,
    ...services.map((service) => JSON.stringify(service)),
  ];
  // Only root may make a network without a namespace for users around it.
  const unshare = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];
  const start = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...program];
  const environment = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn('unshare', [...unshare, ...start], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment,
  });
  const problems: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => problems.push(text));
  child.once('error', (error) => problems.push(error.message));
  for await (const line of createInterface({ input: child.stdout })) if (line === 'ready') return child;
  throw new Error(
    `emulate does not run in a network of its own (unshare of util-linux, ip of iproute2, and the right to use them are needed): ${problems.join('')}`,
  );
}

function fetchOver(socketPath: string): typeof fetch {
  const dispatcher = new Agent({ connect: { socketPath }, keepAliveTimeout: 10 });
  const fetching = (url: string, init: object) =>
    undiciFetch(url.replace(ORIGIN, 'http://login.emulate.test'), { ...init, dispatcher });
  return fetching as unknown as typeof fetch;
}
