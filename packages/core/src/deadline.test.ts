import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.ts';
import { Deadlines } from './deadline.ts';
import { DisconnectError } from './errors.ts';

const deadlines = new Deadlines(systemClock);

function untilAborted(signal: AbortSignal, ended: () => Error): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(ended()), { once: true });
  });
}

describe('a deadline', () => {
  it('leaves work behind that ignores its signal: what it did is not known', async () => {
    await expect(deadlines.within(1, undefined, () => new Promise(() => undefined))).rejects.toMatchObject({
      code: 'timeout',
      mayHaveTakenEffect: true,
    });
  });

  it('believes work that says how far it came when it is stopped', async () => {
    const unsent = new DisconnectError('aborted', 'interrupted before the login was sent');
    const abort = new AbortController();
    const ended = deadlines.within(60_000, abort.signal, (signal) => untilAborted(signal, () => unsent));
    abort.abort();
    await expect(ended).rejects.toBe(unsent);
  });

  it('takes any other error of stopped work for the interruption, which may have taken effect', async () => {
    const abort = new AbortController();
    const ended = deadlines.within(60_000, abort.signal, (signal) =>
      untilAborted(signal, () => new DOMException('This operation was aborted', 'AbortError')),
    );
    abort.abort();
    await expect(ended).rejects.toMatchObject({ code: 'aborted', mayHaveTakenEffect: true });
  });

  it('passes on what work fails with in time', async () => {
    const failure = new TypeError('not a function');
    await expect(deadlines.within(60_000, undefined, () => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('does not count the time that a person takes to answer', async () => {
    const answer = deadlines.within(50, undefined, async () => deadlines.asking(() => wait(150, 'yes')));
    await expect(answer).resolves.toBe('yes');
  });
});
