import { describe, it } from '@jest/globals';
import { providerChecks } from '@slipline/testkit';
import { openBench } from './testing/index.ts';

describe('wsman keeps what every provider promises of its shells', () => {
  for (const { name, run } of providerChecks(openBench)) it(name, run);
});

describe('wsman keeps what every provider promises of its connections', () => {
  const checks = providerChecks((options) => openBench({ ...options, sessions: 'connections' }));
  // A connection is known without asking its computer, so that no computer can fail to tell.
  const kept = checks.filter(
    ({ name }) => name !== 'an endpoint that fails does not hide the others, nor itself',
  );
  for (const { name, run } of kept) it(name, run);
});
