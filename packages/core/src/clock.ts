import type { Clock } from './host.ts';

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  after: (milliseconds: number, ring: () => void) => {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
  sleep: (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, milliseconds);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
});
