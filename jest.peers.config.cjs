/** Tests against real programs, which `npm run test:peers` runs after installing what they need. */
module.exports = {
  ...require('./jest.preset.cjs'),
  roots: ['<rootDir>/packages', '<rootDir>/apps'],
  testMatch: ['**/src/**/*.peer.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
