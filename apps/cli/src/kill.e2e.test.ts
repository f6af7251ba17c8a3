import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { KILL_STAGES, truthOf, type KillStage } from './kill-stage.test.support.ts';

// Command lines killed at random instants. `npm run test:crash` kills many more.

const KILLS = Number(process.env['SLIPLINE_KILLS'] ?? 300);
/** At once: each home and system is used by all of them. */
const AT_ONCE = 6;
const OPEN_BEFORE = 4;

jest.setTimeout(120_000 + KILLS * 2000);

interface Story {
  readonly name: string;
  readonly argv: (provider: string, connect: readonly string[], number: number) => readonly string[];
}

const quoted = (words: readonly string[]): string => words.join(' ');

const STORIES: readonly Story[] = [
  { name: 'connect', argv: (_provider, connect) => ['connect', ...connect] },
  {
    name: 'connect, with a credential to keep',
    argv: (_provider, connect) => ['connect', ...connect, '--save-credential'],
  },
  { name: 'disconnect', argv: (provider, _connect, number) => ['disconnect', provider, String(number)] },
  {
    name: 'apply of many',
    argv: (provider) => ['disconnect', provider, '--all', '--yes', '--confirm-name', provider],
  },
  { name: 'run', argv: (_provider, connect) => ['run', '--with', quoted(connect), '--', 'sleep', '0.02'] },
  {
    name: 'run with two sessions',
    argv: (_provider, connect) => [
      'run',
      '--with',
      `A=${quoted(connect)}`,
      '--with',
      `B=${quoted(connect)}`,
      '--',
      'sleep',
      '0.02',
    ],
  },
  { name: 'cleanup', argv: () => ['cleanup'] },
];

describe.each(Object.keys(KILL_STAGES))('command lines killed on %s', (provider) => {
  let stage: KillStage;
  /** Milliseconds that each story takes when nobody kills it. */
  const durations = new Map<Story, number>();
  beforeAll(async () => {
    stage = await KILL_STAGES[provider]!();
    for (const story of STORIES) {
      await connected();
      const start = performance.now();
      const all = Array.from({ length: AT_ONCE }, () => stage.cli.spawn(argvOf(story)).ended);
      await Promise.all(all);
      durations.set(story, performance.now() - start);
    }
    await stage.cli.run(['disconnect', provider, '--all', '--yes', '--confirm-name', provider]);
    expect(stage.open()).toEqual([]);
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  const argvOf = (story: Story): readonly string[] =>
    story.argv(provider, stage.connect, 1 + Math.floor(Math.random() * OPEN_BEFORE));

  async function connected(): Promise<void> {
    for (let count = stage.open().length; count < OPEN_BEFORE; count += 1)
      expect((await stage.cli.run(['connect', ...stage.connect])).code).toBe(0);
  }

  /** Whether it was killed, and had not ended before. */
  async function killed(story: Story): Promise<boolean> {
    const spawned = stage.cli.spawn(argvOf(story));
    await sleep((0.25 + 0.85 * Math.random()) * (durations.get(story) ?? 0));
    spawned.child.kill('SIGKILL');
    await spawned.ended;
    return spawned.child.signalCode === 'SIGKILL';
  }

  it(`leave nothing behind after a clean-up, ${KILLS} times`, async () => {
    let kills = 0;
    /** Named in earlier batches, of sessions that the system does not have any more. */
    let told = 0;
    for (let batch = 0; kills < KILLS; batch += 1) {
      await connected();
      const { secrets: kept } = await truthOf(stage);
      const stories = Array.from(
        { length: AT_ONCE },
        (_, place) => STORIES[(batch + place) % STORIES.length]!,
      );
      const deaths = await Promise.all(stories.map((story) => killed(story)));
      kills += deaths.filter(Boolean).length;

      // What was ever written down is in the ledger until it has ended; what was not may be in doubt, and is named.
      const after = await truthOf(stage);
      expect(after.lost.filter((secret) => kept.has(secret))).toEqual([]);
      expect(after.lost.length).toBeLessThanOrEqual(after.named.size - told);

      const { code, stderr } = await stage.cli.run(['cleanup']);
      expect([code, stderr.replace('Nothing was left behind.\n', '')]).toEqual([0, '']);
      const cleaned = await truthOf(stage);
      expect(cleaned.lost.length).toBeLessThanOrEqual(cleaned.named.size - told);
      for (const { scope, state, isOrphan } of cleaned.entries)
        expect(state === 'unknown' ? [state] : [scope, state, isOrphan]).toEqual(
          state === 'unknown' ? ['unknown'] : ['user', 'open', false],
        );
      // What a connect has opened to the end is the user's, and lives.
      const mine = cleaned.entries.filter(({ state }) => state === 'open').length;
      expect(stage.open()).toHaveLength(mine + cleaned.lost.length);

      if (batch % 5 === 0) {
        await stage.cli.run(['disconnect', provider, '--all', '--yes', '--confirm-name', provider]);
        await stage.cli.run(['cleanup', '--force']);
        expect((await truthOf(stage)).entries).toEqual([]);
        expect(stage.open()).toHaveLength(cleaned.lost.length);
        stage.reset();
        told = (await truthOf(stage)).named.size;
      }
    }
    expect(kills).toBeGreaterThanOrEqual(KILLS);
  });
});
