module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'check-packages',
  testMatch: ['<rootDir>/src/**/*.test.mjs'],
};
