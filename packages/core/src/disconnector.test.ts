import { describe, expect, it } from '@jest/globals';
import type { DisconnectEvent } from './disconnector.ts';
import { DisconnectError } from './errors.ts';
import { Fleet, type FleetOptions } from './fleet.test.support.ts';
import type { Ledger } from './ledger.ts';
import { ManualClock, turn } from './manual-clock.test.support.ts';
import { MemoryLedger } from './memory-ledger.ts';
import type { Outcome } from './outcome.ts';
import { opened, pier, sliplineOf } from './pier.test.support.ts';
import type { Plan } from './plan.ts';
import type { Provider } from './provider.ts';
import { Secret } from './secret.ts';
import type { Session } from './session.ts';
import { Slipline } from './slipline.ts';

function setUp(options: FleetOptions = {}, ledger: Ledger = new MemoryLedger()) {
  const fleet = new Fleet(options);
  const clock = new ManualClock();
  const slipline = new Slipline({ providers: [fleet.plugin], ledger, clock });
  return { fleet, clock, slipline, ledger };
}

/** A plan of these sessions, as somebody may have kept one. */
function planOf(sessions: readonly Session[], more: Partial<Plan['steps'][number]> = {}): Plan {
  return {
    version: 1,
    createdAt: '2026-01-01T00:00:00Z',
    steps: sessions.map((session) => ({ session, effect: 'end', isNamed: false, ...more })),
    problems: [],
    isEverything: false,
  };
}

const summary = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map((outcome) =>
    outcome.status === 'failed'
      ? `${outcome.session.id} failed: ${outcome.error.code}`
      : `${outcome.session.id} ${outcome.status}`,
  );

const never = (): Promise<never> => new Promise(() => undefined);

describe('outcomes', () => {
  it('come one for each session, in the order of the plan, whatever ends first', async () => {
    const order: string[] = [];
    const { fleet, slipline } = setUp({
      disconnect: async ({ id }) => {
        for (let turns = Number(id); turns > 0; turns -= 1) await turn();
        order.push(id);
        if (id === '2') throw new DisconnectError('forbidden', 'not allowed');
        return { wasGone: id === '1' };
      },
    });
    const plan = planOf([3, 1, 2].map((id) => fleet.add('a.test', String(id))));
    const { outcomes, problems } = await slipline.apply(plan);
    expect(order).toEqual(['1', '2', '3']);
    expect(summary(outcomes)).toEqual(['3 disconnected', '1 already-gone', '2 failed: forbidden']);
    expect(problems).toEqual([]);
  });

  it('say what was reached, and what access remains', async () => {
    const residual = [{ what: 'access tokens', until: '2026-01-01T01:00:00Z' }];
    const { fleet, slipline } = setUp({ disconnect: async () => ({ wasGone: false, residual }) });
    const session = fleet.add('a.test', '1');
    const { outcomes } = await slipline.apply(planOf([session], { effect: 'detach' }));
    expect(outcomes).toEqual([
      { session, status: 'disconnected', effect: 'detach', verification: 'not-possible', residual },
    ]);
  });

  it('name the system in an error that did not', async () => {
    const { fleet, slipline } = setUp({
      disconnect: () => Promise.reject(new TypeError('x is not a function')),
    });
    const { outcomes } = await slipline.apply(planOf([fleet.add('a.test', '1')]));
    expect(outcomes).toMatchObject([
      { error: { code: 'internal', message: 'x is not a function', system: 'a.test' } },
    ]);
  });

  it('of an empty plan are none, and nothing is asked', async () => {
    const { fleet, slipline } = setUp();
    expect(await slipline.apply(planOf([]))).toEqual({ outcomes: [], problems: [] });
    expect(fleet.calls).toEqual([]);
  });

  it('keep the problems of the plan', async () => {
    const { slipline } = setUp();
    const problem = {
      provider: 'fleet',
      endpoint: 'b.test',
      error: new DisconnectError('unreachable', 'no'),
    };
    expect((await slipline.apply({ ...planOf([]), problems: [problem] })).problems).toEqual([problem]);
  });
});

