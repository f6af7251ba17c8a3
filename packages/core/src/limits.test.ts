import { describe, expect, it } from '@jest/globals';
import { eachWithin } from './limits.ts';

const at = (endpoint: string, id: number) => ({ session: { provider: 'pier', endpoint, id: String(id) } });

describe('work within limits', () => {
  it('keeps to the limits in all and at each endpoint, and answers in order', async () => {
    const items = Array.from({ length: 60 }, (_, place) => at(`host-${place % 3}`, place));
    const running = new Map<string, number>();
    const most = { inAll: 0, atOne: 0 };
    const results = await eachWithin(items, { concurrency: 5, concurrencyPerEndpoint: 2 }, async (item) => {
      const { endpoint, id } = item.session;
      running.set(endpoint, (running.get(endpoint) ?? 0) + 1);
      most.atOne = Math.max(most.atOne, ...running.values());
      most.inAll = Math.max(
        most.inAll,
        [...running.values()].reduce((sum, count) => sum + count),
      );
      await new Promise((resolve) => setTimeout(resolve, Number(id) % 4));
      running.set(endpoint, (running.get(endpoint) ?? 0) - 1);
      return id;
    });
    expect(results).toEqual(items.map(({ session }) => session.id));
    expect(most).toEqual({ inAll: 5, atOne: 2 });
  });

  it('does not let an endpoint that hangs hold up the others', async () => {
    const items = [...Array.from({ length: 20 }, (_, id) => at('DEAD', id)), at('well', 1), at('dead', 21)];
    const done: string[] = [];
    let release = (): void => undefined;
    const hang = new Promise<void>((resolve) => (release = resolve));
    const all = eachWithin(items, {}, async ({ session }) => {
      if (session.endpoint.toLowerCase() === 'dead') await hang;
      done.push(session.endpoint);
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual(['well']);
    release();
    await all;
    expect(done).toHaveLength(22);
  });

  it('has nothing to wait for without items', async () => {
    await expect(eachWithin([], {}, async () => 1)).resolves.toEqual([]);
  });

  it('rejects with what the work rejects with', async () => {
    const broken = eachWithin([at('one', 1)], {}, () => Promise.reject(new Error('no')));
    await expect(broken).rejects.toThrow('no');
  });
});
