import { describe, expect, it } from '@jest/globals';
import { JobQueue } from './job-queue.ts';

/** A queue, and work in it that ends when it is told to. */
function setUp(atOnce: number, atOncePerUser: number) {
  const queue = new JobQueue({ atOnce, atOncePerUser });
  const running = new Map<string, () => void>();
  const add = (id: string): void => {
    const [user = ''] = id.split(' ');
    queue.add({ id, user, run: () => new Promise((resolve) => running.set(id, resolve)) });
  };
  const end = async (id: string): Promise<void> => {
    running.get(id)?.();
    running.delete(id);
    await new Promise(setImmediate);
  };
  return { queue, add, end, running: () => [...running.keys()] };
}

describe('a queue of jobs', () => {
  it('runs so many at once, in their order', async () => {
    const { add, end, running } = setUp(2, 2);
    for (const id of ['a 1', 'a 2', 'a 3']) add(id);
    expect(running()).toEqual(['a 1', 'a 2']);
    await end('a 1');
    expect(running()).toEqual(['a 2', 'a 3']);
  });

  it('lets nobody with many keep others waiting', async () => {
    const { add, end, running } = setUp(3, 2);
    for (let count = 1; count <= 50; count += 1) add(`a ${count}`);
    expect(running()).toEqual(['a 1', 'a 2']);
    add('b 1');
    expect(running()).toEqual(['a 1', 'a 2', 'b 1']);
    add('c 1');
    await end('a 1');
    expect(running()).toEqual(['a 2', 'b 1', 'c 1']);
    await end('c 1');
    expect(running()).toEqual(['a 2', 'b 1', 'a 3']);
  });

  it('runs one out of its turn', async () => {
    const { queue, add, running } = setUp(1, 1);
    for (const id of ['a 1', 'a 2', 'a 3']) add(id);
    queue.hasten('a 3');
    expect(running()).toEqual(['a 1', 'a 3']);
    expect(queue.waiting()).toBe(1);
    expect(queue.waiting('b')).toBe(0);
  });

  it('that is closed begins nothing more, and is idle when what runs has ended', async () => {
    const { queue, add, end, running } = setUp(1, 1);
    add('a 1');
    add('a 2');
    queue.close();
    let isIdle = false;
    const idle = queue.idle().then(() => (isIdle = true));
    await new Promise(setImmediate);
    expect(isIdle).toBe(false);
    await end('a 1');
    await idle;
    expect(running()).toEqual([]);
  });
});
