import { describe, expect, it } from '@jest/globals';
import { median, processRounds } from './rounds.mjs';

describe('median', () => {
  it('is the number in the middle, or between the two there', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 2, 4, 100])).toBe(7);
    expect(() => median([])).toThrow('no median');
  });
});

describe('processRounds', () => {
  it('runs every command in each round, and does not count the first rounds', () => {
    const ran = [];
    const times = { a: [900, 900, 3, 1, 2], b: [800, 800, 30, 10, 20] };
    const run = (name) => {
      ran.push(name);
      return times[name].shift();
    };
    expect(processRounds({ one: 'a', other: 'b' }, { rounds: 3, warmUps: 2, run })).toEqual({
      one: 2,
      other: 20,
    });
    expect(ran.join('')).toBe('ababababab');
  });

  it('measures real processes', () => {
    const wait = (milliseconds) => ({
      program: process.execPath,
      args: ['-e', `setTimeout(() => {}, ${milliseconds})`],
    });
    const { long, short } = processRounds({ long: wait(400), short: wait(0) }, { rounds: 1, warmUps: 0 });
    expect(long).toBeGreaterThan(400);
    expect(short).toBeGreaterThan(0);
  });

  it('throws what a process said that failed', () => {
    const args = ['-e', 'console.error("no such file"); process.exit(3)'];
    expect(() => processRounds({ x: { program: process.execPath, args } })).toThrow(
      /ended with 3: no such file/,
    );
  });
});
