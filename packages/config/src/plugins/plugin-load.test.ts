import { afterEach, expect, it, jest } from '@jest/globals';
import { loadPlugin } from './plugin-load.ts';

afterEach(() => {
  jest.useRealTimers();
});

it('does not wait for ever for a module that never comes', async () => {
  jest.useFakeTimers();
  const loading = loadPlugin({
    module: 'slow',
    remedy: 'slipline plugins remove slow',
    importModule: () => new Promise(() => undefined),
  });
  const failed = expect(loading).rejects.toMatchObject({
    code: 'internal',
    message: 'plugin "slow" cannot be loaded: it did not load within 10 s',
    next: 'slipline plugins remove slow',
  });
  await jest.advanceTimersByTimeAsync(10_000);
  await failed;
});

it('waits for a factory that is asynchronous, and leaves no timer behind', async () => {
  jest.useFakeTimers();
  const plugin = { contract: 1, id: 'late', title: 'Late', impact: 'low', find: {}, create: () => ({}) };
  const importModule = async () => ({ default: async () => plugin });
  expect(await loadPlugin({ module: 'late', remedy: '', importModule })).toBe(plugin);
  expect(jest.getTimerCount()).toBe(0);
});
