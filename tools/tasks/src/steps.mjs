// The single steps of a check. Each runs to its end and answers what it counted.
import { join } from 'node:path';
import { forgetResults, neverSilent, projectCounts } from './count.mjs';
import { root } from './environment.mjs';
import { runNode, runTool } from './spawn.mjs';

const nx = (...args) => runTool('nx', args);

/** Nx lints projects only; these files belong to none. */
const ROOT_FILES = ['*.mjs', '*.cjs', 'tools/*.mjs', 'examples/**/*.{ts,mjs,cjs}'];

export const build = (options) => runTool('nx', ['run-many', '-t', 'build'], options);

export function lint(...args) {
  const codes = [
    nx('run-many', '-t', 'lint', ...args),
    runTool('eslint', ['--no-error-on-unmatched-pattern', ...ROOT_FILES]),
  ];
  return codes.find((code) => code !== 0) ?? 0;
}

/** All Jest tests of the workspace, with the Node binary given. */
export function tests({ node, environment } = {}) {
  forgetResults();
  const code = runTool('nx', ['run-many', '-t', 'test'], { node, environment });
  return neverSilent(projectCounts(), code);
}

/** The command lines that are killed at random instants, as many times as is said, here or in SLIPLINE_KILLS: 2,000 unless told. */
export function crashes(kills = process.env.SLIPLINE_KILLS ?? '2000') {
  const code = runTool('nx', ['run-many', '-t', 'build', '-p', '@slipline/cli']);
  if (code !== 0) return code;
  return runTool('jest', ['--config', 'apps/cli/jest.config.cjs', 'kill.e2e'], {
    environment: {
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      SLIPLINE_KILLS: kills,
    },
  });
}

/** One of our own tools: `tools/<name>/main.mjs`. */
export const tool = (name, ...args) => runNode([join(root, 'tools', name, 'main.mjs'), ...args]);

/** Checks that need no test run, by name, quick ones first. */
export const checks = {
  'references (fix: npm run sync)': () => nx('sync:check'),
  'packages are alike': () => tool('check-packages'),
  'format (fix: npm run format)': () => runTool('prettier', ['--check', '--log-level=warn', '.']),
  'unused files, exports and dependencies': () => runTool('knip', ['--no-config-hints']),
  lint: () => lint(),
  'build and type check': () => build(),
  'docs/parity.md is up to date': () => tool('parity', '--check'),
};