describe('a plan', () => {
  it('of a session that is gone is already reached, and nothing is sent', async () => {
    const { fleet, slipline } = setUp();
    const session = fleet.add('a.test', '1');
    fleet.remove(session);
    expect(summary((await slipline.apply(planOf([session]))).outcomes)).toEqual(['1 already-gone']);
    expect(fleet.calls).toEqual(['find a.test']);
  });

  it('of an id that is used again is refused, and nothing is sent', async () => {
    const { fleet, slipline } = setUp();
    const session = fleet.add('a.test', '1');
    fleet.add('a.test', '1', { fingerprint: 'another' });
    const { outcomes } = await slipline.apply(planOf([session]));
    expect(outcomes).toMatchObject([
      { error: { code: 'changed', system: 'a.test', next: expect.any(String) } },
    ]);
    expect(fleet.calls).toEqual(['find a.test']);
    expect(fleet.has(session)).toBe(true);
  });

  it('is believed neither in ownership nor in effects', async () => {
    const { fleet, slipline } = setUp();
    const session = fleet.add('a.test', '1');
    const claimed: Session = { ...session, ownership: 'opened', effects: ['revoke'] };
    const { outcomes } = await slipline.apply(planOf([claimed], { effect: 'revoke' }));
    expect(outcomes).toMatchObject([
      {
        error: {
          code: 'unsupported',
          message: 'ship 1 at a.test does not offer "revoke"',
          next: 'it offers: end, detach',
        },
      },
    ]);
    const listed = fleet.add('a.test', '2', { effects: [] });
    expect((await slipline.apply(planOf([{ ...listed, effects: ['end'] }]))).outcomes).toMatchObject([
      { error: { code: 'unsupported', message: expect.stringContaining('lets nobody else end it') } },
    ]);
    expect(fleet.calls).toEqual(['find a.test', 'find a.test']);
  });

  it('of a provider that is not there fails for its sessions only', async () => {
    const { fleet, slipline } = setUp();
    const stranger = fleet.add('a.test', '1', { provider: 'stranger' });
    const plan = planOf([stranger, fleet.add('a.test', '2')]);
    expect(summary((await slipline.apply(plan)).outcomes)).toEqual([
      '1 failed: unknown-provider',
      '2 disconnected',
    ]);
  });

  it('reads many foreign sessions of an endpoint with one request, or each by itself where it can', async () => {
    const { fleet, slipline } = setUp();
    const sessions = ['1', '2', '3'].map((id) => fleet.add('a.test', id));
    await slipline.apply(planOf([...sessions, fleet.add('A.TEST', '4'), fleet.add('b.test', '5')]));
    expect(fleet.calls.filter((call) => call.startsWith('find'))).toEqual(['find a.test', 'find b.test']);

    const inspected: string[] = [];
    const single = setUp({
      inspect: async ({ id }) => {
        inspected.push(id);
        return sessions.find((session) => session.id === id);
      },
    });
    await single.slipline.apply(planOf(sessions));
    expect(inspected).toEqual(['1', '2', '3']);
  });

  it('whose session cannot be read fails for it, and sends nothing', async () => {
    const { fleet, slipline } = setUp({
      inspect: async ({ id }) => {
        if (id === '1') throw new DisconnectError('unreachable', 'nobody answers');
        return fleet.add('a.test', id);
      },
    });
    const plan = planOf(['1', '2'].map((id) => fleet.add('a.test', id)));
    expect(summary((await slipline.apply(plan)).outcomes)).toEqual([
      '1 failed: unreachable',
      '2 disconnected',
    ]);
    expect(fleet.calls).toEqual(['disconnect a.test/2 end']);
  });
});

describe('what is left alone', () => {
  it('is an adopted session, unless it is asked for', async () => {
    const { fleet, slipline } = setUp();
    const plan = planOf([fleet.add('a.test', '1', { ownership: 'adopted' }), fleet.add('a.test', '2')]);
    expect((await slipline.apply(plan)).outcomes).toMatchObject([
      { status: 'skipped', reason: 'adopted' },
      { status: 'disconnected' },
    ]);
    expect(fleet.calls).toEqual(['find a.test', 'disconnect a.test/2 end']);
    expect(summary((await slipline.apply(plan, { includeAdopted: true })).outcomes)).toEqual([
      '1 disconnected',
      '2 already-gone',
    ]);
  });

  it('is the session this process runs in, unless it is named', async () => {
    const { fleet, slipline } = setUp();
    const own = fleet.add('a.test', '1', { isCaller: true });
    expect((await slipline.apply(planOf([own]))).outcomes).toMatchObject([
      { status: 'skipped', reason: 'own-session' },
    ]);
    expect(summary((await slipline.apply(planOf([own], { isNamed: true }))).outcomes)).toEqual([
      '1 disconnected',
    ]);
  });

  it('is everything where a person declines, with what would be touched as it is now', async () => {
    const { fleet, slipline, ledger } = setUp();
    const gone = fleet.add('a.test', '1');
    const plan = planOf([gone, fleet.add('a.test', '2'), fleet.add('b.test', '3')]);
    fleet.remove(gone);
    const asked: unknown[] = [];
    const { outcomes } = await slipline.apply(plan, {
      confirm: async (danger, shown) => {
        asked.push(danger.level, ...shown.steps.map(({ session }) => session.id));
        return false;
      },
    });
    expect(asked).toEqual(['ask', '2', '3']);
    expect(outcomes).toMatchObject([
      { status: 'already-gone' },
      { status: 'skipped', reason: 'declined' },
      { status: 'skipped', reason: 'declined' },
    ]);
    expect(fleet.calls.some((call) => call.startsWith('disconnect'))).toBe(false);
    expect(await ledger.receipts()).toEqual([]);
  });

  it('is nothing where nobody has to be asked', async () => {
    const { fleet, slipline } = setUp();
    const confirm = () => Promise.reject(new Error('asked'));
    const own = fleet.add('a.test', '1', { ownership: 'opened' });
    expect(summary((await slipline.apply(planOf([own]), { confirm })).outcomes)).toEqual(['1 disconnected']);
    const dangerous = setUp({ impact: 'high' });
    const important = dangerous.fleet.add('a.test', '1', { ownership: 'opened' });
    await expect(dangerous.slipline.apply(planOf([important]), { confirm })).rejects.toThrow('asked');
    expect(dangerous.fleet.has(important)).toBe(true);
  });
});

