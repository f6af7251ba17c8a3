import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import slipline from './tools/eslint-plugin/src/index.mjs';

const injection = ['tsyringe', 'reflect-metadata'];
const runners = ['jest', '@jest/*', 'vitest', 'mocha'];

/** Who may import whom. Tests and `src/testing` may also use the testkit, and tests a runner. */
const boundaries = ({ testkit = [], noRunner = runners } = {}) => [
  'error',
  {
    // The rule knows nothing of optionalDependencies, and takes what is one for somebody else's.
    allow: ['koffi'],
    enforceBuildableLibDependency: false,
    // What is itself imported lazily imports what it needs as usual.
    checkDynamicDependenciesExceptions: ['@slipline/core', '@slipline/ledger', '@slipline/config*'],
    banTransitiveDependencies: true,
    depConstraints: [
      { sourceTag: 'type:core', onlyDependOnLibsWithTags: [] },
      {
        sourceTag: 'type:protocol',
        onlyDependOnLibsWithTags: ['type:protocol'],
        bannedExternalImports: injection,
      },
      {
        sourceTag: 'type:provider',
        onlyDependOnLibsWithTags: ['type:core', 'type:protocol', ...testkit],
        bannedExternalImports: injection,
      },
      {
        sourceTag: 'type:adapter',
        onlyDependOnLibsWithTags: ['type:core', ...testkit],
        bannedExternalImports: injection,
      },
      {
        sourceTag: 'type:testkit',
        onlyDependOnLibsWithTags: ['type:core'],
        bannedExternalImports: [...injection, ...noRunner],
      },
      {
        sourceTag: 'type:app',
        notDependOnLibsWithTags: ['type:app', 'type:tool'],
        bannedExternalImports: injection,
      },
      { sourceTag: 'type:tool', onlyDependOnLibsWithTags: [] },
    ],
  },
];

const tests = '**/*.test.{ts,mjs}';
const scripts = ['**/*.{mjs,cjs}'];
const node = Object.fromEntries(
  ['Buffer', 'console', 'performance', 'process', 'require', 'setTimeout', 'URL', '__dirname'].map((name) => [
    name,
    'readonly',
  ]),
);

export default defineConfig(
  globalIgnores(['**/dist', '**/bundle', 'apps/*/page', '**/coverage', '**/node_modules', '.nx', 'tarballs']),
  js.configs.recommended,
  { plugins: { '@nx': nx, slipline } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/require-await': 'off',
      '@nx/enforce-module-boundaries': boundaries(),
      'slipline/container-only': 'error',
      'slipline/house-words': 'error',
      'slipline/inject-every-parameter': 'error',
      'slipline/no-barrel-but-index': 'error',
      'slipline/no-default-export-but-plugin': 'error',
      'slipline/no-enum': 'error',
      'slipline/no-late-import-in-decorated-class': 'error',
      'slipline/private-fields': 'error',
    },
  },
  { files: ['packages/**/*.ts'], rules: { 'slipline/no-console-or-exit': 'error' } },
  {
    files: ['**/src/testing/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries({ testkit: ['type:testkit'] }) },
  },
  {
    files: ['**/*.test.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries({ testkit: ['type:testkit'], noRunner: [] }) },
  },
  { files: ['**/*.{ts,tsx,mjs}'], ignores: [tests], rules: { 'slipline/file-length': 'error' } },
  { files: [tests], rules: { 'slipline/no-idle-test': 'error' } },
  { files: scripts, languageOptions: { globals: node }, rules: { 'slipline/house-words': 'error' } },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  // Strangers' packages: they are installed from tarballs elsewhere, so there are no types to go by here.
  {
    files: ['examples/**/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  prettier,
);
