module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'eslint-plugin',
  testMatch: ['<rootDir>/src/**/*.test.mjs'],
};
