import { existsSync, realpathSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { DisconnectError, plainText, type ErrorCode } from '@slipline/core';
import type { Environment } from '@slipline/config';

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
  // By itself npm tries for more than a minute to reach a registry that is not there.
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=3000',
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
    // An abort is an error at once; what npm has begun is over only when it is gone.
    child.once('error', (error) => signal.aborted || reject(error)).once('close', resolve);
  });
  signal.throwIfAborted();
  if (code !== 0) throw failure(said.join(''));
}

/** What npm's error codes mean here; of the others all that is known is that it could not be installed. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode, next: string])[] = [
  [/^(E404|ETARGET)$/, 'not-found', 'check the name and the version'],
  [
    /^(E(CONN|NOTFOUND|AI_AGAIN|TIMEDOUT|NETUNREACH|HOSTUNREACH)|CERT|UNABLE|SELF)/,
    'unreachable',
    'check the connection to the registry',
  ],
  [/(?:)/, 'invalid-request', 'check that it is a package, and that npm can install it'],
];

/** The line of npm's output that says why, in the words of npm. */
function failure(text: string): DisconnectError {
  const lines = text.split('\n').flatMap((line) => /^npm (?:error|ERR!) (.*)$/.exec(line)?.[1] ?? []);
  const npmCode = lines.flatMap((line) => /^code (\S+)$/.exec(line)?.[1] ?? [])[0] ?? '';
  const reason = lines.find((line) => !/^(code|errno|syscall|path) /.test(line)) ?? 'it did not say why';
  const [, code = 'internal', next] = MEANINGS.find(([pattern]) => pattern.test(npmCode)) ?? [];
  const words = plainText(reason.replace(/^(404|notarget) +/, ''), 300);
  return new DisconnectError(code, `npm could not do it: ${words}`, { next });
}

/** npm's own JavaScript, so that no shell and no `.cmd` file is needed to run it. Throws where there is none. */
function npmProgram(environment: Environment): string {
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
