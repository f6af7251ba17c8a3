import { describe, expect, it } from '@jest/globals';
import { sliplinePaths } from './paths.ts';

describe('sliplinePaths', () => {
  it('follows the XDG base directories on Linux', () => {
    expect(sliplinePaths({}, 'linux', '/home/ann')).toEqual({
      config: '/home/ann/.config/slipline',
      state: '/home/ann/.local/state/slipline',
      data: '/home/ann/.local/share/slipline',
      ledger: '/home/ann/.local/state/slipline/ledger.db',
      keys: '/home/ann/.local/state/slipline/keys',
      wrappingKey: '/home/ann/.local/share/slipline/wrapping.key',
    });
    const environment = { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_DATA_HOME: '/d' };
    expect(sliplinePaths(environment, 'linux', '/home/ann')).toMatchObject({
      config: '/c/slipline',
      state: '/s/slipline',
      data: '/d/slipline',
    });
  });

  it('ignores an XDG directory that is not absolute, as the specification says', () => {
    const { state } = sliplinePaths({ XDG_STATE_HOME: 'here' }, 'linux', '/home/ann');
    expect(state).toBe('/home/ann/.local/state/slipline');
  });

  it('uses the folders of macOS', () => {
    const { config, ledger, wrappingKey } = sliplinePaths({}, 'darwin', '/Users/ann');
    expect([config, ledger, wrappingKey]).toEqual([
      '/Users/ann/Library/Application Support/slipline/config',
      '/Users/ann/Library/Application Support/slipline/state/ledger.db',
      '/Users/ann/Library/Application Support/slipline/data/wrapping.key',
    ]);
  });

  it('uses the folders of Windows, wherever this runs', () => {
    const environment = { APPDATA: 'C:\\Users\\ann\\Roaming', LOCALAPPDATA: 'D:\\Local' };
    const { config, ledger, wrappingKey } = sliplinePaths(environment, 'win32', 'C:\\Users\\ann');
    expect([config, ledger, wrappingKey]).toEqual([
      'C:\\Users\\ann\\Roaming\\slipline\\config',
      'D:\\Local\\slipline\\state\\ledger.db',
      'D:\\Local\\slipline\\data\\wrapping.key',
    ]);
    expect(sliplinePaths({}, 'win32', 'C:\\Users\\ann').state).toBe(
      'C:\\Users\\ann\\AppData\\Local\\slipline\\state',
    );
  });

  it.each(['linux', 'darwin'] as const)('moves everything with SLIPLINE_HOME on %s', (platform) => {
    const environment = { SLIPLINE_HOME: '/srv/slip', XDG_STATE_HOME: '/s' };
    expect(sliplinePaths(environment, platform, '/home/ann')).toEqual({
      config: '/srv/slip/config',
      state: '/srv/slip/state',
      data: '/srv/slip/data',
      ledger: '/srv/slip/state/ledger.db',
      keys: '/srv/slip/state/keys',
      wrappingKey: '/srv/slip/data/wrapping.key',
    });
  });

  it('takes an empty SLIPLINE_HOME for none, and refuses a relative one', () => {
    expect(sliplinePaths({ SLIPLINE_HOME: '' }, 'linux', '/home/ann').state).toContain('/home/ann');
    expect(() => sliplinePaths({ SLIPLINE_HOME: './here' }, 'linux', '/home/ann')).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        message: expect.stringContaining('./here'),
      }),
    );
  });
});
