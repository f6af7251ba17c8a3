import assert from 'node:assert/strict';
import { Stage } from '../stage.ts';
import type { CheckDefinition } from './check.ts';

export const closingTwice: CheckDefinition = {
  name: 'closing twice is fine',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    await stage.open();
    await stage.slipline[Symbol.asyncDispose]();
    await stage.slipline[Symbol.asyncDispose]();
    await stage.watch.provider?.[Symbol.asyncDispose]?.();
  },
};

export const closingEndsNothing: CheckDefinition = {
  name: 'closing ends no session',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const { session } = await stage.open();
    const before = { writes: stage.bench.writes(), entries: await stage.ledger.entries() };
    await stage.slipline[Symbol.asyncDispose]();
    assert.equal(await stage.bench.observe(session), 'live');
    assert.deepEqual({ writes: stage.bench.writes(), entries: await stage.ledger.entries() }, before);
  },
};