describe('concurrency', () => {
  /** The most disconnects at once, in all and at one endpoint. */
  async function most(endpoints: number, each: number, options: Parameters<Slipline['apply']>[1] = {}) {
    const open = new Map<string, number>();
    const peaks = { total: 0, endpoint: 0 };
    const { fleet, slipline } = setUp({
      disconnect: async ({ endpoint }) => {
        open.set(endpoint, (open.get(endpoint) ?? 0) + 1);
        peaks.endpoint = Math.max(peaks.endpoint, ...open.values());
        peaks.total = Math.max(
          peaks.total,
          [...open.values()].reduce((sum, count) => sum + count, 0),
        );
        for (let turns = 0; turns < 5; turns += 1) await turn();
        open.set(endpoint, (open.get(endpoint) ?? 0) - 1);
        return { wasGone: false };
      },
    });
    const sessions = Array.from({ length: endpoints * each }, (_, place) =>
      fleet.add(`host${place % endpoints}.test`, String(place)),
    );
    const { outcomes } = await slipline.apply(planOf(sessions), options);
    expect(outcomes.every(({ status }) => status === 'disconnected')).toBe(true);
    return peaks;
  }

  it('is 16 in all, and 4 at one endpoint', async () => {
    expect(await most(1, 20)).toEqual({ total: 4, endpoint: 4 });
    expect(await most(10, 10)).toEqual({ total: 16, endpoint: expect.any(Number) });
    expect((await most(10, 10)).endpoint).toBeLessThanOrEqual(4);
  });

  it('is what the caller says', async () => {
    expect(await most(1, 20, { concurrencyPerEndpoint: 7 })).toEqual({ total: 7, endpoint: 7 });
    expect(await most(3, 20, { concurrency: 5 })).toMatchObject({ total: 5 });
    expect(await most(3, 5, { concurrency: 1 })).toEqual({ total: 1, endpoint: 1 });
  });

  it.each([0, -1, 1.5, NaN, Infinity, '4'])('is no %p', async (concurrency) => {
    const { fleet, slipline } = setUp();
    const plan = planOf([fleet.add('a.test', '1')]);
    for (const options of [{ concurrency }, { concurrencyPerEndpoint: concurrency }])
      await expect(slipline.apply(plan, options as never)).rejects.toMatchObject({ code: 'invalid-request' });
    expect(fleet.calls).toEqual([]);
  });
});

describe('a deadline', () => {
  it('ends a disconnect that ignores its signal, and leaves the others alone', async () => {
    const { fleet, slipline, clock, ledger } = setUp({
      disconnect: ({ id }) => (id === '1' ? never() : Promise.resolve({ wasGone: false })),
    });
    const applying = slipline.apply(planOf([fleet.add('a.test', '1'), fleet.add('a.test', '2')]), {
      timeout: 5000,
    });
    await clock.advance(5050);
    const { outcomes } = await applying;
    expect(summary(outcomes)).toEqual(['1 failed: timeout', '2 disconnected']);
    expect(outcomes).toMatchObject([{ error: { system: 'a.test', mayHaveTakenEffect: true } }, {}]);
    expect((await ledger.receipts()).map(({ status }) => status).sort()).toEqual(['disconnected', 'failed']);
  });

  it('is 20 seconds for each disconnect by itself', async () => {
    const { fleet, slipline, clock } = setUp({
      disconnect: async () => {
        await clock.sleep(19_000);
        return { wasGone: false };
      },
    });
    const applying = slipline.apply(planOf(['1', '2', '3'].map((id) => fleet.add('a.test', id))), {
      concurrency: 1,
    });
    await clock.advance(60_000);
    expect(summary((await applying).outcomes)).toEqual([
      '1 disconnected',
      '2 disconnected',
      '3 disconnected',
    ]);
  });

  it('ends a look at the session as well', async () => {
    const { fleet, slipline, clock } = setUp({ inspect: never });
    const applying = slipline.apply(planOf([fleet.add('a.test', '1')]), { timeout: 1000 });
    await clock.advance(1050);
    expect(summary((await applying).outcomes)).toEqual(['1 failed: timeout']);
    expect(fleet.calls).toEqual([]);
  });
});

