module.exports = { ...require('../../jest.preset.cjs'), displayName: 'windows-auth' };
