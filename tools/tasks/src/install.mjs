// Brings the pinned pnpm and the dependencies, only when something they depend on has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, rootManifest } from './environment.mjs';
import { projects } from './projects.mjs';
import { runNpm } from './spawn.mjs';

const stamp = join(root, 'node_modules', '.slipline-install');

/** Runs the pinned pnpm, which npm fetches where it is not there yet. Answers its exit code. */
export function pnpm(args, options) {
  return runNpm(
    ['exec', '--yes', `--package=pnpm@${rootManifest.config.pnpm}`, '--', 'pnpm', ...args],
    options,
  );
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
  hash.update(JSON.stringify([process.platform, process.arch, rootManifest.config.pnpm]));
  const files = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'].map((file) => join(root, file));
  for (const file of [...files, ...projects().map((folder) => join(folder, 'package.json'))]) {
    hash.update(`${file}\0`);
    hash.update(existsSync(file) ? readFileSync(file) : '');
  }
  return hash.digest('hex');
}
