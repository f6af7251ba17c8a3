module.exports = { ...require('../../jest.preset.cjs'), displayName: 'microsoft-identity' };
