// Tests against real programs: files called `*.peer.test.ts`, and the packages in examples/, which are strangers to the workspace.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { jestCount, neverSilent, NONE } from './count.mjs';
import { installDebianPackages } from './debian.mjs';
import { pack } from './pack.mjs';
import { examples, filesBelow, publishedProjects, readManifest } from './projects.mjs';
import { runSteps } from './run-steps.mjs';
import { runNpm, runTool } from './spawn.mjs';
import { build } from './steps.mjs';

const JEST_ENVIRONMENT = { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' };

/** Installs what the tests need and runs them all. Prints a table and the summary line, and answers the counts. */
export async function peers() {
  const results = mkdtempSync(join(tmpdir(), 'slipline-peers-'));
  try {
    return await runSteps(peerSteps(results));
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

function peerSteps(results) {
  const installing = { name: 'Debian packages', run: () => done(installDebianPackages(neededPackages())) };
  const suites = { name: 'packages and apps', run: () => peerSuites(results) };
  const folders = examples();
  if (folders.length === 0) return [installing, suites];
  const tarballs = join(results, 'tarballs');
  const packing = { name: 'tarballs for the examples', run: async () => done(await pack(tarballs)) };
  return [installing, suites, packing, ...folders.map((folder) => exampleStep(folder, tarballs, results))];
}

/** What throws when it fails has nothing to count when it does not. */
const done = () => NONE;

/** A project or example names the Debian packages of its peers in package.json: `"config": { "debianPackages": ["tmux"] }`. */
function neededPackages() {
  const named = [...publishedProjects(), ...examples()].flatMap(
    (folder) => readManifest(folder).config?.debianPackages ?? [],
  );
  return [...new Set(named)];
}

function peerSuites(results) {
  const files = publishedProjects().flatMap((folder) => filesBelow(join(folder, 'src')));
  if (!files.some((file) => file.endsWith('.peer.test.ts'))) return NONE;
  if (build() !== 0) return { passed: 0, failed: 1 };
  const file = join(results, 'peers.json');
  const code = runTool('jest', ['--config', 'jest.peers.config.cjs', '--json', `--outputFile=${file}`], {
    environment: JEST_ENVIRONMENT,
    stdio: ['ignore', 2, 2],
  });
  return neverSilent(jestCount(file), code);
}

/**
 * An example has the script `test:peers`. It finds the tarballs of this workspace in the folder SLIPLINE_TARBALLS, and writes the
 * results of its tests, as Jest's --json does, to the file SLIPLINE_RESULTS.
 */
function exampleStep(folder, tarballs, results) {
  const file = join(results, `${basename(folder)}.json`);
  const environment = { SLIPLINE_TARBALLS: tarballs, SLIPLINE_RESULTS: file };
  return {
    name: `examples/${basename(folder)}`,
    run: () => {
      const code = runNpm(['run', 'test:peers'], { cwd: folder, environment });
      return neverSilent(jestCount(file), code);
    },
  };
}
