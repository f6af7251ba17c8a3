import { describe, it } from '@jest/globals';
import { providerChecks } from '@slipline/testkit';
import { openBench } from './testing/index.ts';

describe('terminal-sessions keeps what every provider promises', () => {
  for (const { name, run } of providerChecks(openBench)) it(name, run);
});
