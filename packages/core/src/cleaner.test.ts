import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import type { EntryFilter, LedgerEntry } from './ledger.ts';
import { ManualClock } from './manual-clock.test.support.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { opened, pier, sliplineOf, type Pier } from './pier.test.support.ts';
import type { Provider } from './provider.ts';
import { Slipline } from './slipline.ts';

const DAY = 86_400_000;

/** A ledger that says that nobody looks after these endpoints any more. */
class LeftBehind extends MemoryLedger {
  readonly left = new Set<string>();

  override async entries({ isOrphan, ...filter }: EntryFilter = {}): Promise<readonly LedgerEntry[]> {
    const entries = (await super.entries(filter)).map((entry) => ({
      ...entry,
      isOrphan: entry.isOrphan || (entry.state === 'open' && this.left.has(entry.session.endpoint)),
    }));
    return isOrphan === true ? entries.filter((entry) => entry.isOrphan) : entries;
  }
}

const down = (): DisconnectError => new DisconnectError('unreachable', 'nobody answers');

async function leave(
  system: Pick<Pier, 'plugin'>,
  ledger: LeftBehind,
  ...hosts: readonly string[]
): Promise<void> {
  const slipline = sliplineOf(system, ledger);
  for (const host of hosts) await slipline.connect('pier', { host });
  for (const host of hosts) ledger.left.add(host);
}

const states = async (ledger: LeftBehind): Promise<readonly string[]> =>
  (await ledger.entries()).map(({ session, state }) => `${session.endpoint} ${state}`);

describe('cleanup', () => {
  it('ends what nobody looks after any more, and says why', async () => {
    const ledger = new LeftBehind();
    const system = pier({ connect: async ({ host }) => opened(`token of ${host}`, host) });
    await leave(system, ledger, 'one', 'two');
    await using slipline = sliplineOf(system, ledger);
    ledger.left.delete('two');
    const { outcomes, kept, problems } = await slipline.cleanup();
    expect(outcomes).toMatchObject([{ status: 'disconnected', effect: 'end', session: { endpoint: 'one' } }]);
    expect([kept, problems]).toEqual([[], []]);
    expect(system.ended).toEqual(['token of one']);
    expect(await states(ledger)).toEqual(['two open']);
    expect((await slipline.receipts({ kind: 'disconnect' }))[0]).toMatchObject({ reason: 'left behind' });
  });

  it('finishes a disconnect that failed, with the effect that was begun', async () => {
    const ledger = new LeftBehind();
    const effects: string[] = [];
    let isDown = true;
    const system = pier({
      connect: async ({ host }) => ({ ...opened('token', host), effects: ['end', 'revoke'] }),
      disconnect: async (_session, effect) => {
        if (isDown) throw down();
        effects.push(effect);
        return { wasGone: false };
      },
    });
    await using slipline = sliplineOf(system, ledger);
    await slipline.connect('pier', { host: 'one' });
    await slipline.apply(
      await slipline.plan({ provider: 'pier', selector: { id: ['1'] }, effect: 'revoke' }),
    );
    expect(await states(ledger)).toEqual(['one closing']);
    expect((await slipline.cleanup()).outcomes).toMatchObject([{ status: 'failed' }]);
    expect(await states(ledger)).toEqual(['one closing']);
    isDown = false;
    expect((await slipline.cleanup()).outcomes).toMatchObject([{ status: 'disconnected', effect: 'revoke' }]);
    expect(effects).toEqual(['revoke']);
    expect(await states(ledger)).toEqual([]);
  });

  it('forgets what was adopted, and does not end it', async () => {
    const ledger = new LeftBehind();
    const system = pier({
      connect: async ({ host }) => ({ ...opened('given', host), ownership: 'adopted' }),
    });
    await leave(system, ledger, 'one');
    await using slipline = sliplineOf(system, ledger);
    expect((await slipline.cleanup()).outcomes).toMatchObject([
      {
        status: 'disconnected',
        effect: 'forget',
        residual: [{ what: expect.stringMatching(/somebody else/) }],
      },
    ]);
    expect(system.ended).toEqual([]);
    expect(await states(ledger)).toEqual([]);
  });

  it('forgets by force what cannot be ended, and says what may live on', async () => {
    const ledger = new LeftBehind();
    const expiresAt = '2030-01-01T00:00:00Z';
    const system = pier({
      connect: async ({ host }) => ({ ...opened('token', host), expiresAt }),
      disconnect: async () => Promise.reject(down()),
    });
    await leave(system, ledger, 'one');
    await using slipline = sliplineOf(system, ledger);
    expect((await slipline.cleanup({ force: true })).outcomes).toMatchObject([
      {
        status: 'disconnected',
        effect: 'forget',
        verification: 'not-possible',
        residual: [{ what: 'the session may live on at one', until: expiresAt }],
      },
    ]);
    expect(await states(ledger)).toEqual([]);
  });
});

