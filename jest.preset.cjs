/** Shared Jest settings: native ES modules, legacy decorators without emitted metadata, workspace packages read as source. */
module.exports = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@slipline/source', 'node', 'node-addons'] },
  // What hangs fails all the same; a busy machine is not what is tested.
  testTimeout: 30_000,
  // The sources of an app's page are in web/.
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/web/**/*.test.ts'],
  // Tests against real programs run in `npm run test:peers`.
  testPathIgnorePatterns: ['/node_modules/', '\\.peer\\.test\\.ts$'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: false },
        },
      },
    ],
  },
  injectGlobals: false,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.test.ts'],
};
