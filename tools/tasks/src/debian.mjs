// Debian packages that tests need, installed where they are missing.
import { spawnSync } from 'node:child_process';

/** Installs what is missing. Throws a sentence that names what to install when that cannot be done here. */
export function installDebianPackages(names, run = spawnSync) {
  if (names.length === 0) return;
  const missing = names.filter((name) => !isInstalled(name, run));
  if (missing.length === 0) return;
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command, ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return run(command, rest, { stdio: ['ignore', 2, 2] }).status === 0;
  };
  const install = () => apt('install', '-y', '--no-install-recommends', ...missing);
  // A machine that has never fetched the package lists, or not for long, finds nothing at first.
  if (!install() && !(apt('update') && install())) {
    throw new Error(`These tests need ${missing.join(', ')}: install it with the system's package manager.`);
  }
}

function isInstalled(name, run) {
  const { status, stdout } = run('dpkg-query', ['-W', '-f=${db:Status-Abbrev}', name], { encoding: 'utf8' });
  return status === 0 && stdout.startsWith('ii');
}
