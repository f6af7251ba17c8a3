import { describe, expect, it } from '@jest/globals';
import { Deadlines } from './deadline.ts';
import { DisconnectError } from './errors.ts';
import { ManualClock, turn } from './manual-clock.test.support.ts';

function setUp() {
  const clock = new ManualClock();
  return { clock, deadlines: new Deadlines(clock) };
}

/** What stopped work has to say what became of it. */
const LAST_WORDS = 50;

const never = (): Promise<never> => new Promise(() => undefined);

function untilAborted(signal: AbortSignal, error: Error): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(error), { once: true });
  });
}

/** What has become of a promise so far. */
function watch(promise: Promise<unknown>): { state: unknown } {
  const watched: { state: unknown } = { state: 'waiting' };
  promise.then(
    (value) => (watched.state = { value }),
    (error: unknown) => (watched.state = error),
  );
  return watched;
}

describe('Deadlines.within', () => {
  it('gives what the work gives, and leaves nothing behind', async () => {
    const { clock, deadlines } = setUp();
    const { signal } = new AbortController();
    await expect(deadlines.within(100, signal, async () => 'done')).resolves.toBe('done');
    await expect(deadlines.within(100, signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await turn();
    expect(clock.sleepers).toBe(0);
  });

  it('ends at the deadline, not before, and tells the work', async () => {
    const { clock, deadlines } = setUp();
    let inner: AbortSignal | undefined;
    const watched = watch(
      deadlines.within(20_000, undefined, (signal) => {
        inner = signal;
        return never();
      }),
    );
    await clock.advance(19_999);
    expect([watched.state, inner?.aborted]).toEqual(['waiting', false]);
    await clock.advance(1);
    expect([watched.state, inner?.aborted]).toEqual(['waiting', true]);
    await clock.advance(LAST_WORDS);
    expect(watched.state).toMatchObject({
      code: 'timeout',
      message: 'no answer within 20 s',
      mayHaveTakenEffect: true,
    });
    expect(inner?.reason).toBe(watched.state);
  });

  it('is interrupted by the caller, and tells the work', async () => {
    const { clock, deadlines } = setUp();
    const outer = new AbortController();
    let inner: AbortSignal | undefined;
    const watched = watch(
      deadlines.within(100, outer.signal, (signal) => {
        inner = signal;
        return never();
      }),
    );
    const reason = new Error('Ctrl-C');
    outer.abort(reason);
    await clock.advance(LAST_WORDS);
    expect(watched.state).toMatchObject({ code: 'aborted', mayHaveTakenEffect: true, cause: reason });
    expect(inner?.aborted).toBe(true);
    expect(clock.sleepers).toBe(0);
  });

  it('believes work that says how far it came when it is stopped', async () => {
    const { deadlines } = setUp();
    const outer = new AbortController();
    const unsent = new DisconnectError('aborted', 'interrupted before the login was sent');
    const ended = deadlines.within(100, outer.signal, (signal) => untilAborted(signal, unsent));
    outer.abort();
    await expect(ended).rejects.toBe(unsent);
  });

  it('takes any other error of stopped work for the interruption, which may have taken effect', async () => {
    const { deadlines } = setUp();
    const outer = new AbortController();
    const ended = deadlines.within(100, outer.signal, (signal) =>
      untilAborted(signal, new DOMException('This operation was aborted', 'AbortError')),
    );
    outer.abort();
    await expect(ended).rejects.toMatchObject({ code: 'aborted', mayHaveTakenEffect: true });
  });

  it('does not begin once the caller has aborted', async () => {
    const { deadlines } = setUp();
    let wasCalled = false;
    const work = async (): Promise<void> => void (wasCalled = true);
    await expect(deadlines.within(100, AbortSignal.abort(), work)).rejects.toMatchObject({
      code: 'aborted',
      message: 'interrupted before it was begun',
      mayHaveTakenEffect: false,
    });
    expect(wasCalled).toBe(false);
  });

  it('leaves no rejection unhandled when the work throws at once, after the caller has aborted', async () => {
    const { clock, deadlines } = setUp();
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      const outer = new AbortController();
      const work = (): Promise<void> => {
        outer.abort();
        throw new Error('at once');
      };
      await expect(deadlines.within(100, outer.signal, work)).rejects.toMatchObject({ code: 'aborted' });
      await clock.advance(LAST_WORDS);
      await turn();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('forgets what work that was left behind does later', async () => {
    const { clock, deadlines } = setUp();
    let fail: ((error: Error) => void) | undefined;
    const watched = watch(
      deadlines.within(100, undefined, () => new Promise((_resolve, reject) => (fail = reject))),
    );
    await clock.advance(100 + LAST_WORDS);
    fail?.(new Error('much later'));
    await turn();
    expect(watched.state).toMatchObject({ code: 'timeout' });
  });
});

describe('Deadlines.asking', () => {
  it('stops the clock of a deadline while a person thinks', async () => {
    const { clock, deadlines } = setUp();
    const watched = watch(
      deadlines.within(1000, undefined, async () => {
        await clock.sleep(600);
        await deadlines.asking(() => clock.sleep(60_000));
        await clock.sleep(300);
        return 'done';
      }),
    );
    await clock.advance(60_899);
    expect(watched.state).toBe('waiting');
    await clock.advance(1);
    expect(watched.state).toEqual({ value: 'done' });
  });

  it('lets the rest of the time run once the question is answered', async () => {
    const { clock, deadlines } = setUp();
    const watched = watch(
      deadlines.within(1000, undefined, async () => {
        await clock.sleep(600);
        await deadlines.asking(() => clock.sleep(60_000));
        return never();
      }),
    );
    await clock.advance(60_999);
    expect(watched.state).toBe('waiting');
    await clock.advance(1 + LAST_WORDS);
    expect(watched.state).toMatchObject({ code: 'timeout' });
  });

  it('waits for the person past the deadline', async () => {
    const { clock, deadlines } = setUp();
    let answer: (() => void) | undefined;
    const watched = watch(
      deadlines.within(1000, undefined, () =>
        deadlines.asking(() => new Promise<void>((resolve) => (answer = resolve))),
      ),
    );
    await clock.advance(3_600_000);
    expect(watched.state).toBe('waiting');
    answer?.();
    await turn();
    expect(watched.state).toEqual({ value: undefined });
  });

  it('counts two questions at once as the time they took, not twice', async () => {
    const { clock, deadlines } = setUp();
    const watched = watch(
      deadlines.within(1000, undefined, async () => {
        await Promise.all([
          deadlines.asking(() => clock.sleep(5000)),
          deadlines.asking(() => clock.sleep(5000)),
        ]);
        return never();
      }),
    );
    await clock.advance(5999);
    expect(watched.state).toBe('waiting');
    await clock.advance(1 + LAST_WORDS);
    expect(watched.state).toMatchObject({ code: 'timeout' });
  });

  it('does not lengthen a deadline that begins after the question', async () => {
    const { clock, deadlines } = setUp();
    void deadlines.asking(() => clock.sleep(5000));
    await clock.advance(5000);
    const watched = watch(deadlines.within(1000, undefined, never));
    await clock.advance(1000 + LAST_WORDS);
    expect(watched.state).toMatchObject({ code: 'timeout' });
  });

  it('counts a question that ends in an error', async () => {
    const { clock, deadlines } = setUp();
    const watched = watch(
      deadlines.within(1000, undefined, async () => {
        const question = deadlines.asking(async () => {
          await clock.sleep(5000);
          throw new Error('nobody there');
        });
        await question.catch(() => undefined);
        await clock.sleep(999);
        return 'done';
      }),
    );
    await clock.advance(5999);
    expect(watched.state).toEqual({ value: 'done' });
  });
});

it('many calls at once that heed one signal are no leak to warn of', async () => {
  const { signal } = new AbortController();
  const { deadlines } = setUp();
  await Promise.all(Array.from({ length: 20 }, () => deadlines.within(1000, signal, turn)));
  // Node's own note that it has warned, since the warning itself is not seen from within a test.
  const note = Object.getOwnPropertySymbols(signal).find(({ description }) =>
    description?.endsWith('Warned'),
  );
  expect(note).toBeDefined();
  expect(Reflect.get(signal, note ?? '')).toBe(false);
});