describe('an abort', () => {
  it('before anything leaves every session alone', async () => {
    const { fleet, slipline, ledger } = setUp();
    const plan = planOf(['1', '2'].map((id) => fleet.add('a.test', id)));
    const { outcomes } = await slipline.apply(plan, { signal: AbortSignal.abort() });
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'aborted', mayHaveTakenEffect: false } },
      { status: 'failed', error: { code: 'aborted', mayHaveTakenEffect: false } },
    ]);
    expect([fleet.calls, await ledger.receipts()]).toEqual([[], []]);
  });

  it('while sessions are read sends nothing', async () => {
    const abort = new AbortController();
    const { fleet, slipline, clock } = setUp({
      inspect: () => {
        abort.abort();
        return never();
      },
    });
    const applying = slipline.apply(planOf([fleet.add('a.test', '1')]), { signal: abort.signal });
    await clock.advance(50);
    expect(summary((await applying).outcomes)).toEqual(['1 failed: aborted']);
    expect(fleet.calls).toEqual([]);
  });

  it('while a person is asked sends nothing, even after a yes', async () => {
    const abort = new AbortController();
    const { fleet, slipline, ledger } = setUp();
    const plan = planOf(['1', '2'].map((id) => fleet.add('a.test', id)));
    const confirm = async (): Promise<boolean> => {
      abort.abort();
      return true;
    };
    const { outcomes } = await slipline.apply(plan, { signal: abort.signal, confirm });
    expect(summary(outcomes)).toEqual(['1 failed: aborted', '2 failed: aborted']);
    expect(fleet.calls).toEqual(['find a.test']);
    expect(await ledger.receipts()).toEqual([]);
  });

  it('in flight ends what is under way, leaves the rest alone, and notes both', async () => {
    const abort = new AbortController();
    const { fleet, slipline, ledger } = setUp({
      disconnect: async ({ id }, _effect, { signal }) => {
        if (id === '1') return { wasGone: false };
        abort.abort();
        signal.throwIfAborted();
        return never();
      },
    });
    const plan = planOf(['1', '2', '3', '4'].map((id) => fleet.add('a.test', id)));
    const { outcomes } = await slipline.apply(plan, { signal: abort.signal, concurrency: 1 });
    expect(summary(outcomes)).toEqual([
      '1 disconnected',
      '2 failed: aborted',
      '3 failed: aborted',
      '4 failed: aborted',
    ]);
    expect(outcomes).toMatchObject([
      {},
      { error: { mayHaveTakenEffect: true } },
      { error: { mayHaveTakenEffect: false } },
      { error: { mayHaveTakenEffect: false } },
    ]);
    expect(fleet.calls).toEqual(['find a.test', 'disconnect a.test/1 end', 'disconnect a.test/2 end']);
    // Their intents share a commit, so that every one of them has its end written down.
    expect((await ledger.receipts()).map(({ session, status }) => [session.id, status]).sort()).toEqual([
      ['1', 'disconnected'],
      ['2', 'failed'],
      ['3', 'failed'],
      ['4', 'failed'],
    ]);
  });

  it('that only stops lets what is under way come to its end', async () => {
    const stop = new AbortController();
    const { fleet, slipline, ledger } = setUp({
      disconnect: async ({ id }, _effect, { signal }) => {
        if (id === '2') stop.abort();
        for (let turns = 3; turns > 0; turns -= 1) await turn();
        signal.throwIfAborted();
        return { wasGone: false };
      },
    });
    const plan = planOf(['1', '2', '3', '4'].map((id) => fleet.add('a.test', id)));
    const { outcomes } = await slipline.apply(plan, { stop: stop.signal, concurrency: 1 });
    expect(summary(outcomes)).toEqual([
      '1 disconnected',
      '2 disconnected',
      '3 failed: aborted',
      '4 failed: aborted',
    ]);
    expect(outcomes[2]).toMatchObject({ error: { mayHaveTakenEffect: false } });
    expect(fleet.calls).toEqual(['find a.test', 'disconnect a.test/1 end', 'disconnect a.test/2 end']);
    expect((await ledger.receipts()).filter(({ status }) => status === undefined)).toEqual([]);
  });

  it('that stopped before asks no system', async () => {
    const { fleet, slipline } = setUp();
    const { outcomes } = await slipline.apply(planOf([fleet.add('a.test', '1')]), {
      stop: AbortSignal.abort(),
    });
    expect(summary(outcomes)).toEqual(['1 failed: aborted']);
    expect(fleet.calls).toEqual([]);
  });

  it('during verification leaves what was accepted pending', async () => {
    const abort = new AbortController();
    const { fleet, slipline, clock } = setUp({
      disconnect: async () => ({ wasGone: false }),
      probe: async () => {
        abort.abort();
        return never();
      },
    });
    const applying = slipline.apply(planOf([fleet.add('a.test', '1')]), { signal: abort.signal });
    await clock.advance(50);
    expect((await applying).outcomes).toMatchObject([{ status: 'disconnected', verification: 'pending' }]);
  });
});

