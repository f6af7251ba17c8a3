module.exports = { ...require('../../jest.preset.cjs'), displayName: 'smb-sessions' };
