// Reads the rows of every provider, says what is wrong with them, writes the page.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { testProblem } from './evidence.mjs';
import { page } from './page.mjs';
import { shapeProblems } from './shape.mjs';

const PAGE = 'docs/parity.md';
const STALE = `${PAGE} is out of date: run node tools/parity/main.mjs.`;

/**
 * Writes the page of the workspace at `root`, or only compares it when `isCheck`. With `hasRun` every test that is named
 * must have passed in the last run. Answers what is wrong, one sentence each, led by the path it is about; then nothing
 * is written.
 */
export async function parity(root, { isCheck = false, hasRun = false } = {}) {
  const providers = readProviders(root);
  const problems = providers.flatMap((provider) =>
    providerProblems(root, provider, hasRun).map(
      (problem) => `packages/${provider.id}/parity.json: ${problem}`,
    ),
  );
  if (problems.length > 0) return problems;
  const path = join(root, PAGE);
  const text = await formatted(path, page(providers.map(({ id, file }) => ({ id, ...file }))));
  if (isCheck) return existsSync(path) && readFileSync(path, 'utf8') === text ? [] : [STALE];
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return [];
}

/** Each package of the kind `provider`, with what its parity.json holds. */
function readProviders(root) {
  const folder = join(root, 'packages');
  const isProvider = (id) => readJson(join(folder, id, 'package.json'))?.nx?.tags?.includes('type:provider');
  return readdirSync(folder)
    .filter(isProvider)
    .sort()
    .map((id) => ({ id, file: readJson(join(folder, id, 'parity.json')) }));
}

function providerProblems(root, { file }, hasRun) {
  if (file === undefined) return ['is missing, or is not JSON: every provider has one.'];
  const problems = shapeProblems(file);
  if (problems.length > 0) return problems;
  return file.rows.flatMap(({ test }, index) => {
    const problem = testProblem(root, test, hasRun);
    return problem === undefined ? [] : [`rows[${index}].test: ${problem}`];
  });
}

async function formatted(path, text) {
  return format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
