import { expect, it } from '@jest/globals';
import { RequestLog, type RequestRecord } from './request-log.ts';

interface Recorded extends RequestRecord {
  readonly kind: string;
}

const newLog = (limit: number) => new RequestLog<Recorded>(limit, ({ kind }) => kind);

it('counts every request, by its kind too, and keeps the first ones', () => {
  const log = newLog(2);
  for (const kind of ['a', 'b', 'a', 'a']) log.add({ kind });
  expect(log.requests).toEqual([{ kind: 'a' }, { kind: 'b' }]);
  expect([log.total, log.counts.get('a'), log.counts.get('b'), log.counts.get('c')]).toEqual([
    4,
    3,
    1,
    undefined,
  ]);
  log.clear();
  expect([log.requests, log.total, log.counts.size]).toEqual([[], 0, 0]);
});

it('counts at most a thousand kinds apart', () => {
  const log = newLog(0);
  for (let number = 0; number < 1500; number += 1) log.add({ kind: String(number) });
  log.add({ kind: '7' });
  expect([log.total, log.counts.size, log.counts.get('7'), log.counts.get('other')]).toEqual([
    1501, 1001, 2, 500,
  ]);
});

it('notes what was answered, where the request is seen already', () => {
  const log = newLog(1);
  const request: Recorded = { kind: 'a' };
  log.add(request);
  const [seen] = log.requests;
  expect(seen?.status).toBeUndefined();
  log.answered(request, 404);
  expect(seen?.status).toBe(404);
});

it('hands over the next request that fits, once, and also one that it does not keep', async () => {
  const log = newLog(0);
  log.add({ kind: 'b' });
  const first = log.next(({ kind }) => kind === 'b');
  const any = log.next(() => true);
  const [a, b] = [{ kind: 'a' }, { kind: 'b' }];
  for (const request of [a, b, { kind: 'b' }]) log.add(request);
  expect(await any).toBe(a);
  expect(await first).toBe(b);

  let asked = 0;
  const once = log.next(() => (asked += 1) > 0);
  for (const request of [a, b]) log.add(request);
  expect([await once, asked]).toEqual([a, 1]);
});
