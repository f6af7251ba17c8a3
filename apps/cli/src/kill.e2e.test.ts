import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { filesWithSecrets, KILL_STAGES, truthOf, type KillStage } from './kill-stage.test.support.ts';

// Command lines killed at random instants. `npm run test:crash` kills many more.

const PROVIDERS = Object.keys(KILL_STAGES);
const { SLIPLINE_KILLS: wanted } = process.env;
/** Of each provider. */
const KILLS = Math.ceil(Number(wanted ?? 300) / PROVIDERS.length);
/** At once: each home and system is used by all of them. */
const AT_ONCE = 8;
const OPEN_BEFORE = 4;

jest.setTimeout(120_000 + KILLS * 3000);

interface Story {
  readonly name: string;
  /** Whether it can be told of such a system; of any when absent. */
  readonly fits?: (stage: KillStage) => boolean;
  readonly argv: (provider: string, stage: KillStage, number: number) => readonly string[];
}

/** As one word of a specification: nothing in quotes is changed. */
const quoted = ({ connect }: KillStage): string => connect.map((word) => `'${word}'`).join(' ');

const STORIES: readonly Story[] = [
  { name: 'connect', argv: (_provider, { connect }) => ['connect', ...connect] },
  {
    name: 'connect, with a credential to keep',
    fits: ({ takesPassword }) => takesPassword,
    argv: (_provider, { connect }) => ['connect', ...connect, '--save-credential'],
  },
  { name: 'disconnect', argv: (provider, _stage, number) => ['disconnect', provider, String(number)] },
  {
    name: 'apply of many',
    argv: (provider) => ['disconnect', provider, '--all', '--yes', '--confirm-name', provider],
  },
  {
    name: 'apply of many that others have opened',
    fits: ({ foreign }) => foreign !== undefined,
    argv: (_provider, { foreign }) => foreign?.end ?? [],
  },
  { name: 'run', argv: (_provider, stage) => ['run', '--with', quoted(stage), '--', 'sleep', '0.02'] },
  {
    name: 'run with two sessions',
    argv: (_provider, stage) => [
      'run',
      '--with',
      `A=${quoted(stage)}`,
      '--with',
      `B=${quoted(stage)}`,
      '--',
      'sleep',
      '0.02',
    ],
  },
  { name: 'cleanup', argv: () => ['cleanup'] },
];

describe.each(PROVIDERS)('command lines killed on %s', (provider) => {
  let stage: KillStage;
  let stories: readonly Story[];
  /** Milliseconds that each story takes, beside the others, when nobody kills it. */
  const durations = new Map<Story, number>();
  beforeAll(async () => {
    stage = await KILL_STAGES[provider]!();
    stories = STORIES.filter(({ fits }) => fits?.(stage) ?? true);
    await prepare();
    const start = performance.now();
    await Promise.all(
      stories.map(async (story) => {
        await stage.cli.spawn(argvOf(story)).ended;
        durations.set(story, performance.now() - start);
      }),
    );
    await disconnectAll();
    expect(stage.opened?.secrets() ?? []).toEqual([]);
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  const argvOf = (story: Story): readonly string[] =>
    story.argv(provider, stage, 1 + Math.floor(Math.random() * OPEN_BEFORE));

  /** Opens what there is to end. */
  async function prepare(): Promise<void> {
    stage.foreign?.open();
    const open = (await truthOf(stage)).entries.filter(({ state }) => state === 'open').length;
    for (let count = open; count < OPEN_BEFORE; count += 1)
      expect(await stage.cli.run(['connect', ...stage.connect])).toMatchObject({ code: 0 });
  }

  const disconnectAll = () =>
    stage.cli.run(['disconnect', provider, '--all', '--yes', '--confirm-name', provider]);

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
      await prepare();
      const { secrets: kept } = await truthOf(stage);
      const chosen = Array.from(
        { length: AT_ONCE },
        (_, place) => stories[(batch + place) % stories.length]!,
      );
      const deaths = await Promise.all(chosen.map((story) => killed(story)));
      kills += deaths.filter(Boolean).length;
      // Past Jest, which would hold it back until the end.
      if (wanted !== undefined) process.stderr.write(`${provider}: ${kills} of ${KILLS}\n`);

      // What was ever written down is in the ledger until it has ended; what was not may be in doubt, and is named.
      const after = await truthOf(stage);
      expect(after.lost.filter((secret) => kept.has(secret))).toEqual([]);
      expect(after.lost.length).toBeLessThanOrEqual(after.named.size - told);
      expect(after.lies).toEqual([]);

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
      if (stage.opened) expect(stage.opened.secrets()).toHaveLength(mine + cleaned.lost.length);
      expect(filesWithSecrets(stage)).toEqual([]);

      if (batch % 5 === 0) {
        if (stage.foreign) {
          await prepare();
          expect(await stage.cli.run(stage.foreign.end)).toMatchObject({ code: 0 });
          expect(stage.foreign.ids()).toEqual([]);
        }
        await disconnectAll();
        await stage.cli.run(['cleanup', '--force']);
        expect(await truthOf(stage)).toMatchObject({ entries: [], kept: 0 });
        if (stage.opened) expect(stage.opened.secrets()).toHaveLength(cleaned.lost.length);
        stage.opened?.reset();
        told = (await truthOf(stage)).named.size;
      }
    }
    expect(kills).toBeGreaterThanOrEqual(KILLS);
  });
});
