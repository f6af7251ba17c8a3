import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { DisconnectError, Secret } from '@slipline/core';
import type { BenchSession } from '../bench.ts';
import { findCanaries } from '../canary.ts';
import { Stage } from '../stage.ts';
import type { CheckDefinition } from './check.ts';

export const noSecretIsSeen: CheckDefinition = {
  name: 'no secret is seen',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const wrong = `wrong-${randomUUID()}`;
    const shown: unknown[] = [await mistakenConnect(stage, wrong)];
    const opened = await stage.open();
    shown.push(
      opened.session,
      await lists(stage, opened),
      await settled(stage.slipline.access(opened.session)),
    );
    const plan = await stage.plan(opened);
    for (const how of ['error', 'hang', 'lie', 'nothing', 'nothing'] as const) {
      if (how !== 'nothing') stage.bench.fail(how);
      shown.push(await stage.apply(plan, { ...stage.given(opened), timeout: 250, verifyTimeout: 100 }));
      stage.bench.heal();
    }
    shown.push(stage.log.records, stage.events, await stage.ledger.entries(), await stage.ledger.receipts());
    shown.push(stage.slipline, stage.ledger, stage.watch.provider, stage.bench.plugin);

    const canaries = [wrong, ...stage.bench.canaries()];
    assert.ok(canaries.length > 1, 'a bench has secrets');
    assert.ok(
      canaries.every((canary) => canary.length >= 6),
      'a canary is long enough not to be met by chance',
    );
    assert.deepEqual(findCanaries(shown, canaries), []);
  },
};

/** What is said to who mistypes a password. */
async function mistakenConnect({ bench, provider, slipline }: Stage, wrong: string): Promise<unknown> {
  const table = bench.plugin.connect ?? {};
  const name = Object.keys(table).find((key) => table[key]?.credential === 'password');
  if (name === undefined || bench.connectValues === undefined) return undefined;
  return settled(slipline.connect(provider, { ...bench.connectValues(), [name]: new Secret(wrong) }));
}

/** Lists and plans, as objects and as the JSON that leaves the process. */
async function lists(stage: Stage, opened: BenchSession): Promise<unknown> {
  const { session, selector } = opened;
  const { provider, slipline } = stage;
  const plans = await Promise.all(
    session.effects.map((effect) => slipline.plan({ provider, selector, effect }, stage.given(opened))),
  );
  return [
    await slipline.sessions(),
    await slipline.sessions({ provider, selector }),
    await slipline.sessions({ provider, selector, isLive: true }),
    plans,
    await slipline.plan({ sessions: [{ ...session, id: 'no such session' }] }),
  ];
}

/** The value, or the error: either may be shown. */
async function settled(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return DisconnectError.is(error) ? error : assert.fail(error as Error);
  }
}
