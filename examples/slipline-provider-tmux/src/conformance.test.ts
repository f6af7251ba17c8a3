import { test } from 'node:test';
import { providerChecks } from '@slipline/testkit';
import { openBench } from './testing/index.ts';

for (const { name, run } of providerChecks(openBench)) test(name, run);
