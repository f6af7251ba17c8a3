import type { Effect } from '@slipline/core';
import type { BenchSession } from '../bench.ts';
import { Stage, type OpenBench } from '../stage.ts';

/** One promise of a provider, and how it is tried. It rejects with an `AssertionError` where it is not kept. */
export interface CheckDefinition {
  readonly name: string;
  readonly run: (openBench: OpenBench) => Promise<void>;
}

/** Runs `work` with each effect that the bench's sessions offer, each on a stage of its own. */
export async function withEachEffect(
  openBench: OpenBench,
  work: (stage: Stage, opened: BenchSession, effect: Effect) => Promise<void>,
): Promise<void> {
  let offered: readonly Effect[] | undefined;
  for (let place = 0; offered === undefined || place < offered.length; place += 1) {
    await using stage = await Stage.ready(openBench);
    const opened = await stage.open();
    offered ??= opened.session.effects;
    const effect = offered[place];
    if (effect !== undefined) await work(stage, opened, effect);
  }
}
