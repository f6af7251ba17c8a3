import { describe, expect, it } from '@jest/globals';
import { hasFailed, table, verdictOf } from './report.mjs';

const row = (changes) => ({
  figure: 'ls',
  node: '20.0.0',
  unit: 'ms',
  value: 50,
  baseline: { what: 'node -e 0', value: 25 },
  compared: 'ratio',
  target: 2,
  bound: 'most',
  ...changes,
});

describe('verdictOf', () => {
  it.each([
    ['a ratio at its target', {}, 'ok'],
    ['a ratio above its target', { value: 51 }, 'missed'],
    ['a ratio above its target by half', { value: 75 }, 'missed'],
    ['a ratio above its target by more than half', { value: 76 }, 'failed'],
    ['a rate at its target', { value: 20, target: 0.8, bound: 'least' }, 'ok'],
    ['a rate below its target', { value: 14, target: 0.8, bound: 'least' }, 'missed'],
    ['a rate below its target by more than half', { value: 13, target: 0.8, bound: 'least' }, 'failed'],
    ['a rate of nothing', { value: 0, target: 0.8, bound: 'least' }, 'failed'],
    ['a difference within its target', { compared: 'difference', target: 25 }, 'ok'],
    ['a difference below zero', { compared: 'difference', value: 5, target: 25 }, 'ok'],
    ['a difference above its target by more than half', { compared: 'difference', target: 16 }, 'failed'],
    ['a value', { compared: 'value', baseline: undefined, target: 50 }, 'ok'],
    ['a value that was not measured', { value: NaN }, 'failed'],
  ])('judges %s', (_, changes, verdict) => {
    expect(verdictOf(row(changes))).toBe(verdict);
    expect(hasFailed(row(changes))).toBe(verdict === 'failed');
  });

  it('knows no other way to compare', () => {
    expect(() => verdictOf(row({ compared: 'guess' }))).toThrow('ratio, difference or value');
  });
});

describe('table', () => {
  it('shows each number with its unit, beside its baseline and its target', () => {
    const rows = [
      row({}),
      row({
        figure: 'size',
        unit: 'MB',
        value: 123.4,
        compared: 'value',
        baseline: undefined,
        target: 35,
        note: 'libsql 9',
      }),
    ];
    expect(table(rows)).toBe(
      [
        'Figure  Node    Measured  Baseline             Result  Target   Verdict',
        '------  ------  --------  -------------------  ------  -------  -------',
        'ls      20.0.0  50.0 ms   25.0 ms (node -e 0)  2.00 ×  ≤ 2 ×    ok',
        'size    20.0.0  123 MB                         123 MB  ≤ 35 MB  failed',
        '',
        'size: libsql 9',
      ].join('\n'),
    );
  });
});
