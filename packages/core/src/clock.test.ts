import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.ts';

describe("the machine's clock", () => {
  it('sleeps as long as it is told', async () => {
    const started = systemClock.now();
    await systemClock.sleep(20);
    expect(systemClock.now() - started).toBeGreaterThanOrEqual(19);
  });

  it('wakes at once with the reason of the signal', async () => {
    const abort = new AbortController();
    const slept = systemClock.sleep(3_600_000, abort.signal);
    abort.abort('enough');
    await expect(slept).rejects.toBe('enough');
  });

  it('does not fall asleep when the signal was aborted before', async () => {
    await expect(systemClock.sleep(3_600_000, AbortSignal.abort('too late'))).rejects.toBe('too late');
  });

  it('lets go of the signal when it wakes', async () => {
    const abort = new AbortController();
    let listeners = 0;
    const add = abort.signal.addEventListener.bind(abort.signal);
    const remove = abort.signal.removeEventListener.bind(abort.signal);
    abort.signal.addEventListener = (...args: Parameters<typeof add>) => ((listeners += 1), add(...args));
    abort.signal.removeEventListener = (...args: Parameters<typeof remove>) => (
      (listeners -= 1),
      remove(...args)
    );
    await systemClock.sleep(1, abort.signal);
    expect(listeners).toBe(0);
  });
});
