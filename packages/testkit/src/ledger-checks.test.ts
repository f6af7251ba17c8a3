import { describe, expect, it } from '@jest/globals';
import { MemoryLedger, type Ledger, type OperationResult } from '@slipline/core';
import { ledgerChecks } from './ledger-checks.ts';

describe('a ledger in memory', () => {
  for (const check of ledgerChecks(async (options) => new MemoryLedger(options))) it(check.name, check.run);
});

/** Faults that a ledger may have, and the checks that find them. */
const FAULTS: readonly (readonly [fault: string, found: string, make: () => Ledger])[] = [
  [
    'keeps secrets for ever',
    'a secret is handed back until the session has ended',
    () =>
      new (class extends MemoryLedger {
        override finish(results: readonly OperationResult[]): Promise<void> {
          return super.finish(results.map((result) => ({ ...result, entry: 'closing' })));
        }
      })(),
  ],
  [
    'forgets which operation was which',
    'intents are answered in order; foreign sessions have no state before, ended ones say so',
    () =>
      new (class extends MemoryLedger {
        override async begin(...given: Parameters<MemoryLedger['begin']>): ReturnType<MemoryLedger['begin']> {
          return [...(await super.begin(...given))].reverse();
        }
      })(),
  ],
  [
    'ignores its clock',
    'receipts are kept for ninety days, ended entries for seven',
    () => new MemoryLedger({ clock: { now: () => 0 } }),
  ],
];

describe('ledgerChecks', () => {
  it.each(FAULTS)('finds a ledger that %s', async (_, found, make) => {
    const check = ledgerChecks(async () => make()).find(({ name }) => name === found);
    await expect(check?.run()).rejects.toThrow();
  });

  it('names each check once', () => {
    const names = ledgerChecks(async () => new MemoryLedger()).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
