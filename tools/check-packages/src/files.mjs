// What is wrong with a package's files.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { providerFiles } from './kinds.mjs';

/** What installing, building and testing leave behind. */
const MADE = ['node_modules', 'dist', 'bundle', 'page', 'coverage', 'test-results.json'];
const FILES = ['README.md', 'jest.config.cjs', 'package.json', 'src', 'tsconfig.json'];

export function fileProblems(project) {
  if (project.kind === 'tool') return [];
  return [
    ...listProblems(project),
    ...readmeProblems(project),
    ...configurationProblems(project),
    ...(project.kind === 'provider' ? providerProblems(project) : []),
  ];
}

function listProblems({ folder, manifest, kind }) {
  const wanted = [
    ...FILES,
    ...(manifest.bin === undefined ? [] : ['bin']),
    // The sources of a page, which is built into page/ and published.
    ...(manifest.files?.includes('page') ? ['web'] : []),
    // What tools/parity makes docs/parity.md of.
    ...(kind === 'provider' ? ['parity.json'] : []),
  ];
  const found = readdirSync(folder).filter((name) => !MADE.includes(name));
  return [
    ...wanted.filter((name) => !found.includes(name)).map((name) => `${name} is missing.`),
    ...found
      .filter((name) => !wanted.includes(name))
      .map((name) => `${name} does not belong here: a package's root holds ${wanted.join(', ')} only.`),
  ];
}

function readmeProblems({ folder, id }) {
  const title = `# @slipline/${id}`;
  const text = read(folder, 'README.md');
  return text === undefined || text.startsWith(`${title}\n`) ? [] : [`README.md begins with "${title}".`];
}

function configurationProblems({ folder, id }) {
  const problems = [];
  const jest = `module.exports = { ...require('../../jest.preset.cjs'), displayName: '${id}' };\n`;
  if (read(folder, 'jest.config.cjs') !== jest)
    problems.push(`jest.config.cjs is this one line: ${jest.trim()}`);
  const typescript = JSON.parse(read(folder, 'tsconfig.json') ?? '{}');
  const extended = typescript.extends === '../../tsconfig.base.json';
  if (!extended || !isDeepStrictEqual(Object.keys(typescript), ['extends', 'references'])) {
    problems.push('tsconfig.json extends ../../tsconfig.base.json and adds "references" only.');
  }
  return problems;
}

function providerProblems({ folder, id }) {
  const problems = providerFiles(id)
    .filter((file) => !existsSync(join(folder, file)))
    .map((file) => `${file} is missing: every provider has it.`);
  const [, exported, again] =
    /export \{\s*(\w+),\s*(\w+) as default\b/.exec(read(folder, 'src/index.ts') ?? '') ?? [];
  const isCamelCase = exported?.toLowerCase() === id.replaceAll('-', '') && /^[a-z]/.test(exported);
  if (!isCamelCase || exported !== again) {
    problems.push(
      "src/index.ts exports the plugin's factory, called as the package in camel case, by name and as default.",
    );
  }
  if (!(read(folder, 'src/conformance.test.ts') ?? 'providerChecks(').includes('providerChecks(')) {
    problems.push("src/conformance.test.ts runs the testkit's providerChecks.");
  }
  return problems;
}

function read(folder, file) {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
