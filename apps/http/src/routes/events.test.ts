import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Session } from '@slipline/core';
import {
  disconnect,
  ended,
  eventsIn,
  openWorld,
  until,
  type TestEvent,
  type World,
} from './work.test.support.ts';

let world: World;
let port: number;
const open = new Set<IncomingMessage>();

beforeEach(async () => {
  world = await openWorld();
  await world.server.app.listen({ host: '127.0.0.1', port: 0 });
  port = (world.server.app.server.address() as AddressInfo).port;
});

afterEach(async () => {
  for (const answer of open) answer.destroy();
  open.clear();
  await world[Symbol.asyncDispose]();
});

/** A stream over a socket, and what has come of it. */
interface Listening {
  readonly answer: IncomingMessage;
  readonly events: () => readonly TestEvent[];
}

async function listen(key: string, after?: number): Promise<Listening> {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(after !== undefined && { 'last-event-id': String(after) }),
  };
  const answer = await new Promise<IncomingMessage>((resolve) =>
    get({ host: '127.0.0.1', port, path: '/v1/events', headers }, resolve),
  );
  open.add(answer);
  let text = '';
  answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
  answer.on('error', () => undefined);
  return { answer, events: () => eventsIn(text.slice(0, text.lastIndexOf('\n\n') + 2)) };
}

const liveIn = (events: readonly TestEvent[]): readonly unknown[] =>
  events
    .filter(({ data }) => (data['session'] as Session | undefined)?.state === 'live')
    .map(({ data }) => data['key']);

const sessionsIn = (events: readonly TestEvent[]): readonly (string | null)[] =>
  events
    .filter(({ event }) => event === 'session')
    .map(({ data }) => (data['session'] as Session | null)?.state ?? null);

describe('GET /v1/events', () => {
  it('tells at once what comes, changes and goes, and of jobs', async () => {
    const { answer, events } = await listen(await world.server.key());
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    const [key = ''] = await world.open(1);
    const told = (): TestEvent['data'] | undefined => events().find(({ data }) => data['key'] === key)?.data;
    await until(() => told() !== undefined);
    expect(told()).toMatchObject({ key, session: { key, state: 'live' } });
    const olga = await world.server.as();
    const id = await disconnect(olga, [key]);
    await ended(olga, id);
    await until(() => sessionsIn(events()).at(-1) === null);
    const states = (): readonly unknown[] =>
      events()
        .filter(({ event }) => event === 'job')
        .map(({ data }) => data['state']);
    await until(() => states().at(-1) === 'done');
    expect(states()[0]).toBe('queued');
    for (const secret of world.bench.canaries()) expect(JSON.stringify(events())).not.toContain(secret);
  });

  it('goes on after a loss where it was, without loss or repetition', async () => {
    const key = await world.server.key();
    const first = await listen(key);
    const [one = ''] = await world.open(1);
    await until(() => first.events().some(({ data }) => data['key'] === one));
    first.answer.destroy();
    const last = first
      .events()
      .filter(({ id }) => id !== undefined)
      .at(-1)?.id;
    const keys = await world.open(2);
    const second = await listen(key, last);
    const told = (): readonly unknown[] => liveIn(second.events());
    await until(() => told().length === 2);
    expect(told()).toEqual(keys.filter((each) => each !== one));
    expect(second.events().filter(({ event }) => event === 'reset')).toEqual([]);
  });

  it('tells nothing that is out of scope', async () => {
    const otto = await listen(await world.server.key({ user: 'otto', role: 'viewer', scopes: ['wsman:*'] }));
    const olga = await listen(await world.server.key());
    const [key = ''] = await world.open(1);
    const ask = await world.server.as();
    await ended(ask, await disconnect(ask, [key]));
    await until(() => sessionsIn(olga.events()).at(-1) === null);
    expect(otto.events().filter(({ event }) => event !== 'heartbeat')).toEqual([]);
  });

  it('is not opened by a question for its head', async () => {
    const olga = await world.server.as();
    expect((await olga('HEAD', '/v1/events')).statusCode).toBe(404);
    expect(world.server.services.events.streams).toBe(0);
  });

  it('ends when the service stops', async () => {
    const { answer } = await listen(await world.server.key());
    const closed = new Promise((resolve) => answer.once('close', resolve));
    await world.server.services.stop();
    await closed;
    const refused = await (await world.server.as())('GET', '/v1/events');
    expect(refused.statusCode).toBe(503);
  });

  it('lets one user have so many streams, and those who are gone do not count', async () => {
    const key = await world.server.key();
    const streams = await Promise.all(Array.from({ length: 100 }, () => listen(key)));
    expect((await listen(key)).answer.statusCode).toBe(409);
    for (const { answer } of streams) answer.destroy();
    await until(() => world.server.services.events.streams === 0);
    expect((await listen(key)).answer.statusCode).toBe(200);
  });
});
