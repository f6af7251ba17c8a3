#!/usr/bin/env node
// The whole check of .ci/run: everything on this Node, then the tests on the oldest Node 22 that is supported and on the newest 24.
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
  const { releaseOfNode } = await import('./tasks/src/nodes.mjs');
  const onNode = (version) => ({
    name: `tests on Node ${version}`,
    run: () => tests({ node: releaseOfNode(version), environment: { npm_execpath: npmProgram() } }),
  });
  return runSteps([
    { name: 'npm test', run: test },
    { name: 'npm run test:peers', run: peers },
    onNode('22.13.0'),
    onNode('24'),
  ]);
}

const { failed } = await main();
process.exitCode = failed === 0 ? 0 : 1;
