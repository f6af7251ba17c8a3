import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Readable } from 'node:stream';
import { manualClock, type ManualClock } from '@slipline/testkit';
import { eventsIn, type TestEvent } from '../routes/work.test.support.ts';
import { makeWho } from '../security/who.ts';
import { EventHub } from './event-hub.ts';

const OLGA = { who: makeWho('olga', 'operator', ['*']) };
const everybody = (): boolean => true;

let clock: ManualClock;
let hub: EventHub;

beforeEach(() => {
  clock = manualClock();
  hub = new EventHub({ clock, kept: { events: 100, bytes: 1_000_000 }, streamsPerUser: 3 });
});

/** What a stream has for its reader now. */
async function read(stream: Readable): Promise<readonly TestEvent[]> {
  const parts: string[] = [];
  for (let turns = 0; turns < 20; turns += 1) {
    await new Promise(setImmediate);
    for (let part = take(stream); part !== null; part = take(stream)) parts.push(part.toString());
  }
  return eventsIn(parts.join(''));
}

function take(stream: Readable): Buffer | null {
  return stream.read() as Buffer | null;
}

const numbers = (events: readonly TestEvent[]): readonly unknown[] =>
  events.filter(({ event }) => event === 'number').map(({ data }) => data['n']);

function publish(from: number, to: number): void {
  for (let n = from; n <= to; n += 1) hub.publish('number', JSON.stringify({ n }), everybody);
}

describe('a stream of events', () => {
  it('has what happens from its beginning on, by ids that rise one by one', async () => {
    publish(1, 1);
    const stream = hub.open(OLGA);
    publish(2, 4);
    const [greeting, ...events] = await read(stream);
    expect(greeting?.event).toBe('heartbeat');
    expect(numbers(events)).toEqual([2, 3, 4]);
    expect(events.map(({ id = 0 }) => id - (greeting?.id ?? 0))).toEqual([1, 2, 3]);
    publish(5, 5);
    expect(numbers(await read(stream))).toEqual([5]);
  });

  it('that was lost goes on after the last event, with nothing lost and nothing twice', async () => {
    const first = hub.open(OLGA);
    publish(1, 10);
    const seen = await read(first);
    first.destroy();
    publish(11, 20);
    const second = hub.open(OLGA, seen[5]?.id);
    publish(21, 25);
    expect(numbers(await read(second))).toEqual([6, 7, 8, 9, 10].concat(range(11, 25)));
  });

  it('begins with a reset where what was missed is not there any more, or was never there', async () => {
    const first = hub.open(OLGA);
    publish(1, 1);
    const [, one] = await read(first);
    publish(2, 200);
    for (const after of [one?.id, 1, Number.MAX_SAFE_INTEGER]) {
      const stream = hub.open({ who: makeWho(`user ${after}`, 'viewer', ['*']) }, after);
      publish(201, 201);
      const [reset, ...events] = await read(stream);
      expect(reset).toMatchObject({ event: 'reset' });
      expect(numbers(events)).toEqual([201]);
    }
  });

  it('has ids that rise over a restart', async () => {
    publish(1, 50);
    const [before] = await read(hub.open(OLGA));
    await clock.advance(1);
    const after = new EventHub({ clock });
    const [now] = await read(after.open(OLGA));
    expect(now?.id).toBeGreaterThan(before?.id ?? Infinity);
    const [reset] = await read(after.open(OLGA, before?.id));
    expect(reset?.event).toBe('reset');
  });

  it('has what its listener may see, and nothing else', async () => {
    const otto = { who: makeWho('otto', 'viewer', ['fleet:one*']) };
    const stream = hub.open(otto);
    for (const endpoint of ['one.example', 'two.example'])
      hub.publish('number', JSON.stringify({ n: endpoint }), (who) =>
        who.sees({ provider: 'fleet', endpoint }),
      );
    expect(numbers(await read(stream))).toEqual(['one.example']);
  });

  it('shows every fifteen seconds that it lives, and ends when its listener would not be let in any more', async () => {
    let isGood = true;
    const stream = hub.open({ ...OLGA, isGood: () => isGood });
    await read(stream);
    await clock.advance(15_000);
    expect(await read(stream)).toEqual([{ event: 'heartbeat', data: {} }]);
    isGood = false;
    await clock.advance(15_000);
    expect(stream.destroyed).toBe(true);
  });
});

describe('a slow reader', () => {
  it('holds no more than a portion, and is cut off when it is too far behind', async () => {
    const stream = hub.open(OLGA);
    const text = 'x'.repeat(2000);
    for (let n = 0; n < 90; n += 1) {
      hub.publish('text', JSON.stringify(text), everybody);
      await new Promise(setImmediate);
    }
    expect(stream.readableLength).toBeLessThan(70_000);
    expect(stream.destroyed).toBe(false);
    for (let n = 0; n < 200; n += 1) hub.publish('text', JSON.stringify(text), everybody);
    await read(stream);
    expect(stream.destroyed).toBe(true);
    expect(hub.streams).toBe(0);
  });

  it('that reads nothing of what there is is cut off after a while', async () => {
    const stream = hub.open(OLGA);
    await read(stream);
    for (let n = 0; n < 20; n += 1) hub.publish('text', JSON.stringify('x'.repeat(2000)), everybody);
    await new Promise(setImmediate);
    await clock.advance(15_000);
    expect(stream.destroyed).toBe(false);
    await clock.advance(15_000);
    expect(stream.destroyed).toBe(true);
  });
});

describe('streams', () => {
  it('of one user are so many at most, of whatever kind, until one ends', async () => {
    const [first] = [1, 2, 3].map(() => hub.open(OLGA));
    expect(() => hub.open(OLGA)).toThrow('one user may have 3 event streams open');
    expect(hub.open({ who: makeWho('otto', 'viewer', ['*']) }).destroyed).toBe(false);
    first?.destroy();
    await new Promise(setImmediate);
    expect(hub.open(OLGA).destroyed).toBe(false);
  });

  it('end with the hub, and there are no more', async () => {
    const stream = hub.open(OLGA);
    hub.end();
    await new Promise(setImmediate);
    expect(stream.destroyed).toBe(true);
    expect(hub.streams).toBe(0);
    expect(() => hub.open(OLGA)).toThrow('the service is stopping');
    expect(clock.sleepers).toBe(0);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, place) => from + place);
}
