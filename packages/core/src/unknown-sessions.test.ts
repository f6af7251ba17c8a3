import { expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { pier, sliplineOf } from './pier.test.support.ts';

it('what nobody knows to be open can be forgotten, and nothing else can be done to it', async () => {
  const ledger = new MemoryLedger();
  const lost = new DisconnectError('timeout', 'no answer', { mayHaveTakenEffect: true });
  const system = pier({ connect: async () => Promise.reject(lost) });
  await using slipline = sliplineOf(system, ledger);
  await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({ code: 'timeout' });
  const selector = { provider: 'pier', selector: { id: ['1'] } };
  expect((await slipline.plan({ ...selector, effect: 'end' })).problems).toMatchObject([
    { error: { code: 'unsupported', next: 'it offers: forget' } },
  ]);
  const plan = await slipline.plan(selector);
  // A process that died in the middle of forgetting it.
  await ledger.begin(plan.steps.map(({ session, effect }) => ({ kind: 'disconnect', session, effect })));
  const { outcomes } = await slipline.apply(await slipline.plan(selector));
  expect(outcomes).toMatchObject([
    { status: 'disconnected', effect: 'forget', verification: 'not-possible', residual: [{}] },
  ]);
  expect(system.ended).toEqual([]);
  expect(await ledger.entries()).toEqual([]);
});
