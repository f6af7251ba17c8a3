import { describe, expect, it } from '@jest/globals';
import { Secret } from '@slipline/core';
import { manualClock } from '@slipline/testkit';
import { HostPool, raced, type Kept } from './host-pool.ts';

const IDLE = 1000;
const noSignal = new AbortController().signal;
const credential = (password = 'secret', userName = 'opadmin') => ({
  userName,
  password: new Secret(password),
});

class Line implements Kept {
  isOpen = true;

  async close(): Promise<void> {
    this.isOpen = false;
  }
}

function setUp() {
  const clock = manualClock();
  const pool = new HostPool<Line>(clock, IDLE);
  const lines: Line[] = [];
  const open = async (): Promise<Line> => {
    const line = new Line();
    lines.push(line);
    return line;
  };
  const use = (endpoint = 'SERVER01', who = credential()) =>
    pool.use(endpoint, who, noSignal, open, async (line) => line);
  return { clock, pool, lines, open, use };
}

describe('a connection to a host', () => {
  it('is one for all who come at the same time, and for those who come soon after', async () => {
    const { lines, use } = setUp();
    await Promise.all([use(), use('server01'), use()]);
    await use();
    expect(lines).toHaveLength(1);
  });

  it('is for one host, one user and one password', async () => {
    const { lines, use } = setUp();
    await use();
    await use('SERVER02');
    await use('SERVER01', credential('other'));
    await use('SERVER01', credential('secret', 'auditor'));
    expect(lines).toHaveLength(4);
  });

  it('is closed some time after its last use, and not before', async () => {
    const { clock, lines, use } = setUp();
    await use();
    await clock.advance(IDLE - 1);
    await use();
    await clock.advance(IDLE - 1);
    expect(lines.map(({ isOpen }) => isOpen)).toEqual([true]);
    await clock.advance(1);
    expect(lines.map(({ isOpen }) => isOpen)).toEqual([false]);
    await use();
    expect(lines).toHaveLength(2);
  });

  it('that has ended is not used again', async () => {
    const { lines, use } = setUp();
    const line = await use();
    line.isOpen = false;
    expect(await use()).not.toBe(line);
    expect(lines).toHaveLength(2);
  });

  it('that could not be opened is tried again by whoever comes next', async () => {
    const { lines, pool, use } = setUp();
    const open = () => Promise.reject(new Error('no'));
    await expect(pool.use('SERVER01', credential(), noSignal, open, async () => 1)).rejects.toThrow('no');
    await use();
    expect(lines).toHaveLength(1);
  });

  it('goes on being opened while somebody waits for it, and no longer', async () => {
    const { pool } = setUp();
    const [first, second] = [new AbortController(), new AbortController()];
    let opening: AbortSignal | undefined;
    const open = (signal: AbortSignal) => {
      opening = signal;
      return new Promise<Line>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')));
      });
    };
    const waiting = [first, second].map(({ signal }) =>
      pool.use('SERVER01', credential(), signal, open, async () => 1).catch((error: Error) => error.name),
    );
    await Promise.resolve();
    first.abort();
    expect(await waiting[0]).toBe('AbortError');
    expect(opening?.aborted).toBe(false);
    second.abort();
    expect(await waiting[1]).toBe('AbortError');
    expect(opening?.aborted).toBe(true);
  });

  it('is closed with the pool, twice if need be', async () => {
    const { lines, pool, use } = setUp();
    await use();
    await pool[Symbol.asyncDispose]();
    await pool[Symbol.asyncDispose]();
    expect(lines.map(({ isOpen }) => isOpen)).toEqual([false]);
  });
});

it('work that nobody waits for any more may fail unheard', async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on('unhandledRejection', hear);
  const work = Promise.reject(new Error('too late'));
  await expect(raced(work, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
});
