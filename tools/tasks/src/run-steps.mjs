// Runs steps that count tests, all of them whatever fails, and sums up.
import { add, summary } from './count.mjs';

/** Runs the steps in order and answers the sum of their counts, after a table and the summary line. */
export async function runSteps(steps, print = console.log) {
  const rows = [];
  for (const { name, run } of steps) {
    print(`\n--- ${name}`);
    const start = performance.now();
    const counts = await attempt(run, print);
    rows.push({ name, counts, seconds: (performance.now() - start) / 1000 });
  }
  const total = add(...rows.map(({ counts }) => counts));
  print('');
  for (const row of rows) print(tableRow(row));
  print(summary(total));
  return total;
}

/** A step that throws has failed like any other. */
async function attempt(run, print) {
  try {
    return await run();
  } catch (error) {
    print(error instanceof Error ? error.stack : String(error));
    return { passed: 0, failed: 1 };
  }
}

function tableRow({ name, counts: { passed, failed }, seconds }) {
  const verdict = failed === 0 ? 'ok    ' : 'FAILED';
  const tests = passed + failed > 1 ? ` (${summary({ passed, failed })})` : '';
  return `${verdict} ${seconds.toFixed(1).padStart(6)} s  ${name}${tests}`;
}
