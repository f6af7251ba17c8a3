module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'parity',
  testMatch: ['<rootDir>/src/**/*.test.mjs'],
};
