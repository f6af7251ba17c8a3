import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { checkWorkspace } from './check.mjs';

const ENGINES = { node: '>=20' };

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-packages-'));
  for (const [path, content] of Object.entries(workspace())) write(path, content);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path, content) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

const entry = (path) => ({
  '@slipline/source': `./src/${path}.ts`,
  types: `./dist/${path}.d.ts`,
  default: `./dist/${path}.js`,
});
const publishedEntry = (path) => ({ types: `./dist/${path}.d.ts`, default: `./bundle/${path}.js` });

function manifest(id, kind, { keywords = ['slipline'], sideEffects = false, paths, ...rest }) {
  const exports = (make) => ({
    './package.json': './package.json',
    ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, make(path)])),
  });
  return {
    name: `@slipline/${id}`,
    version: '0.1.0',
    description: 'A package.',
    license: 'MIT',
    keywords,
    type: 'module',
    engines: ENGINES,
    sideEffects,
    exports: exports(entry),
    files: ['bundle', 'dist/**/*.d.ts', '!**/*.test.*'],
    publishConfig: { access: 'public', exports: exports(publishedEntry) },
    ...rest,
    nx: { tags: [`type:${kind}`] },
  };
}

const core = manifest('core', 'core', {
  sideEffects: ['./dist/container/*.js', './bundle/container/*.js'],
  paths: { '.': 'index', './container': 'container/index' },
  devDependencies: { tsyringe: 'catalog:' },
});
const provider = manifest('big-iron', 'provider', {
  keywords: ['slipline', 'slipline-provider'],
  paths: { '.': 'index', './testing': 'testing/index' },
  peerDependencies: { '@slipline/core': 'workspace:^', '@slipline/testkit': 'workspace:^' },
  peerDependenciesMeta: { '@slipline/testkit': { optional: true } },
  devDependencies: { '@slipline/core': 'workspace:*', '@slipline/testkit': 'workspace:*' },
});
const app = {
  ...Object.fromEntries(
    ['name', 'version', 'description', 'license', 'keywords', 'type', 'engines', 'sideEffects'].map(
      (field) => [field, field === 'name' ? '@slipline/cli' : core[field]],
    ),
  ),
  sideEffects: false,
  bin: { slipline: './bin/slipline.cjs' },
  exports: { './package.json': './package.json' },
  files: ['bin', 'bundle'],
  publishConfig: { access: 'public' },
  dependencies: { '@slipline/core': 'workspace:^' },
  nx: { tags: ['type:app'] },
};
const tool = {
  name: '@slipline/hammer',
  version: '0.1.0',
  private: true,
  description: 'A tool.',
  license: 'MIT',
  type: 'module',
  nx: { tags: ['type:tool'] },
};

const rootFiles = (folder, content) => {
  const id = folder.split('/')[1];
  return {
    [`${folder}/package.json`]: content,
    [`${folder}/tsconfig.json`]: { extends: '../../tsconfig.base.json', references: [] },
    [`${folder}/jest.config.cjs`]: `module.exports = { ...require('../../jest.preset.cjs'), displayName: '${id}' };\n`,
    [`${folder}/README.md`]: `# @slipline/${id}\n`,
    [`${folder}/src/index.ts`]: 'export {};\n',
  };
};

/** A workspace in which nothing is wrong. */
function workspace() {
  return {
    'package.json': { engines: ENGINES },
    ...rootFiles('packages/core', core),
    ...rootFiles('packages/big-iron', provider),
    'packages/big-iron/src/index.ts':
      "export { bigIron, bigIron as default, type Options } from './plugin.ts';\n",
    'packages/big-iron/src/plugin.ts': '',
    'packages/big-iron/src/big-iron-provider.ts': '',
    'packages/big-iron/src/big-iron-client.ts': '',
    'packages/big-iron/src/testing/index.ts': '',
    'packages/big-iron/src/conformance.test.ts': 'for (const check of providerChecks(openBench)) {}\n',
    'packages/big-iron/dist/index.js': '',
    'packages/big-iron/parity.json': {},
    ...rootFiles('apps/cli', app),
    'apps/cli/bin/slipline.cjs': '',
    'tools/hammer/package.json': tool,
  };
}

it('finds nothing wrong where nothing is', () => {
  expect(checkWorkspace(root)).toEqual([]);
});

const change = (path, before, changes) => () => write(path, { ...before, ...changes });
const remove = (path) => () => rmSync(join(root, path), { recursive: true });
const add =
  (path, content = '') =>
  () =>
    write(path, content);
const [corePath, providerPath] = ['packages/core/package.json', 'packages/big-iron/package.json'];

