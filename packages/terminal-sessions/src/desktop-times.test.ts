import { describe, expect, it } from '@jest/globals';
import { idleSeconds, timestamp } from './desktop-times.ts';

const NOW = Date.UTC(2023, 10, 14, 22, 13, 20);
const filetime = (milliseconds: number): bigint => BigInt(milliseconds) * 10_000n + 116_444_736_000_000_000n;

describe('a time of a host', () => {
  it.each<[string, bigint, string | undefined]>([
    ['a logon', 133_444_664_000_000_000n, '2023-11-14T20:13:20.000Z'],
    ['never', 0n, undefined],
    ['what is negative', -1n, undefined],
    ['the greatest there is', 2n ** 63n - 1n, undefined],
    ['the least there is', -(2n ** 63n), undefined],
  ])('that is %s', (_what, time, expected) => {
    expect(timestamp(time)).toBe(expected);
  });
});

describe('idle time', () => {
  const idle = (lastInputTime: bigint, disconnectTime = 0n, state: 'Active' | 'Disconnected' = 'Active') =>
    idleSeconds({ state, lastInputTime, disconnectTime }, NOW);

  it('is what has passed since the last input', () => {
    expect(idle(filetime(NOW - 90_500))).toBe(90);
    expect(idle(filetime(NOW - 90_500), filetime(NOW - 30_000), 'Disconnected')).toBe(90);
  });

  it('is nothing where the field holds the time since the host was started', () => {
    expect(idle(84_540_000_000n)).toBeUndefined();
  });

  it('is what has passed since the disconnect where nothing better is known', () => {
    expect(idle(0n, filetime(NOW - 30_000), 'Disconnected')).toBe(30);
    expect(idle(0n, filetime(NOW - 30_000))).toBeUndefined();
  });

  it('is never less than nothing, whatever the clocks say', () => {
    expect(idle(filetime(NOW + 60_000))).toBe(0);
  });
});
