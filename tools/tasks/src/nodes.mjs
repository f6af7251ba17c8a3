// Other versions of Node for a test run, from the platform packages that the `node` package of the npm registry stands on. They
// hold a binary and run no install script.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './environment.mjs';
import { runNpm } from './spawn.mjs';

/** A release of Node, or the newest of a major version, installed below node_modules. Answers its binary. Throws when there is none. */
export function releaseOfNode(version) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(root, 'node_modules', '.cache', `node-${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const code = runNpm(['install', '--no-save', '--ignore-scripts', ...quiet, `${name}@${version}`], {
    cwd: folder,
  });
  if (code !== 0)
    throw new Error(`Node ${version} cannot be installed: npm has no ${name}@${version} for this machine.`);
  return join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
