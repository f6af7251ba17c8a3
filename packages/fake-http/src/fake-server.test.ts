import { Agent } from 'node:http';
import { expect, it } from '@jest/globals';
import { FakeServer } from './fake-server.ts';
import { FaultPlan, type ActiveFault } from './fault-plan.ts';
import { Listener } from './listener.ts';
import { RequestLog, type RequestRecord } from './request-log.ts';
import { ask, failureOf } from './talk.test.support.ts';

interface Recorded extends RequestRecord {
  readonly path: string;
}

/** A service with two doors whose faults are statuses. */
class FakeEcho extends FakeServer<Recorded, number> {
  readonly doors: readonly [Listener, Listener];
  readonly #log: RequestLog<Recorded>;
  readonly #faults: FaultPlan<Recorded, number>;

  private constructor() {
    const doors = [new Listener(), new Listener()] as const;
    const log = new RequestLog<Recorded>(2, ({ path }) => path);
    const faults = new FaultPlan<Recorded, number>();
    super({ listeners: doors, log, faults });
    this.doors = doors;
    this.#log = log;
    this.#faults = faults;
  }

  static async start(): Promise<FakeEcho> {
    const echo = new FakeEcho();
    for (const door of echo.doors)
      await door.start(({ url: path = '' }, response) => {
        const recorded = { path };
        echo.#log.add(recorded);
        response.statusCode = echo.#faults.take(recorded)?.fault ?? 200;
        echo.#log.answered(recorded, response.statusCode);
        response.end(path);
      });
    return echo;
  }

  inject(status: number): ActiveFault {
    return this.#faults.add(status, () => true);
  }
}

it('tells of the requests at all its doors', async () => {
  await using echo = await FakeEcho.start();
  for (const door of echo.doors) await ask(door, { path: '/a' });
  await ask(echo.doors[0], { path: '/b' });
  expect(echo.requests).toEqual([
    { path: '/a', status: 200 },
    { path: '/a', status: 200 },
  ]);
  expect([echo.requestCount, [...echo.requestCounts]]).toEqual([
    3,
    [
      ['/a', 2],
      ['/b', 1],
    ],
  ]);
  echo.clearRequests();
  expect([echo.requests, echo.requestCount, echo.requestCounts.size]).toEqual([[], 0, 0]);
});

it('is rid of its faults', async () => {
  await using echo = await FakeEcho.start();
  const fault = echo.inject(503);
  echo.inject(502);
  expect((await ask(echo.doors[0])).status).toBe(503);
  echo.removeFaults();
  expect((await ask(echo.doors[1])).status).toBe(200);
  expect(fault.hits).toBe(1);
});

it('closes connections at all its doors, and then the doors', async () => {
  const echo = await FakeEcho.start();
  const agent = new Agent({ keepAlive: true });
  for (const door of echo.doors) await ask(door, { agent });
  expect(echo.openConnectionCount).toBe(2);
  echo.closeConnections();
  while (echo.openConnectionCount > 0) await new Promise(setImmediate);
  await echo.stop();
  await echo[Symbol.asyncDispose]();
  for (const door of echo.doors) expect(await failureOf(ask(door))).toBe('ECONNREFUSED');
  agent.destroy();
});