/** A planted fault, and the words that its one problem has. */
it.each([
  ['another version', change(providerPath, provider, { version: '0.2.0' }), ['"version" is "0.1.0"']],
  ['another name', change(providerPath, provider, { name: 'big-iron' }), ['"name" is "@slipline/big-iron"']],
  ['another licence', change(corePath, core, { license: 'ISC' }), ['"license" is "MIT"']],
  ['another Node', change(corePath, core, { engines: { node: '>=22' } }), ['"engines" is']],
  ['CommonJS', change(corePath, core, { type: 'commonjs' }), ['"type" is "module"']],
  ['no keyword', change(providerPath, provider, { keywords: ['slipline'] }), ['slipline-provider']],
  ['side effects', change(providerPath, provider, { sideEffects: true }), ['"sideEffects" is false']],
  ['a strange field', change(corePath, { scripts: {}, ...core }, {}), ['"scripts" is not a field']],
  ['a missing field', change(corePath, core, { description: undefined }), ['"description" is missing']],
  ['another order', change(corePath, { version: '0.1.0', ...core }, {}), ['in this order: name, version']],
  ['other published files', change(corePath, core, { files: ['dist'] }), ['"files" is ["bundle"']],
  [
    'the source published',
    change(corePath, core, { publishConfig: { access: 'public' } }),
    ['"publishConfig" is'],
  ],
  [
    'one entry of a provider missing',
    change(providerPath, provider, {
      exports: { './package.json': './package.json', '.': entry('index') },
      publishConfig: {
        access: 'public',
        exports: { './package.json': './package.json', '.': publishedEntry('index') },
      },
    }),
    ['are . and ./testing'],
  ],
  [
    'core with dependencies',
    change(corePath, core, { dependencies: { tsyringe: 'catalog:' } }),
    ['in this order', '"dependencies" does not'],
  ],
  [
    'a version outside the catalog',
    change(corePath, core, { devDependencies: { tsyringe: '^4' } }),
    ['tsyringe as "catalog:"'],
  ],
  [
    'core as a dependency of a provider',
    change(providerPath, provider, { peerDependencies: { '@slipline/testkit': 'workspace:^' } }),
    ['"peerDependencies" is'],
  ],
  [
    'a peer that is not there for development',
    change(providerPath, provider, { devDependencies: { '@slipline/testkit': 'workspace:*' } }),
    ['@slipline/core is a peer'],
  ],
  ['no tag', change(corePath, core, { nx: {} }), ['one tag']],
  [
    'a tag of another place',
    change('apps/cli/package.json', app, { nx: { tags: ['type:tool'] } }),
    ['one tag'],
  ],
  ['no README', remove('packages/core/README.md'), ['README.md is missing']],
  [
    'a README of another package',
    add('packages/core/README.md', '# core\n'),
    ['begins with "# @slipline/core"'],
  ],
  ['a further configuration', add('packages/core/.swcrc'), ['.swcrc does not belong here']],
  ['no sources', remove('packages/core/src'), ['src is missing']],
  ['no bin', remove('apps/cli/bin'), ['bin is missing']],
  ['a page that is not published', add('apps/cli/web/main.ts'), ['"files" is', 'web does not belong here']],
  [
    'a page without sources',
    change('apps/cli/package.json', app, { files: ['bin', 'bundle', 'page'] }),
    ['"files" is', 'web is missing'],
  ],
  ['a provider without parity.json', remove('packages/big-iron/parity.json'), ['parity.json is missing']],
  [
    'parity.json in another package',
    add('packages/core/parity.json', {}),
    ['parity.json does not belong here'],
  ],
  ['settings of jest', add('packages/core/jest.config.cjs', 'module.exports = {};'), ['is this one line']],
  [
    'settings of TypeScript',
    add('packages/core/tsconfig.json', {
      extends: '../../tsconfig.base.json',
      compilerOptions: {},
      references: [],
    }),
    ['adds "references" only'],
  ],
  ...[
    'src/plugin.ts',
    'src/big-iron-provider.ts',
    'src/big-iron-client.ts',
    'src/testing/index.ts',
    'src/conformance.test.ts',
  ].map((file) => [
    `a provider without ${file}`,
    remove(`packages/big-iron/${file}`),
    [`${file} is missing: every provider`],
  ]),
  [
    'a provider without a default export',
    add('packages/big-iron/src/index.ts', "export { bigIron } from './plugin.ts';\n"),
    ['by name and as default'],
  ],
  [
    'a provider that is called otherwise',
    add('packages/big-iron/src/index.ts', "export { iron, iron as default } from './plugin.ts';\n"),
    ['in camel case'],
  ],
  ['no conformance', add('packages/big-iron/src/conformance.test.ts', ''), ["the testkit's providerChecks"]],
  [
    'a tool that is published',
    change('tools/hammer/package.json', tool, { private: false }),
    ['"private" is true'],
  ],
  [
    'a tool with dependencies',
    change('tools/hammer/package.json', tool, { dependencies: {} }),
    ['"dependencies" is not'],
  ],
  ['a folder without package.json', add('packages/stray/src/index.ts'), ['package.json is missing']],
])('finds %s', (_name, plant, words) => {
  plant();
  const problems = checkWorkspace(root);
  expect(problems).toHaveLength(words.length);
  words.forEach((word, index) => expect(problems[index]).toContain(word));
});
