import { expect, it } from '@jest/globals';
import { runSteps } from './run-steps.mjs';

async function run(steps) {
  const lines = [];
  const total = await runSteps(steps, (line) => lines.push(line));
  return { total, lines };
}

it('runs every step, whatever failed or threw before it, and ends in the sum', async () => {
  const ran = [];
  const step = (name, answer) => ({
    name,
    run: async () => {
      ran.push(name);
      return answer();
    },
  });
  const { total, lines } = await run([
    step('lint', () => ({ passed: 0, failed: 1 })),
    step('build', () => {
      throw new Error('no compiler');
    }),
    step('tests', () => ({ passed: 7, failed: 0 })),
  ]);
  expect(ran).toEqual(['lint', 'build', 'tests']);
  expect(total).toEqual({ passed: 7, failed: 2 });
  expect(lines.at(-1)).toBe('7 passed, 2 failed');
  expect(lines.join('\n')).toContain('no compiler');
});

it('names what failed', async () => {
  const { lines } = await run([
    { name: 'lint', run: () => ({ passed: 0, failed: 1 }) },
    { name: 'tests', run: () => ({ passed: 2, failed: 0 }) },
  ]);
  expect(lines.find((line) => line.startsWith('FAILED'))).toMatch(/ s {2}lint$/);
  expect(lines.find((line) => line.startsWith('ok'))).toMatch(/ s {2}tests \(2 passed, 0 failed\)$/);
});
