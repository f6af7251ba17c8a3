// Brings the pinned pnpm and the dependencies, only when something they depend on has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifest, npmProgram, root } from './environment.mjs';
import { projects } from './projects.mjs';
import { runNode } from './spawn.mjs';

const stamp = join(root, 'node_modules', '.slipline-install');

/** Runs the pinned pnpm, which npm fetches where it is not there yet. Answers its exit code. */
export function pnpm(args, options) {
  const exec = ['exec', '--yes', `--package=pnpm@${manifest.config.pnpm}`, '--', 'pnpm'];
  return runNode([npmProgram(), ...exec, ...args], options);
}

/** Installs what the lockfile names, unless the last complete install was of the same. Answers an exit code. */
export function install({ stdio = 'inherit' } = {}) {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0;
  const code = pnpm(['install', '--frozen-lockfile', '--prefer-offline'], { stdio });
  if (code !== 0) return code;
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  return 0;
}

function fingerprint() {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([process.platform, process.arch, manifest.config.pnpm]));
  const files = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'].map((file) => join(root, file));
  for (const file of [...files, ...projects().map((folder) => join(folder, 'package.json'))]) {
    hash.update(`${file}\0`).update(existsSync(file) ? readFileSync(file) : '').update('\0');
  }
  return hash.digest('hex');
}
