// A row says what was measured and what that is to be compared with:
//
//   { figure, node, unit, value, baseline: { what, value, unit }, compared: 'ratio' | 'difference' | 'value', target, bound: 'most' | 'least' }
//
// `compared` says which number the target is about: value / baseline, value - baseline, or the value itself. `baseline` may be
// absent where the target says everything, as for sizes. `note` is said below the table.

/** The number that the target is about. */
function resultOf({ value, baseline, compared }) {
  switch (compared) {
    case 'ratio':
      return value / baseline.value;
    case 'difference':
      return value - baseline.value;
    case 'value':
      return value;
    default:
      throw new Error(`A row is compared as ratio, difference or value, not as ${compared}.`);
  }
}

const PATIENCE = 1.5;

/** `ok`, `missed`, or `failed` where a target is missed by more than half. */
export function verdictOf(row) {
  const result = resultOf(row);
  // What was not measured has not met its target.
  if (!Number.isFinite(result)) return 'failed';
  const { target, bound } = row;
  const excess = bound === 'most' ? result / target : target / result;
  // A difference below zero is better than any target.
  if (excess <= 1) return bound === 'most' || result > 0 ? 'ok' : 'failed';
  return excess <= PATIENCE ? 'missed' : 'failed';
}

export const hasFailed = (row) => verdictOf(row) === 'failed';

const HEADINGS = ['Figure', 'Node', 'Measured', 'Baseline', 'Result', 'Target', 'Verdict'];

/** The rows as a table for people. */
export function table(rows) {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const [headings, ...body] = lines.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const notes = rows
    .filter(({ note }) => note !== undefined)
    .map(({ figure, note }) => `\n${figure}: ${note}`);
  return [headings, widths.map((width) => '-'.repeat(width)).join('  '), ...body, ...notes].join('\n');
}

function cells(row) {
  const { figure, node, value, unit, baseline, compared, target, bound } = row;
  const measure = compared === 'ratio' ? '×' : unit;
  const sign = bound === 'most' ? '≤' : '≥';
  return [
    figure,
    node,
    amount(value, unit),
    baseline === undefined ? '' : `${amount(baseline.value, baseline.unit ?? unit)} (${baseline.what})`,
    amount(resultOf(row), measure),
    `${sign} ${target} ${measure}`,
    verdictOf(row),
  ];
}

/** Three digits that mean something. */
function amount(number, unit) {
  const digits = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
  return `${number.toFixed(digits)} ${unit}`;
}
