import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const SAMBA_USER = 'opadmin';
export const SAMBA_PASSWORD = 'Passw0rd!';

export interface SambaSettings {
  /** Lines for `[global]`; a setting given here wins. */
  readonly global?: Readonly<Record<string, string>>;
}

/** Debian's smbd on a port of its own, everything it writes in a directory of its own. Needs root. */
export class Samba {
  readonly port: number;
  /** Where smbd looks for what listens behind pipes that are not its own. */
  readonly pipes: string;
  readonly #directory: string;
  readonly #process: ChildProcess;

  constructor(port: number, directory: string, process: ChildProcess) {
    this.port = port;
    this.pipes = join(directory, 'ncalrpc', 'np');
    this.#directory = directory;
    this.#process = process;
  }

  static async start({ global = {} }: SambaSettings = {}): Promise<Samba> {
    const directory = await mkdtemp(join(tmpdir(), 'slipline-samba-'));
    const port = await freePort();
    const file = join(directory, 'smb.conf');
    for (const name of ['lock', 'state', 'cache', 'private', 'pid', 'ncalrpc', 'data'])
      await mkdir(join(directory, name));
    await chmod(directory, 0o755);
    await chmod(join(directory, 'private'), 0o700);
    await mkdir(join(directory, 'ncalrpc', 'np'), { mode: 0o700 });
    await writeFile(file, configuration(directory, { 'smb ports': String(port), ...global }));
    await run('id', [SAMBA_USER]).catch(() => run('useradd', ['-M', '-s', '/usr/sbin/nologin', SAMBA_USER]));
    await run(
      'smbpasswd',
      ['-c', file, '-L', '-s', '-a', SAMBA_USER],
      `${SAMBA_PASSWORD}\n${SAMBA_PASSWORD}\n`,
    );
    await run('net', [
      `--configfile=${file}`,
      ...[
        'groupmap',
        'add',
        'sid=S-1-5-32-544',
        `unixgroup=${SAMBA_USER}`,
        'type=builtin',
        'ntgroup=Administrators',
      ],
    ]);
    // A group of its own: on SIGTERM smbd signals all of its group.
    const process = spawn('smbd', ['--foreground', '--no-process-group', `--configfile=${file}`], {
      detached: true,
      stdio: 'ignore',
    });
    const samba = new Samba(port, directory, process);
    await samba.#untilListening();
    return samba;
  }

  async dial(): Promise<Socket> {
    return await new Promise<Socket>((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => resolve(socket));
      socket.once('error', reject);
    });
  }

  async stop(): Promise<void> {
    const daemon = await readFile(join(this.#directory, 'pid', 'samba-dcerpcd.pid'), 'utf8').catch(
      () => undefined,
    );
    if (daemon !== undefined) end(Number(daemon));
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    end(-this.#process.pid!);
    await ended;
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #untilListening(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const socket = await this.dial().catch(() => undefined);
      if (socket !== undefined) {
        socket.destroy();
        return;
      }
      if (this.#process.exitCode !== null) throw new Error(`smbd ended with ${this.#process.exitCode}`);
      await setTimeout(50);
    }
    throw new Error('smbd does not listen');
  }
}

function configuration(directory: string, settings: Readonly<Record<string, string>>): string {
  const global = {
    'server role': 'standalone server',
    'netbios name': 'TSTHOST',
    interfaces: 'lo',
    'bind interfaces only': 'yes',
    'disable netbios': 'yes',
    'lock directory': `${directory}/lock`,
    'state directory': `${directory}/state`,
    'cache directory': `${directory}/cache`,
    'private dir': `${directory}/private`,
    'pid directory': `${directory}/pid`,
    'ncalrpc dir': `${directory}/ncalrpc`,
    'passdb backend': `tdbsam:${directory}/private/passdb.tdb`,
    'log file': `${directory}/log.%m`,
    'load printers': 'no',
    'disable spoolss': 'yes',
    'printcap name': '/dev/null',
    'server min protocol': 'SMB2_02',
    'server max protocol': 'SMB3_11',
    'server signing': 'mandatory',
    'server smb encrypt': 'desired',
    'ntlm auth': 'ntlmv2-only',
    'map to guest': 'never',
    'restrict anonymous': '2',
    'admin users': SAMBA_USER,
    ...settings,
  };
  const lines = Object.entries(global).map(([name, value]) => `  ${name} = ${value}`);
  return ['[global]', ...lines, '[data]', `  path = ${directory}/data`, '  read only = no', ''].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function run(command: string, parameters: readonly string[], input = ''): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = execFile(command, parameters, (cause) =>
      cause ? reject(new Error(`${command} failed`, { cause })) : resolve(),
    );
    // One that ends without reading what it is given is heard of above.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

function end(id: number): void {
  try {
    process.kill(id);
  } catch {
    // Gone already.
  }
}
