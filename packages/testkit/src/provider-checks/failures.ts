import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { DisconnectError, type Effect, type ErrorCode, type Outcome } from '@slipline/core';
import type { BenchSession } from '../bench.ts';
import { soon, Stage } from '../stage.ts';
import type { CheckDefinition } from './check.ts';
import { said } from './outcomes.ts';

export const errorIsNeverSuccess: CheckDefinition = {
  name: 'a server error is never success',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const opened = await stage.open();
    const [effect] = stage.effectsOnServer(opened);
    if (effect === undefined) return;
    stage.bench.fail('error');
    const outcome = await stage.disconnect(opened, effect, { timeout: 3000 });
    await assertFailed(stage, opened, outcome);
    if (outcome.status === 'failed' && !outcome.error.forgets) await assertRepaired(stage, opened, effect);
  },
};

export const lieIsCaught: CheckDefinition = {
  name: 'a lying server is caught',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const opened = await stage.open();
    const effect = stage.effectsOnServer(opened).find((one) => one !== 'revoke');
    if (effect === undefined || stage.watch.provider?.probe === undefined) return;
    stage.bench.fail('lie');
    await assertFailed(stage, opened, await verified(stage, opened, effect), 'still-live');
    await assertRepaired(stage, opened, effect);
  },
};

export const hangEnds: CheckDefinition = {
  name: 'a hang ends at the deadline',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const opened = await stage.open();
    const [effect] = stage.effectsOnServer(opened);
    if (effect === undefined) return;
    const plan = await stage.plan(opened, effect);
    stage.bench.fail('hang');
    const outcome = await soon(stage.apply(plan, { ...stage.given(opened), timeout: 250 }), 'a disconnect');
    await assertFailed(stage, opened, outcome, 'timeout');
    await soon(stage.watch.settled('disconnect'), 'the call of a provider whose signal was aborted');
    await soon(stage.slipline[Symbol.asyncDispose](), 'closing');
  },
};

export const abortSendsNothing: CheckDefinition = {
  name: 'an abort before the wire sends nothing',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const opened = await stage.open();
    const [effect] = stage.effectsOnServer(opened);
    if (effect === undefined) return;
    const plan = await stage.plan(opened, effect);
    const given = stage.given(opened);
    const before = stage.bench.writes();
    const early = await stage.apply(plan, { ...given, signal: AbortSignal.abort() });

    const abort = new AbortController();
    stage.watch.before('disconnect', () => abort.abort());
    const late = await soon(stage.apply(plan, { ...given, signal: abort.signal }), 'a disconnect');
    assert.ok(stage.watch.wasCalled('disconnect'), 'the provider was not asked');
    await soon(stage.watch.settled('disconnect'), 'the call of a provider whose signal was aborted');
    // What was sent all the same arrives in this time.
    await setTimeout(50);
    assert.equal(stage.bench.writes(), before, 'something was sent');
    for (const outcome of [early, late]) await assertFailed(stage, opened, outcome, 'aborted');
  },
};

/** It says that it failed, the server still has the session, and so has the list, unless the error says that it is forgotten. */
async function assertFailed(
  stage: Stage,
  opened: BenchSession,
  outcome: Outcome,
  code?: ErrorCode,
): Promise<void> {
  assert.equal(outcome.status, 'failed', said(outcome));
  assert.ok(DisconnectError.is(outcome.error));
  if (code !== undefined) assert.equal(outcome.error.code, code, said(outcome));
  assert.equal(await stage.bench.observe(opened.session), 'live');
  const kept = outcome.error.forgets ? undefined : opened.session.fingerprint;
  assert.equal((await stage.listed(opened))?.fingerprint, kept, 'it stays listed, or it is forgotten');
}

/** With the server well again, the same user does the same once more. */
async function assertRepaired(stage: Stage, opened: BenchSession, effect: Effect): Promise<void> {
  stage.bench.heal();
  const outcome = await stage.disconnect(opened, effect);
  assert.equal(outcome.status, 'disconnected', said(outcome));
}

/** What is `pending` on a machine that was too slow to ask even once is asked again with more time. */
async function verified(stage: Stage, opened: BenchSession, effect: Effect): Promise<Outcome> {
  let outcome: Outcome | undefined;
  for (const verifyTimeout of [300, 3000, 30_000]) {
    outcome = await stage.disconnect(opened, effect, { verifyTimeout });
    if (outcome.status !== 'disconnected' || outcome.verification !== 'pending') break;
  }
  assert.ok(outcome !== undefined);
  return outcome;
}
