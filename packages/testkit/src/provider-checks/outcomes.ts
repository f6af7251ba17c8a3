import assert from 'node:assert/strict';
import { sessionKey, type Outcome } from '@slipline/core';
import { Stage } from '../stage.ts';
import { withEachEffect, type CheckDefinition } from './check.ts';

export const effectShows: CheckDefinition = {
  name: 'a disconnect shows on the server',
  run: (openBench) =>
    withEachEffect(openBench, async (stage, opened, effect) => {
      const outcome = await stage.disconnect(opened, effect);
      assert.equal(outcome.status, 'disconnected', said(outcome));
      const { verification } = outcome;
      assert.ok(
        verification === 'verified' ||
          verification === 'not-possible' ||
          (verification === 'pending' && effect === 'revoke'),
        `${effect} is ${verification}`,
      );
      const expected = stage.bench.expected(effect);
      if (expected !== 'live') assert.notEqual(await stage.bench.observe(opened.session), 'live', effect);
      if (expected !== 'detached')
        assert.equal(await stage.listed(opened), undefined, `${effect}: still listed`);
    }),
};

export const effectIsTheOneReported: CheckDefinition = {
  name: 'the effect reported is the effect reached',
  run: (openBench) =>
    withEachEffect(openBench, async (stage, opened, effect) => {
      const outcome = await stage.disconnect(opened, effect);
      if (outcome.status !== 'disconnected') return;
      const observed = await stage.bench.observe(opened.session);
      // That anything happened at all is the check before this one; here nothing else may have happened.
      const allowed = [stage.bench.expected(outcome.effect), 'live'];
      assert.ok(allowed.includes(observed), `${outcome.effect} was reported, the session is ${observed}`);
    }),
};

export const twiceIsSuccess: CheckDefinition = {
  name: 'twice is success, and said so',
  run: (openBench) =>
    withEachEffect(openBench, async (stage, opened, effect) => {
      const plan = await stage.plan(opened, effect);
      const first = await stage.apply(plan, stage.given(opened));
      assert.equal(first.status, 'disconnected', said(first));
      const second = await stage.apply(plan, stage.given(opened));
      const isThere = stage.bench.expected(effect) === 'detached';
      assert.ok(
        second.status === 'already-gone' || (isThere && second.status === 'disconnected'),
        said(second),
      );
    }),
};

export const goneAlreadyIsSuccess: CheckDefinition = {
  name: 'what was gone already is success, and said so',
  run: (openBench) =>
    withEachEffect(openBench, async (stage, opened, effect) => {
      if (stage.bench.expected(effect) === 'live') return;
      const plan = await stage.plan(opened, effect);
      if (stage.bench.endOnServer !== undefined) await stage.bench.endOnServer(opened.session);
      else await stage.bench.replace(stage.slipline, opened.session);
      const now = await stage.listed(opened, true);
      if (now !== undefined && now.fingerprint !== opened.session.fingerprint) return;
      const outcome = await stage.apply(plan, stage.given(opened));
      assert.equal(outcome.status, 'already-gone', said(outcome));
    }),
};

export const reusedIdIsRefused: CheckDefinition = {
  name: 'a reused id is refused',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const opened = await stage.open();
    const plan = await stage.plan(opened);
    await stage.bench.replace(stage.slipline, opened.session);
    const newcomer = await stage.listed(opened, true);
    const outcome = await stage.apply(plan, stage.given(opened));
    assert.notEqual(outcome.status, 'disconnected', 'the session that was chosen is gone');
    if (newcomer === undefined || newcomer.fingerprint === opened.session.fingerprint) return;
    assert.equal(sessionKey(newcomer), sessionKey(opened.session));
    assert.ok(outcome.status === 'failed' && outcome.error.code === 'changed', said(outcome));
    assert.equal(await stage.bench.observe(newcomer), 'live');
  },
};

export const adoptedIsNotEnded: CheckDefinition = {
  name: 'an adopted session is not ended',
  run: async (openBench) => {
    await using stage = await Stage.ready(openBench);
    const adopted = await stage.bench.adopt?.(stage.slipline);
    if (adopted === undefined) return;
    assert.equal(adopted.session.ownership, 'adopted');
    const outcome = await stage.disconnect(adopted);
    assert.ok(outcome.status === 'skipped' && outcome.reason === 'adopted', said(outcome));
    assert.equal(await stage.bench.observe(adopted.session), 'live');
    assert.ok((await stage.listed(adopted)) !== undefined, 'it stays listed');
    const asked = await stage.disconnect(adopted, undefined, { includeAdopted: true });
    assert.equal(asked.status, 'disconnected', said(asked));
  },
};

/** An outcome in words, for the message of an assertion. */
export function said(outcome: Outcome): string {
  switch (outcome.status) {
    case 'failed':
      return `failed: ${outcome.error.code}: ${outcome.error.message}`;
    case 'skipped':
      return `skipped: ${outcome.reason}`;
    case 'disconnected':
      return `disconnected: ${outcome.effect}, ${outcome.verification}`;
    case 'already-gone':
      return 'already-gone';
    default:
      return outcome satisfies never;
  }
}