describe('verification', () => {
  type Answer = 'reached' | 'not-yet' | 'changed' | 'no answer' | 'an error';

  async function verify(
    answers: readonly Answer[],
    effect: 'end' | 'detach' | 'revoke' = 'end',
    verifyTimeout = 10_000,
  ) {
    const asked: number[] = [];
    const { fleet, slipline, clock } = setUp({
      disconnect: async () => ({ wasGone: false }),
      probe: async () => {
        asked.push(clock.now() - start);
        const answer = answers[Math.min(asked.length, answers.length) - 1];
        if (answer === 'no answer') return never();
        if (answer === 'an error') throw new DisconnectError('unreachable', 'nobody answers');
        return answer as 'reached';
      },
    });
    const start = clock.now();
    const session = fleet.add('a.test', '1', { effects: ['end', 'detach', 'revoke'] });
    const applying = slipline.apply(planOf([session], { effect }), { verifyTimeout });
    await clock.advance(verifyTimeout + 1000);
    const [outcome] = (await applying).outcomes;
    if (outcome === undefined) throw new Error('no outcome');
    const verdict = outcome.status === 'disconnected' ? outcome.verification : summary([outcome])[0];
    return { verdict, asked, error: outcome.status === 'failed' ? outcome.error : undefined };
  }

  it('asks once where the server says yes', async () => {
    expect(await verify(['reached'])).toMatchObject({ verdict: 'verified', asked: [0] });
  });

  it('asks again, ever more slowly', async () => {
    const { verdict, asked } = await verify([
      'not-yet',
      'not-yet',
      'not-yet',
      'not-yet',
      'not-yet',
      'not-yet',
      'not-yet',
      'reached',
    ]);
    expect([verdict, asked]).toEqual(['verified', [0, 50, 150, 350, 750, 1550, 2550, 3550]]);
  });

  it('asks for as long as it takes where that is wanted, also after questions that hang', async () => {
    let asked = 0;
    const { fleet, slipline, clock } = setUp({
      disconnect: async () => ({ wasGone: false }),
      probe: async () => {
        asked += 1;
        if (asked === 2) return never();
        return asked < 500 ? 'not-yet' : 'reached';
      },
    });
    const applying = slipline.apply(planOf([fleet.add('a.test', '1')]), { verifyTimeout: Infinity });
    await clock.advance(600_000);
    expect((await applying).outcomes).toMatchObject([{ status: 'disconnected', verification: 'verified' }]);
    expect(asked).toBe(500);
  });

  it('takes a reused id for the end of the session that had it', async () => {
    expect(await verify(['not-yet', 'changed'])).toMatchObject({ verdict: 'verified' });
  });

  it.each(['end', 'detach'] as const)(
    'of %s fails where the session is still there at the deadline',
    async (effect) => {
      const { verdict, asked, error } = await verify(['not-yet'], effect, 2000);
      expect(verdict).toBe('1 failed: still-live');
      expect(error).toMatchObject({ system: 'a.test', mayHaveTakenEffect: true, next: expect.any(String) });
      expect(asked.at(-1)).toBeLessThan(2000);
    },
  );

  it('of revoke, which needs minutes, is pending instead', async () => {
    expect(await verify(['not-yet'], 'revoke')).toMatchObject({ verdict: 'pending' });
  });

  it('is pending where the server cannot be asked', async () => {
    expect(await verify(['an error'])).toMatchObject({ verdict: 'pending' });
    expect(await verify(['no answer'])).toMatchObject({ verdict: 'pending', asked: [0] });
  });

  it('remembers that the session was there, whatever comes after', async () => {
    expect(await verify(['not-yet', 'an error'])).toMatchObject({ verdict: '1 failed: still-live' });
  });

  it('goes on asking after an error', async () => {
    expect(await verify(['an error', 'not-yet', 'reached'])).toMatchObject({
      verdict: 'verified',
      asked: [0, 50, 150],
    });
  });

  it('is not asked for what was gone, nor where the caller wants none', async () => {
    let asked = 0;
    const probe = async () => {
      asked += 1;
      return 'reached' as const;
    };
    const gone = setUp({ disconnect: async () => ({ wasGone: true }), probe });
    expect(summary((await gone.slipline.apply(planOf([gone.fleet.add('a.test', '1')]))).outcomes)).toEqual([
      '1 already-gone',
    ]);
    const { fleet, slipline } = setUp({ disconnect: async () => ({ wasGone: false }), probe });
    const { outcomes } = await slipline.apply(planOf([fleet.add('a.test', '1')]), { verify: false });
    expect(outcomes).toMatchObject([{ verification: 'not-checked' }]);
    expect(asked).toBe(0);
  });
});