describe('what may have been opened', () => {
  const lost = async (): Promise<never> =>
    Promise.reject(new DisconnectError('timeout', 'no answer', { mayHaveTakenEffect: true }));

  async function lose(more: Pick<Provider, 'resolve'> = {}, idleLimit?: number) {
    const clock = new ManualClock();
    const ledger = new LeftBehind({ clock });
    const { plugin } = pier({ connect: lost, ...more });
    const slipline = new Slipline({ providers: [{ ...plugin, idleLimit }], ledger, clock });
    await expect(slipline.connect('pier', { host: 'one' })).rejects.toMatchObject({ code: 'timeout' });
    return { slipline, ledger, clock };
  }

  it('is kept, with the time at which it is gone for certain', async () => {
    const { slipline, ledger, clock } = await lose({}, DAY);
    const [entry] = await ledger.entries();
    const { kept, outcomes } = await slipline.cleanup();
    expect(outcomes).toEqual([]);
    const until = new Date(clock.now() + DAY + 600_000).toISOString();
    expect(kept).toMatchObject([{ session: { endpoint: 'one' }, since: entry?.changedAt, until }]);
    expect(await states(ledger)).toEqual(['one unknown']);
    await clock.advance(DAY + 600_001);
    expect((await slipline.cleanup()).outcomes).toMatchObject([{ status: 'already-gone' }]);
    expect(await states(ledger)).toEqual([]);
  });

  it('goes where the system can be asked and does not have it', async () => {
    const { slipline, ledger } = await lose({ resolve: async () => 'gone' });
    expect((await slipline.cleanup()).outcomes).toMatchObject([{ status: 'already-gone' }]);
    expect(await states(ledger)).toEqual([]);
  });

  it.each([
    ['nobody can tell', async () => 'unknown' as const],
    ['asking fails', async () => Promise.reject(down())],
  ])('stays where %s', async (_why, resolve) => {
    const { slipline, ledger } = await lose({ resolve });
    expect((await slipline.cleanup()).kept).toHaveLength(1);
    expect(await states(ledger)).toEqual(['one unknown']);
  });

  it('goes where somebody was about to forget it', async () => {
    const { slipline, ledger } = await lose();
    const { steps } = await slipline.plan({ provider: 'pier', selector: { id: ['1'] } });
    const [begun] = await ledger.begin(
      steps.map(({ session, effect }) => ({ kind: 'disconnect', session, effect })),
    );
    const error = { code: 'internal', message: 'died' } as const;
    await ledger.finish([{ operation: begun?.operation ?? '', status: 'failed', error, entry: 'closing' }]);
    expect((await slipline.cleanup()).outcomes).toMatchObject([{ effect: 'forget' }]);
    expect(await states(ledger)).toEqual([]);
  });

  it('can be forgotten by force', async () => {
    const { slipline, ledger } = await lose();
    expect((await slipline.cleanup({ force: true })).outcomes).toMatchObject([
      { status: 'disconnected', effect: 'forget', residual: [{ what: expect.stringMatching(/not known/) }] },
    ]);
    expect(await states(ledger)).toEqual([]);
  });
});

describe('before the first connect', () => {
  it('what was left behind is ended, and what failed lately is left alone', async () => {
    const clock = new ManualClock();
    const ledger = new LeftBehind({ clock });
    let isDown = true;
    const asked: string[] = [];
    const { plugin } = pier({
      disconnect: async ({ endpoint }) => {
        asked.push(endpoint);
        if (isDown && endpoint === 'down') throw down();
        return { wasGone: false };
      },
    });
    const next = (): Slipline => new Slipline({ providers: [plugin], ledger, clock });
    await leave({ plugin }, ledger, 'up', 'down');
    await next().connect('pier', { host: 'three' });
    expect(await states(ledger)).toEqual(['three open', 'down closing']);
    await next().connect('pier', { host: 'four' });
    expect(asked).toEqual(['up', 'down']);
    isDown = false;
    await clock.advance(600_001);
    await next().connect('pier', { host: 'five' });
    expect(await states(ledger)).toEqual(['three open', 'five open', 'four open']);
  });

  it('a ledger that cannot be read costs no connect of its own', async () => {
    const ledger = new LeftBehind();
    const read = ledger.entries.bind(ledger);
    ledger.entries = async (filter) => (filter?.isOrphan === true ? Promise.reject(down()) : read(filter));
    await using slipline = sliplineOf(pier(), ledger);
    await expect(slipline.connect('pier', { host: 'one' })).resolves.toBeDefined();
  });
});

describe('a disconnect by force', () => {
  it.each([
    ['is down', async () => Promise.reject(down())],
    ['refuses', async () => Promise.reject(new DisconnectError('forbidden', 'no'))],
    ['is not what it was', async () => Promise.reject(new TypeError('cannot read it'))],
  ])('forgets a session whose system %s', async (_why, disconnect) => {
    const ledger = new MemoryLedger();
    await using slipline = sliplineOf(pier({ disconnect }), ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    const plan = await slipline.plan({ sessions: [session] });
    expect((await slipline.apply(plan)).outcomes).toMatchObject([{ status: 'failed' }]);
    expect((await slipline.apply(plan, { force: true })).outcomes).toMatchObject([
      { status: 'disconnected', effect: 'forget', residual: [{ what: 'the session may live on at one' }] },
    ]);
    expect(await ledger.entries()).toEqual([]);
  });

  it('ends a session that can be ended', async () => {
    const ledger = new MemoryLedger();
    await using slipline = sliplineOf(pier(), ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    const plan = await slipline.plan({ sessions: [session] });
    expect((await slipline.apply(plan, { force: true })).outcomes).toMatchObject([{ effect: 'end' }]);
  });

  it('forgets a session whose provider is not there any more', async () => {
    const ledger = new MemoryLedger();
    const { plugin } = pier();
    const { session } = await sliplineOf({ plugin }, ledger).connect('pier', { host: 'one' });
    await using slipline = new Slipline({ providers: [], ledger });
    const plan = { version: 1, createdAt: '', problems: [], isEverything: false } as const;
    const steps = [{ session, effect: 'end', isNamed: true }] as const;
    expect((await slipline.apply({ ...plan, steps })).outcomes).toMatchObject([{ status: 'failed' }]);
    expect((await slipline.apply({ ...plan, steps }, { force: true })).outcomes).toMatchObject([
      { status: 'disconnected', effect: 'forget' },
    ]);
    expect(await ledger.entries()).toEqual([]);
  });
});
