#!/usr/bin/env node
// The whole check of .ci/run: everything on this Node, then the tests on the newest releases of the other supported lines.
import { checkCount, summary } from './tasks/src/count.mjs';
import { npmProgram } from './tasks/src/environment.mjs';
import { install } from './tasks/src/install.mjs';

function notInstalled() {
  const counts = checkCount(1);
  console.log(summary(counts));
  return counts;
}

async function main() {
  if (install() !== 0) return notInstalled();
  const { test } = await import('./tasks/src/check.mjs');
  const { runSteps } = await import('./tasks/src/run-steps.mjs');
  const { peers } = await import('./tasks/src/peers.mjs');
  const { tests } = await import('./tasks/src/steps.mjs');
  const { newestNode } = await import('./tasks/src/nodes.mjs');
  const onNode = (major) => ({
    name: `tests on Node ${major}`,
    run: () => tests({ node: newestNode(major), environment: { npm_execpath: npmProgram() } }),
  });
  return runSteps([
    { name: 'npm test', run: test },
    { name: 'npm run test:peers', run: peers },
    onNode(22),
    onNode(24),
  ]);
}

const { failed } = await main();
process.exitCode = failed === 0 ? 0 : 1;
