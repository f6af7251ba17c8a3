// Counts: how many tests passed and failed, where a check that fails counts as one failed test.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projects } from './projects.mjs';

export const NONE = Object.freeze({ passed: 0, failed: 0 });

export const add = (...counts) => ({
  passed: counts.reduce((sum, { passed }) => sum + passed, 0),
  failed: counts.reduce((sum, { failed }) => sum + failed, 0),
});

/** A check that has no tests of its own: silent when it passes, one failure otherwise. */
export const checkCount = (exitCode) => (exitCode === 0 ? NONE : { passed: 0, failed: 1 });

/** What one of Jest's JSON files says. A file that is missing is a failure, and so is a suite that does not load. */
export function jestCount(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

/** At least one failure when the command failed or nothing ran, whatever was counted. */
export function neverSilent({ passed, failed }, exitCode) {
  const isSilentFailure = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: isSilentFailure ? 1 : failed };
}

/** Deletes the results of earlier runs, so that none is counted twice. */
export function forgetResults(folders = projects()) {
  for (const folder of folders) rmSync(join(folder, 'test-results.json'), { force: true });
}

/** The sum over every project that has tests. */
export function projectCounts(folders = projects()) {
  const tested = folders.filter((folder) => existsSync(join(folder, 'jest.config.cjs')));
  return add(NONE, ...tested.map((folder) => jestCount(join(folder, 'test-results.json'))));
}

export const summary = ({ passed, failed }) => `${passed} passed, ${failed} failed`;