describe('events', () => {
  it('tell what happens, in the order in which it does', async () => {
    const { fleet, slipline } = setUp({
      disconnect: async () => ({ wasGone: false }),
      probe: async () => 'reached',
    });
    const gone = fleet.add('a.test', '1');
    const plan = planOf([gone, fleet.add('a.test', '2')]);
    fleet.remove(gone);
    const events: DisconnectEvent[] = [];
    const report = await slipline.apply(plan, { onEvent: (event) => events.push(event) });
    expect(events).toEqual([
      { type: 'apply-start', plan },
      { type: 'session-end', outcome: report.outcomes[0] },
      { type: 'session-start', session: plan.steps[1]?.session, effect: 'end' },
      { type: 'verification-start', session: plan.steps[1]?.session, effect: 'end' },
      { type: 'session-end', outcome: report.outcomes[1] },
      { type: 'apply-end', report },
    ]);
  });

  it('that a listener fails on cost no outcome', async () => {
    const { fleet, slipline, ledger } = setUp();
    const onEvent = (): void => {
      throw new Error('the terminal is gone');
    };
    const { outcomes } = await slipline.apply(planOf(['1', '2'].map((id) => fleet.add('a.test', id))), {
      onEvent,
    });
    expect(summary(outcomes)).toEqual(['1 disconnected', '2 disconnected']);
    expect((await ledger.receipts()).map(({ status }) => status)).toEqual(['disconnected', 'disconnected']);
  });
});

