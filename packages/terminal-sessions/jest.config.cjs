module.exports = { ...require('../../jest.preset.cjs'), displayName: 'terminal-sessions' };
