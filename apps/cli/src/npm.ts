import { existsSync, realpathSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { DisconnectError, plainText } from '@slipline/core';
import type { Environment } from './environment.ts';

/** What npm writes, only this user may read or write. */
const OWN_FILES = ['--import', 'data:text/javascript,process.umask(0o077)'];

/** Nothing of a package runs while it is installed, and nothing but the package comes with it. */
const ALWAYS = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-workspaces',
  '--global=false',
  '--omit=dev',
  // Core and testkit are peers of every plugin, and are lent by the running program.
  '--legacy-peer-deps',
  '--loglevel=error',
];

/** Runs npm in `folder`, which becomes the place it installs to. Throws what npm said where it fails, and on abort. */
export async function runNpm(
  folder: string,
  args: readonly string[],
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const command = [...OWN_FILES, npmProgram(environment), ...args, ...ALWAYS, '--prefix', folder];
  const said: string[] = [];
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code === 0) return;
  throw new DisconnectError('unreachable', `npm could not do it: ${reasonOf(said.join(''))}`, {
    next: 'check the name, the version, and the connection to the registry',
  });
}

/** The line of npm's output that says why. */
function reasonOf(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => plainText(line.replace(/^npm (error|ERR!) ?/, ''), 300).trim());
  return lines.find((line) => line !== '' && !/^code /.test(line)) ?? 'it did not say why';
}

/** npm's own JavaScript, so that no shell and no `.cmd` file is needed to run it. Throws where there is none. */
export function npmProgram(environment: Environment): string {
  const given = environment['npm_execpath'];
  if (given?.endsWith('npm-cli.js') === true && existsSync(given)) return given;
  const folders = [
    dirname(process.execPath),
    ...(environment['PATH'] ?? environment['Path'] ?? '').split(delimiter),
  ];
  for (const folder of folders.filter((one) => one !== '')) {
    const places = ['node_modules', '../lib/node_modules', '../share/nodejs'].map((place) =>
      join(folder, place, 'npm', 'bin', 'npm-cli.js'),
    );
    const program = [...places, linkedFrom(join(folder, 'npm'))].find(
      (path) => path !== undefined && existsSync(path),
    );
    if (program !== undefined) return program;
  }
  throw new DisconnectError('unsupported', 'there is no npm here to install a plugin with', {
    next: 'install npm, or name a file beside config.json as a plugin',
  });
}

function linkedFrom(path: string): string | undefined {
  const target = existsSync(path) ? realpathSync(path) : '';
  return target.endsWith('npm-cli.js') ? target : undefined;
}
