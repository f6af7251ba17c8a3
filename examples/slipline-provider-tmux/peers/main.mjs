// Builds and tests this package as its author would: in an empty folder, against packed tarballs of Slipline. Then installs it as
// its user would, and uses it from the command line. Needs tmux, and the tarballs of core, testkit, ledger and cli in the folder
// SLIPLINE_TARBALLS. Writes what it counted to the file SLIPLINE_RESULTS, in the form of Jest's --json.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { runTests } from './run-tests.mjs';

const here = resolve(import.meta.dirname, '..');
const MADE = ['node_modules', 'dist'];

/** The tarball of a package of Slipline; throws where there is not just one. */
function tarballOf(name, folder = process.env.SLIPLINE_TARBALLS ?? '') {
  const found = readdirSync(folder).filter((file) => new RegExp(`^slipline-${name}-\\d.*\\.tgz$`).test(file));
  if (found.length !== 1) throw new Error(`${folder} has ${found.length} tarballs of @slipline/${name}.`);
  return join(folder, found[0]);
}

function npm(folder, ...args) {
  const program = process.env.npm_execpath;
  if (program === undefined) throw new Error('Run this as npm does: npm run test:peers.');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync(process.execPath, [program, ...args, ...quiet], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`npm ${args[0]} ended with ${status}.`);
}

/** The author's folder: sources, compiler, core and testkit. Answers the tests' files. */
function buildIn(folder) {
  cpSync(here, folder, { recursive: true, filter: (path) => !MADE.includes(basename(path)) });
  npm(folder, 'install', '--no-save', '--prefer-offline', tarballOf('core'), tarballOf('testkit'));
  npm(folder, 'run', 'build');
  const files = readdirSync(join(folder, 'dist'), { recursive: true });
  return files.filter((file) => file.endsWith('.test.js')).map((file) => join(folder, 'dist', file));
}

/** The user's folder: the command line, and nothing of this package. */
function installIn(folder) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packages = ['core', 'testkit', 'ledger', 'cli'].map((name) => tarballOf(name));
  npm(folder, 'install', '--prefer-offline', ...packages);
}

const folder = mkdtempSync(join(tmpdir(), 'slipline-example-'));
try {
  const author = join(folder, 'author');
  const user = join(folder, 'user');
  const tests = buildIn(author);
  npm(author, 'pack', '--ignore-scripts', '--pack-destination', folder);
  const [packed] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  installIn(user);
  process.env.SLIPLINE_EXAMPLE = JSON.stringify({
    tarball: join(folder, packed),
    program: join(user, 'node_modules/@slipline/cli/bin/slipline.cjs'),
    testing: join(author, 'dist/testing/index.js'),
  });
  const { passed, failed } = await runTests([...tests, join(here, 'peers/end-to-end.mjs')]);
  const { SLIPLINE_RESULTS: results } = process.env;
  if (results !== undefined) {
    const counts = { numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: 0 };
    writeFileSync(results, JSON.stringify(counts));
  }
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
