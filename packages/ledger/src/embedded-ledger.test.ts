import { afterAll, describe, it } from '@jest/globals';
import { ledgerChecks } from '@slipline/testkit';
import { openLedger } from './index.ts';
import { testHome } from './test-home.test.support.ts';

const home = testHome();
afterAll(() => home.remove());

describe('the embedded ledger', () => {
  const checks = ledgerChecks(({ clock }) => openLedger({ ...home.next(), clock }));
  for (const check of checks) it(check.name, check.run);
});
