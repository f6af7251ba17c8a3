import { expect, it } from '@jest/globals';
import { segments, type Segment } from './row-window.ts';

const view = { above: 0, height: 500, rowHeight: 50 };
const rowsOf = (found: readonly Segment[]): number[] =>
  found.flatMap((one) => (one.kind === 'row' ? [one.index] : []));
/** Rows and gaps together are the whole table, in order. */
const covered = (found: readonly Segment[]): number =>
  found.reduce((sum, one) => sum + (one.kind === 'row' ? 1 : one.rows), 0);

it.each([0, 1, 25, 10_000])('covers %i rows wherever it is scrolled to', (total) => {
  for (const above of [-5000, 0, 1234, 250_000, 9_999_999]) {
    for (const pinned of [undefined, 0, total - 1, 5_000]) {
      const found = segments(total, { ...view, above }, pinned);
      expect(covered(found)).toBe(total);
      const rows = rowsOf(found);
      expect(rows).toEqual([...rows].sort((one, other) => one - other));
      expect(rows.length).toBeLessThan(60);
    }
  }
});

it('draws what is in view, and some more', () => {
  const rows = rowsOf(segments(10_000, { ...view, above: 50_000 }));
  expect(rows).toContain(1000);
  expect(rows).toContain(1010);
  expect(rows).not.toContain(900);
});

it('draws the row that has the focus, far away as it may be', () => {
  expect(rowsOf(segments(10_000, { ...view, above: 50_000 }, 3))).toContain(3);
  expect(rowsOf(segments(10_000, view, 9_000))).toContain(9_000);
});