describe('the ledger', () => {
  it('has the intents before anything is sent, and the ends afterwards', async () => {
    const { fleet, slipline, ledger } = setUp({
      disconnect: async () => {
        before.push(...(await ledger.receipts()).map(({ status }) => status));
        return { wasGone: false };
      },
    });
    const before: unknown[] = [];
    const plan = planOf(['1', '2'].map((id) => fleet.add('a.test', id)));
    await slipline.apply(plan, { reason: 'maintenance', user: 'alice' });
    expect(before).toEqual([undefined, undefined, undefined, undefined]);
    expect(await ledger.receipts()).toMatchObject([
      {
        kind: 'disconnect',
        effect: 'end',
        status: 'disconnected',
        reason: 'maintenance',
        user: 'alice',
        verification: 'not-possible',
      },
      { kind: 'disconnect', effect: 'end', status: 'disconnected', reason: 'maintenance', user: 'alice' },
    ]);
  });

  it('is written in chunks', async () => {
    const ledger = new MemoryLedger();
    const begun: number[] = [];
    const begin = ledger.begin.bind(ledger);
    const finish = ledger.finish.bind(ledger);
    ledger.begin = (intents) => {
      begun.push(intents.length);
      return begin(intents);
    };
    const finished: number[] = [];
    ledger.finish = (results) => {
      finished.push(results.length);
      return finish(results);
    };
    const { fleet, slipline } = setUp({}, ledger);
    const sessions = Array.from({ length: 600 }, (_, place) =>
      fleet.add(`h${place % 50}.test`, String(place)),
    );
    const { outcomes } = await slipline.apply(planOf(sessions));
    expect(outcomes.every(({ status }) => status === 'disconnected')).toBe(true);
    expect(begun).toEqual([256, 256, 88]);
    expect(finished.reduce((sum, count) => sum + count, 0)).toBe(600);
    expect(finished.length).toBeLessThan(60);
    expect((await ledger.receipts()).filter(({ endedAt }) => endedAt === undefined)).toEqual([]);
  });

  it('that cannot be written ahead lets nothing be sent', async () => {
    const ledger = new MemoryLedger();
    ledger.begin = () => Promise.reject(new DisconnectError('internal', 'the disk is full'));
    const { fleet, slipline } = setUp({}, ledger);
    const { outcomes } = await slipline.apply(planOf(['1', '2'].map((id) => fleet.add('a.test', id))));
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'internal', message: 'the disk is full' } },
      { status: 'failed', error: { code: 'internal', message: 'the disk is full' } },
    ]);
    expect(fleet.calls).toEqual(['find a.test']);
  });

  it('that notes less than it was told lets nothing be sent', async () => {
    const ledger = new MemoryLedger();
    ledger.begin = async () => [];
    const { fleet, slipline } = setUp({}, ledger);
    expect(summary((await slipline.apply(planOf([fleet.add('a.test', '1')]))).outcomes)).toEqual([
      '1 failed: internal',
    ]);
    expect(fleet.calls).toEqual(['find a.test']);
  });

  it('that cannot be written behind loses no outcome, and says so', async () => {
    const ledger = new MemoryLedger();
    ledger.finish = () => Promise.reject(new DisconnectError('internal', 'the disk is full'));
    const { fleet, slipline } = setUp({}, ledger);
    const report = await slipline.apply(planOf(['1', '2'].map((id) => fleet.add('a.test', id))));
    expect(summary(report.outcomes)).toEqual(['1 disconnected', '2 disconnected']);
    expect(report.problems).toMatchObject([{ provider: 'ledger', error: { message: 'the disk is full' } }]);
  });

  it('that cannot be read fails every session, and sends nothing', async () => {
    const ledger = new MemoryLedger();
    ledger.entries = () => Promise.reject(new DisconnectError('internal', 'the ledger is damaged'));
    const { fleet, slipline } = setUp({}, ledger);
    expect(summary((await slipline.apply(planOf([fleet.add('a.test', '1')]))).outcomes)).toEqual([
      '1 failed: internal',
    ]);
    expect(fleet.calls).toEqual([]);
  });
});

