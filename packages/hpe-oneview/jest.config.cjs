module.exports = { ...require('../../jest.preset.cjs'), displayName: 'hpe-oneview' };
