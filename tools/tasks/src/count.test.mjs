import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  add,
  checkCount,
  forgetResults,
  jestCount,
  neverSilent,
  NONE,
  projectCounts,
  summary,
} from './count.mjs';

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'count-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function project(name, results, { isTested = true } = {}) {
  const folder = join(root, name);
  mkdirSync(folder);
  if (isTested) writeFileSync(join(folder, 'jest.config.cjs'), '');
  if (results) writeFileSync(join(folder, 'test-results.json'), JSON.stringify(results));
  return folder;
}
const results = (numPassedTests, numFailedTests = 0, numRuntimeErrorTestSuites = 0) => ({
  numPassedTests,
  numFailedTests,
  numRuntimeErrorTestSuites,
});

it('adds nothing for a check that passes and a failure for one that does not', () => {
  expect(checkCount(0)).toEqual({ passed: 0, failed: 0 });
  expect(checkCount(3)).toEqual({ passed: 0, failed: 1 });
});

describe('the sum over projects', () => {
  it('has failed tests and suites that do not load among the failures', () => {
    const folders = [project('a', results(3)), project('b', results(5, 1, 1))];
    expect(projectCounts(folders)).toEqual({ passed: 8, failed: 2 });
  });

  it('takes a project without results for a failure, and one without tests for nothing', () => {
    expect(projectCounts([project('a'), project('b', undefined, { isTested: false })])).toEqual({
      passed: 0,
      failed: 1,
    });
  });

  it('does not count the results of an earlier run', () => {
    const folders = [project('a', results(3))];
    forgetResults(folders);
    expect(projectCounts(folders)).toEqual({ passed: 0, failed: 1 });
  });
});

it('counts a results file that was never written as one failure', () => {
  expect(jestCount(join(root, 'none.json'))).toEqual({ passed: 0, failed: 1 });
});

it('never passes a run that failed or ran nothing', () => {
  expect(neverSilent({ passed: 4, failed: 0 }, 1)).toEqual({ passed: 4, failed: 1 });
  expect(neverSilent(NONE, 0)).toEqual({ passed: 0, failed: 1 });
  expect(neverSilent({ passed: 4, failed: 2 }, 1)).toEqual({ passed: 4, failed: 2 });
  expect(neverSilent({ passed: 4, failed: 0 }, 0)).toEqual({ passed: 4, failed: 0 });
});

it('ends in one line', () => {
  expect(summary(add(NONE, { passed: 1, failed: 2 }, { passed: 3, failed: 0 }))).toBe('4 passed, 2 failed');
});
