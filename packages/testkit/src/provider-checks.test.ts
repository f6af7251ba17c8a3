import { describe, expect, it } from '@jest/globals';
import type { Bench } from './bench.ts';
import { openHarbor } from './harbor-bench.test.support.ts';
import { PLANTED_FAULTS } from './planted-faults.test.support.ts';
import { providerChecks } from './provider-checks.ts';

const checks = providerChecks(() => openHarbor('own'));

/** The names of the checks that a provider does not pass. */
async function failing(openBench: () => Promise<Bench>): Promise<readonly string[]> {
  const names = await Promise.all(
    providerChecks(openBench).map(({ name, run }) =>
      run().then(
        () => [],
        () => [name],
      ),
    ),
  );
  return names.flat();
}

describe('providerChecks', () => {
  for (const kind of ['own', 'foreign'] as const) {
    it.each(providerChecks(() => openHarbor(kind)))(
      `accepts a provider without a fault, ${kind}: $name`,
      async ({ run }) => {
        await expect(run()).resolves.toBeUndefined();
      },
    );
  }

  it('has one planted fault for each check', () => {
    expect(Object.keys(PLANTED_FAULTS).sort()).toEqual(checks.map(({ name }) => name).sort());
  });

  it.each(Object.entries(PLANTED_FAULTS))(
    'fails this check and no other: %s',
    async (name, { kind, Provider }) => {
      expect(await failing(() => openHarbor(kind, Provider))).toEqual([name]);
    },
    30_000,
  );
});
