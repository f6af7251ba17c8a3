module.exports = { ...require('../../jest.preset.cjs'), displayName: 'fake-http' };
