// Where things are, and what every child process of a task gets.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');

export const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The environment of child processes: the workspace's programs and this Node first, Nx at home and silent. */
export function childEnvironment(environment = process.env, node = process.execPath) {
  // Windows calls the variable `Path`; of two spellings one would win by chance.
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const path = [join(root, 'node_modules', '.bin'), dirname(node), environment[name]];
  return {
    ...environment,
    // `npm run -s` silences npm's banner; an npm that is started from here must still say why it fails.
    npm_config_loglevel:
      environment.npm_config_loglevel === 'silent' ? 'warn' : environment.npm_config_loglevel,
    [name]: path.filter(Boolean).join(delimiter),
    NX_NO_CLOUD: 'true',
    NX_DAEMON: 'false',
    NX_TUI: 'false',
  };
}

/** npm's own JavaScript, so that neither a shell nor a `.cmd` file is needed to start it. Throws a sentence when there is none. */
export function npmProgram(environment = process.env, node = process.execPath) {
  if (environment.npm_execpath?.endsWith('npm-cli.js')) return environment.npm_execpath;
  const places = ['node_modules', '../lib/node_modules', '../share/nodejs'];
  const found = places
    .map((place) => join(dirname(node), place, 'npm', 'bin', 'npm-cli.js'))
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`No npm beside ${node}: start this through npm, as in "npm test".`);
  return found;
}
