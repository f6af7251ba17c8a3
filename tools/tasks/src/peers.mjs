// Tests against real programs: files called `*.peer.test.ts`, and the packages in examples/, which are strangers to the workspace.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, jestCount, neverSilent, NONE, summary } from './count.mjs';
import { installDebianPackages } from './debian.mjs';
import { root } from './environment.mjs';
import { pack } from './pack.mjs';
import { examples, filesBelow, publishedProjects, readManifest } from './projects.mjs';
import { runNpm, runTool } from './spawn.mjs';
import { build } from './steps.mjs';

const JEST_ENVIRONMENT = { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' };

/** Installs what the tests need, runs them all and prints the summary line. Answers the counts. */
export async function peers(print = console.log) {
  const results = mkdtempSync(join(tmpdir(), 'slipline-peers-'));
  try {
    installDebianPackages(neededPackages());
    const counts = add(peerSuites(results), await exampleSuites(results, print));
    print(summary(counts));
    return counts;
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

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
async function exampleSuites(results, print) {
  const folders = examples();
  if (folders.length === 0) return NONE;
  const tarballs = join(results, 'tarballs');
  await pack(tarballs);
  const counts = folders.map((folder, index) => {
    const file = join(results, `example-${index}.json`);
    print(`\n--- ${folder.slice(root.length + 1)}`);
    const environment = { SLIPLINE_TARBALLS: tarballs, SLIPLINE_RESULTS: file };
    const code = runNpm(['run', 'test:peers'], { cwd: folder, environment });
    return neverSilent(jestCount(file), code);
  });
  return add(...counts);
}