describe('an own session', () => {
  it('is ended once by two who end it at the same time', async () => {
    const ledger = new MemoryLedger();
    const alive = new Set(['token']);
    const disconnect: Provider['disconnect'] = async (session, _effect, context) => {
      const secret = (await context.secret(session)).reveal();
      await turn();
      return { wasGone: !alive.delete(secret) };
    };
    const system = pier({ disconnect, probe: async () => (alive.size === 0 ? 'reached' : 'not-yet') });
    await using one = sliplineOf(system, ledger);
    await using other = sliplineOf(system, ledger);
    await one.connect('pier', { host: 'one' });
    const plan = await one.plan({ provider: 'pier', selector: { id: ['1'] } });
    const reports = await Promise.all([one.apply(plan), other.apply(plan), one.apply(plan)]);
    const statuses = reports.flatMap(({ outcomes }) => outcomes.map(({ status }) => status));
    expect(statuses.sort()).toEqual(['already-gone', 'already-gone', 'disconnected']);
    expect(await ledger.entries()).toEqual([]);
  });

  it('that another process ended after the plan was read is gone already, and not asked about', async () => {
    const ledger = new MemoryLedger();
    const system = pier();
    await using slipline = sliplineOf(system, ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    const begin = ledger.begin.bind(ledger);
    ledger.begin = async (intents) => {
      const [begun] = await begin([{ kind: 'disconnect', session, effect: 'end' }]);
      await ledger.finish([{ operation: begun?.operation ?? '', status: 'disconnected', entry: 'ended' }]);
      return begin(intents);
    };
    const { outcomes } = await slipline.apply(planOf([session]));
    expect(summary(outcomes)).toEqual(['1 already-gone']);
    expect(system.ended).toEqual([]);
  });

  it('that has ended is gone already, although its system lets nobody in any more', async () => {
    const inspect = async () => Promise.reject(new DisconnectError('unauthenticated', 'sign in first'));
    await using slipline = sliplineOf(pier({ inspect }), new MemoryLedger());
    const { session } = await slipline.connect('pier', { host: 'one' });
    const plan = planOf([session]);
    expect(summary((await slipline.apply(plan)).outcomes)).toEqual(['1 disconnected']);
    expect(summary((await slipline.apply(plan)).outcomes)).toEqual(['1 already-gone']);
    const claimed = planOf([{ ...session, fingerprint: 'never ours' }]);
    expect(summary((await slipline.apply(claimed)).outcomes)).toEqual(['1 failed: unauthenticated']);
  });

  it('has one secret for disconnect and probe, even if another process ends it in between', async () => {
    const ledger = new MemoryLedger();
    const system = pier({
      disconnect: async (session, _effect, context) => {
        await context.secret(session);
        const [begun] = await ledger.begin([{ kind: 'disconnect', session }]);
        await ledger.finish([{ operation: begun?.operation ?? '', status: 'disconnected', entry: 'ended' }]);
        return { wasGone: false };
      },
      probe: async (session, _effect, context) => {
        expect((await context.secret(session)).reveal()).toBe('token');
        return 'reached';
      },
    });
    await using slipline = sliplineOf(system, ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    expect((await slipline.apply(planOf([session]))).outcomes).toMatchObject([{ verification: 'verified' }]);
  });

  it.each<[string, Partial<Parameters<typeof pier>[0]>, string | undefined]>([
    ['is ended, and verified', { probe: async () => 'reached' }, undefined],
    ['was gone', { disconnect: async () => ({ wasGone: true }) }, undefined],
    ['is still there', { probe: async () => 'not-yet' }, 'closing'],
    ['cannot be asked about', { probe: () => Promise.reject(new Error('no')) }, 'closing'],
    [
      'cannot be reached',
      { disconnect: () => Promise.reject(new DisconnectError('unreachable', 'no')) },
      'closing',
    ],
    [
      'may not be ended',
      { disconnect: () => Promise.reject(new DisconnectError('forbidden', 'no')) },
      'open',
    ],
    [
      'goes from here although its system refuses',
      {
        disconnect: () => Promise.reject(new DisconnectError('forbidden', 'no', { forgets: true })),
      },
      undefined,
    ],
    [
      'may have been ended',
      {
        disconnect: () =>
          Promise.reject(new DisconnectError('forbidden', 'no', { mayHaveTakenEffect: true })),
      },
      'closing',
    ],
  ])('that %s', async (_what, provider, state) => {
    const ledger = new MemoryLedger();
    await using slipline = sliplineOf(pier(provider), ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    await slipline.apply(planOf([session]), { verifyTimeout: 1 });
    expect((await ledger.entries()).map((entry) => entry.state)).toEqual(state === undefined ? [] : [state]);
  });

  it('that could not be looked at stays as far as it had come', async () => {
    const ledger = new MemoryLedger();
    const answers = [
      new DisconnectError('unreachable', 'no'),
      new DisconnectError('unauthenticated', 'no'),
      new DisconnectError('forbidden', 'no'),
    ];
    const disconnect = () => Promise.reject(answers.shift() ?? new Error('asked too often'));
    await using slipline = sliplineOf(pier({ disconnect }), ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    const states: (string | undefined)[] = [];
    while (answers.length > 0) {
      await slipline.apply(planOf([session]));
      states.push((await ledger.entries())[0]?.state);
    }
    expect(states).toEqual(['closing', 'closing', 'open']);
  });

  it('takes the saved credential of its endpoint along when it is the last one there', async () => {
    const ledger = new MemoryLedger();
    await using slipline = sliplineOf(pier(), ledger);
    const connect = async (host: string) =>
      (
        await slipline.connect(
          'pier',
          { host, userName: 'jdoe', password: new Secret('correct horse') },
          { saveCredential: true },
        )
      ).session;
    const [first, second, elsewhere] = [await connect('one'), await connect('one'), await connect('two')];
    const saved = async (host: string) => (await ledger.credentials.find('pier', host))?.userName;
    await slipline.apply(planOf([first]));
    expect([await saved('one'), await saved('two')]).toEqual(['jdoe', 'jdoe']);
    await slipline.apply(planOf([second]));
    expect([await saved('one'), await saved('two')]).toEqual([undefined, 'jdoe']);
    expect(elsewhere.endpoint).toBe('two');
  });

  it('is recognised by what it is, not by who claims it', async () => {
    const ledger = new MemoryLedger();
    const system = pier({
      connect: async ({ host }) => ({ ...opened('token', host), ownership: 'adopted' }),
    });
    await using slipline = sliplineOf(system, ledger);
    const { session } = await slipline.connect('pier', { host: 'one' });
    const claimed: Session = { ...session, ownership: 'opened' };
    expect((await slipline.apply(planOf([claimed]))).outcomes).toMatchObject([
      { status: 'skipped', reason: 'adopted' },
    ]);
    expect(system.ended).toEqual([]);
  });
});
