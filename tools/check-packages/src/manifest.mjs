// What is wrong in a package.json.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ENTRIES, EXPECTED, FIELDS, OPTIONAL_FIELDS, TOOL_FIELDS } from './kinds.mjs';

const DEPENDENCIES = ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies'];

export function manifestProblems(project, root) {
  const check = project.kind === 'tool' ? toolProblems : packageProblems;
  return check(project, root).map((problem) => `package.json: ${problem}`);
}

function toolProblems({ id, manifest }, { version }) {
  const expected = { name: `@slipline/${id}`, version, private: true, license: 'MIT', type: 'module' };
  return [
    ...orderProblems(manifest, TOOL_FIELDS, ['devDependencies']),
    ...valueProblems(manifest, expected),
    ...dependencyProblems(manifest),
  ];
}

function packageProblems({ id, kind, folder, manifest }, { engines, version }) {
  const common = { name: `@slipline/${id}`, version, license: 'MIT', type: 'module', engines };
  return [
    ...orderProblems(manifest, FIELDS, OPTIONAL_FIELDS),
    ...valueProblems(manifest, { ...common, ...EXPECTED[kind], ...publishing(kind, folder, manifest) }),
    ...entryProblems(kind, manifest),
    ...dependencyProblems(manifest),
    ...peerProblems(manifest),
  ];
}

function orderProblems(manifest, order, optional) {
  const fields = Object.keys(manifest);
  const unknown = fields.filter((field) => !order.includes(field));
  const missing = order.filter((field) => !fields.includes(field) && !optional.includes(field));
  const sorted = order.filter((field) => fields.includes(field));
  const known = fields.filter((field) => order.includes(field));
  return [
    ...unknown.map((field) => `"${field}" is not a field that packages of this kind have.`),
    ...missing.map((field) => `"${field}" is missing.`),
    ...(isDeepStrictEqual(known, sorted) ? [] : [`the fields are in this order: ${sorted.join(', ')}.`]),
  ];
}

function valueProblems(manifest, expected) {
  return Object.entries(expected)
    .filter(([field, value]) => !isDeepStrictEqual(manifest[field], value))
    .map(([field, value]) =>
      value === undefined ? `"${field}" does not belong here.` : `"${field}" is ${JSON.stringify(value)}.`,
    );
}

/** What is published follows from the entries: sources for the workspace, tsc's output for its builds, bundles for users. */
function publishing(kind, folder, { exports = {}, bin }) {
  if (kind === 'app') {
    const page = existsSync(join(folder, 'web')) ? ['page'] : [];
    const files = [...(bin === undefined ? [] : ['bin']), 'bundle', ...page];
    return { exports: { './package.json': './package.json' }, files, publishConfig: { access: 'public' } };
  }
  const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
  return {
    exports: exportsOf(entries, (path) => ({
      '@slipline/source': `./src/${path}.ts`,
      types: `./dist/${path}.d.ts`,
      default: `./dist/${path}.js`,
    })),
    files: ['bundle', 'dist/**/*.d.ts', '!**/*.test.*'],
    publishConfig: {
      access: 'public',
      exports: exportsOf(entries, (path) => ({
        types: `./dist/${path}.d.ts`,
        default: `./bundle/${path}.js`,
      })),
    },
  };
}

function exportsOf(entries, targets) {
  const path = (entry) => (entry === '.' ? 'index' : `${entry.slice(2)}/index`);
  return {
    './package.json': './package.json',
    ...Object.fromEntries(entries.map((entry) => [entry, targets(path(entry))])),
  };
}

function entryProblems(kind, { exports = {} }) {
  const wanted = ENTRIES[kind];
  const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
  if (wanted === undefined || isDeepStrictEqual(entries, wanted)) return [];
  return [`the entries in "exports" are ${wanted.join(' and ')}.`];
}

/** Versions stand in pnpm-workspace.yaml only. */
function dependencyProblems(manifest) {
  return DEPENDENCIES.flatMap((field) =>
    Object.entries(manifest[field] ?? {})
      .filter(([name, range]) => range !== rangeOf(name, field))
      .map(([name]) => `"${field}" names ${name} as "${rangeOf(name, field)}".`),
  );
}

function rangeOf(name, field) {
  if (!name.startsWith('@slipline/')) return 'catalog:';
  return field === 'devDependencies' ? 'workspace:*' : 'workspace:^';
}

/** A peer that is not installed for development would be found only by chance. */
function peerProblems({ peerDependencies = {}, devDependencies = {} }) {
  return Object.keys(peerDependencies)
    .filter((name) => !(name in devDependencies))
    .map((name) => `${name} is a peer, so "devDependencies" names it too.`);
}
