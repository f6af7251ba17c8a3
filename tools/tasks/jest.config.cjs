module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'tasks',
  testMatch: ['<rootDir>/src/**/*.test.mjs'],
};
