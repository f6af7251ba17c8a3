// `npm run check` and `npm test`: every step runs, whatever failed before it.
import { checkCount } from './count.mjs';
import { runSteps } from './run-steps.mjs';
import { checks, tests, tool } from './steps.mjs';
import { checkTarballs } from './tarballs.mjs';

const asCounts = (run) => async () => checkCount(await run());

const staticSteps = Object.entries(checks).map(([name, run]) => ({ name, run: asCounts(run) }));

const allSteps = [
  ...staticSteps,
  { name: 'tests', run: tests },
  { name: 'the tests behind docs/parity.md', run: asCounts(() => tool('parity', '--check', '--ran')) },
  { name: 'tarballs', run: asCounts(checkTarballs) },
];

/** Everything but tests and tarballs. */
export const check = () => runSteps(staticSteps);

/** Everything. */
export const test = () => runSteps(allSteps);
