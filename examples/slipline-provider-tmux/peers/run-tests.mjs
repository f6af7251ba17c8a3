// Runs files of tests for node:test, and counts.
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** Prints what the tests say to stderr. A file that does not load counts as a failed test. */
export async function runTests(files) {
  const counts = { passed: 0, failed: 0 };
  const tests = run({ files, concurrency: true });
  const count = (key) => (event) => {
    if (event.details.type !== 'suite') counts[key] += 1;
  };
  tests.on('test:pass', count('passed')).on('test:fail', count('failed'));
  tests.compose(new spec()).pipe(process.stderr);
  await new Promise((end, fail) => tests.on('end', end).on('error', fail));
  return counts;
}
