import { describe, expect, it } from '@jest/globals';
import { manualClock } from './manual-clock.ts';

describe('manualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = manualClock(1000);
    expect(clock.now()).toBe(1000);
    await clock.advance(250);
    expect(clock.now()).toBe(1250);
  });

  it('ends sleeps in the order in which they are due, each at its time', async () => {
    const clock = manualClock(0);
    const ends: string[] = [];
    const note = (name: string) => () => void ends.push(`${name} at ${clock.now()}`);
    void clock.sleep(300).then(note('long'));
    void clock.sleep(100).then(note('short'));
    void clock.sleep(301).then(note('longer'));
    await clock.advance(300);
    expect(ends).toEqual(['short at 100', 'long at 300']);
    expect(clock.sleepers).toBe(1);
  });

  it('ends a sleep that is begun on the way', async () => {
    const clock = manualClock(0);
    let turns = 0;
    void (async () => {
      for (;;) {
        await clock.sleep(100);
        turns += 1;
      }
    })();
    await clock.advance(1000);
    expect(turns).toBe(10);
  });

  it('rejects with the reason of a signal, and then waits no more', async () => {
    const clock = manualClock();
    const abort = new AbortController();
    const asleep = clock.sleep(100, abort.signal);
    const reason = new Error('no more');
    abort.abort(reason);
    await expect(asleep).rejects.toBe(reason);
    await expect(clock.sleep(100, abort.signal)).rejects.toBe(reason);
    expect(clock.sleepers).toBe(0);
  });
});
