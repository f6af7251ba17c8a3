// Whether the test that a row names is there, and whether it ran.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasTest } from './titles.mjs';

/** What is wrong with the test that a row names: one sentence, or `undefined`. */
export function testProblem(root, test, hasRun) {
  const { file, title } = split(test);
  const path = join(root, file);
  if (!existsSync(path)) return `there is no file ${file}.`;
  if (!hasTest(readFileSync(path, 'utf8'), title)) return `${file} has no test "${title}".`;
  return hasRun ? runProblem(root, file, title) : undefined;
}

/** `packages/x/src/x.test.ts > describe > test` as file and the rest. */
export function split(test) {
  const [file] = test.split(' > ', 1);
  return { file, title: test.slice(file.length + ' > '.length) };
}

function runProblem(root, file, title) {
  const [place, project] = file.split('/');
  const results = join(root, place, project, 'test-results.json');
  if (!existsSync(results)) return `${place}/${project} has no test-results.json: run its tests first.`;
  const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
  const run = testResults
    .filter(({ name }) => name.replaceAll('\\', '/').endsWith(`/${file}`))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter((result) => [...result.ancestorTitles, result.title].join(' > ') === title);
  if (run.length === 0) return `"${title}" of ${file} did not run.`;
  return run.every(({ status }) => status === 'passed') ? undefined : `"${title}" of ${file} did not pass.`;
}
