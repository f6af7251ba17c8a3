import { expect, it } from '@jest/globals';
import { MemoryLedger, Slipline } from '@slipline/core';
import { openBench } from './testing/index.ts';

it('a connect that was lost has left nothing, and is cleaned up without a question', async () => {
  await using bench = await openBench();
  const ledger = new MemoryLedger();
  await using slipline = new Slipline({ providers: [bench.plugin], ledger, network: bench.network });
  const { key } = await ledger.open({ provider: bench.plugin.id, endpoint: bench.facts.endpoint });
  await ledger.abandon(key, 'unknown', { code: 'timeout', message: 'no answer' });
  const { outcomes, kept } = await slipline.cleanup();
  expect([outcomes.map(({ status }) => status), kept]).toEqual([['already-gone'], []]);
  expect(await ledger.entries()).toEqual([]);
});
