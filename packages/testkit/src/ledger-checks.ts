import type { Clock, Ledger } from '@slipline/core';
import { rejects, stillClock, type Check } from './ledger-checks/check.ts';
import { ENTRY_CHECKS } from './ledger-checks/entries.ts';
import { OPERATION_CHECKS } from './ledger-checks/operations.ts';
import { RECEIPT_CHECKS } from './ledger-checks/receipts.ts';
import { SCOPE_CHECKS } from './ledger-checks/scopes.ts';
import { SECRET_CHECKS } from './ledger-checks/secrets.ts';

/** One check of a ledger; `run` rejects with an assertion error where the ledger fails it. */
export interface LedgerCheck {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Makes a new, empty ledger that goes by `clock`; the check closes it. */
export type MakeLedger = (options: { readonly clock: Pick<Clock, 'now'> }) => Promise<Ledger>;

/** What every `Ledger` does, as a list for any test runner. */
export function ledgerChecks(make: MakeLedger): readonly LedgerCheck[] {
  const checks = [
    ...ENTRY_CHECKS,
    ...SCOPE_CHECKS,
    ...SECRET_CHECKS,
    ...OPERATION_CHECKS,
    ...RECEIPT_CHECKS,
  ].map(({ name, run }: Check) => ({
    name,
    run: async () => {
      const clock = stillClock();
      await using ledger = await make({ clock });
      await run(ledger, clock);
    },
  }));
  return [
    ...checks,
    { name: 'a closed ledger refuses, and closing twice is fine', run: () => isClosed(make) },
  ];
}

async function isClosed(make: MakeLedger): Promise<void> {
  const ledger = await make({ clock: stillClock() });
  await ledger.open({ provider: 'alpha', endpoint: 'one' });
  await ledger[Symbol.asyncDispose]();
  await rejects(ledger.entries(), 'invalid-request');
  await rejects(ledger.open({ provider: 'alpha', endpoint: 'two' }), 'invalid-request');
  await rejects(ledger.receipts(), 'invalid-request');
  await rejects(ledger.trust.list(), 'invalid-request');
  await rejects(ledger.credentials.find('alpha', 'one'), 'invalid-request');
  await ledger[Symbol.asyncDispose]();
}
