// What the kinds of packages have in common, and what sets each apart.

/** Where packages of which kind live. */
export const PLACES = {
  packages: ['core', 'testkit', 'adapter', 'protocol', 'provider'],
  apps: ['app'],
  tools: ['tool'],
};

/** The fields of a published package.json, in their order. */
export const FIELDS = [
  'name',
  'version',
  'description',
  'license',
  'keywords',
  'type',
  'engines',
  'config',
  'sideEffects',
  'bin',
  'exports',
  'files',
  'publishConfig',
  'dependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'devDependencies',
  'slipline',
  'nx',
];

/** The fields that only some packages have. */
export const OPTIONAL_FIELDS = [
  'config',
  'bin',
  'dependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'devDependencies',
  'slipline',
];

/** The fields of a tool's package.json, which is never published, in their order. */
export const TOOL_FIELDS = [
  'name',
  'version',
  'private',
  'description',
  'license',
  'type',
  'devDependencies',
  'nx',
];

const CORE = '@slipline/core';
const TESTKIT = '@slipline/testkit';

/** Fields whose value follows from the kind; `undefined` where a package of the kind does not have the field. */
export const EXPECTED = {
  core: {
    keywords: ['slipline'],
    sideEffects: ['./dist/container/*.js', './bundle/container/*.js'],
    dependencies: undefined,
    peerDependencies: undefined,
    bin: undefined,
  },
  testkit: {
    keywords: ['slipline'],
    sideEffects: false,
    peerDependencies: { [CORE]: 'workspace:^' },
    bin: undefined,
  },
  adapter: {
    keywords: ['slipline'],
    sideEffects: false,
    peerDependencies: { [CORE]: 'workspace:^' },
    bin: undefined,
  },
  protocol: { keywords: ['slipline'], sideEffects: false, peerDependencies: undefined, bin: undefined },
  provider: {
    keywords: ['slipline', 'slipline-provider'],
    sideEffects: false,
    peerDependencies: { [CORE]: 'workspace:^', [TESTKIT]: 'workspace:^' },
    peerDependenciesMeta: { [TESTKIT]: { optional: true } },
    bin: undefined,
  },
  app: { keywords: ['slipline'], sideEffects: false, peerDependencies: undefined },
};

/** The entries that a package of the kind has; other kinds choose theirs. */
export const ENTRIES = { core: ['.', './container'], provider: ['.', './testing'] };

/** What a provider's sources are made of. */
export const providerFiles = (id) => [
  'src/index.ts',
  'src/plugin.ts',
  `src/${id}-provider.ts`,
  `src/${id}-client.ts`,
  'src/testing/index.ts',
  'src/conformance.test.ts',
];
