import { hostname, userInfo } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { thisCaller } from './caller.ts';

describe('where this program runs', () => {
  it('is a session of this host on Windows, by the name it gives its programs', () => {
    expect(thisCaller('win32', { SESSIONNAME: 'RDP-Tcp#3' })).toEqual({
      computerName: hostname(),
      userName: userInfo().username,
      sessionName: 'RDP-Tcp#3',
    });
  });

  it('is no such session as a service of Windows, or elsewhere', () => {
    expect(thisCaller('win32', {})).toBeUndefined();
    expect(thisCaller('linux', { SESSIONNAME: 'RDP-Tcp#3' })).toBeUndefined();
  });
});
