import { describe, expect, it } from '@jest/globals';
import { negotiate } from './hpe-oneview-versions.ts';

describe('the X-API-Version to speak', () => {
  it.each([
    ['4.10', 800, 800],
    ['4.20', 1000, 1000],
    ['5.00', 1200, 1200],
    ['11.40', 8800, 8800],
    ['a later release', 12_000, 8800],
  ])('is the newest that %s and this provider know', (_release, currentVersion, expected) => {
    expect(negotiate({ currentVersion, minimumVersion: 120 })).toBe(expected);
  });

  it('is the one that was asked for, where the appliance takes it', () => {
    expect(negotiate({ currentVersion: 1200, minimumVersion: 120 }, 800)).toBe(800);
    expect(negotiate({ currentVersion: 12_000, minimumVersion: 120 }, 12_000)).toBe(12_000);
  });

  it.each([
    ['above', 1201],
    ['below', 119],
  ])('is refused %s what the appliance takes', (_where, wanted) => {
    expect(() => negotiate({ currentVersion: 1200, minimumVersion: 120 }, wanted)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('120 to 1200') }),
    );
  });

  it('does not exist where the appliance has left all that this provider knows behind', () => {
    expect(() => negotiate({ currentVersion: 20_000, minimumVersion: 9000 })).toThrow(
      expect.objectContaining({ code: 'unsupported', next: expect.stringContaining('--api-version 9000') }),
    );
  });
});
