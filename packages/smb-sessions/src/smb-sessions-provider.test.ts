import { describe, expect, it } from '@jest/globals';
import type { Session } from '@slipline/core';
import { openBench } from './testing/index.ts';
import { World } from './testing/world.test.support.ts';

const ids = (sessions: readonly Session[]): readonly string[] => sessions.map(({ id }) => id);

describe('a list', () => {
  it('tells what the server knows of each session', async () => {
    await using world = await World.open();
    world.sessions.open({ opens: 3, begun: 7_200_000, lastUsed: 600_000 });
    const session = await world.only();
    expect(session).toMatchObject({
      endpoint: 'FILES01',
      id: '192.0.2.117\\jdoe',
      kind: 'file-session',
      label: 'jdoe on FILES01 from 192.0.2.117',
      principal: 'jdoe',
      state: 'live',
      ownership: 'foreign',
      effects: ['end'],
      details: {
        computerName: 'FILES01',
        clientName: '192.0.2.117',
        userName: 'jdoe',
        openCount: 3,
        sessionCount: 1,
        transport: '\\Device\\LanmanServer',
      },
    });
    const { idleSeconds } = session.details;
    expect(idleSeconds).toBeGreaterThanOrEqual(600);
    expect(Math.abs(Date.parse(session.openedAt ?? '') - (Date.now() - 7_200_000))).toBeLessThan(60_000);
  });

  it.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['a user', { user: ['JDOE'] }, ['192.0.2.117\\jdoe']],
    ['a user of any domain', { user: ['asmith'] }, ['LAPTOP-AS\\CORP\\asmith']],
    ['a user of a domain', { user: ['other\\asmith'] }, []],
    ['a client', { client: ['\\\\laptop-as'] }, ['LAPTOP-AS\\CORP\\asmith']],
    ['idle time', { idle: 30 }, ['192.0.2.117\\jdoe']],
    ['all at once', { idle: 30, user: ['CORP\\asmith'] }, []],
  ])('can be cut down by %s', async (_what, filter, expected) => {
    await using world = await World.open();
    world.sessions.open({ lastUsed: 1_860_000 });
    world.sessions.open({ client: 'LAPTOP-AS', user: 'CORP\\asmith' });
    expect(ids((await world.list(filter)).sessions)).toEqual(expected);
  });

  it('goes over as many pages as there are', async () => {
    await using world = await World.open();
    world.sessions.pageSize = 7;
    for (let place = 0; place < 40; place++) world.sessions.open({ user: `user${place}` });
    expect((await world.list()).sessions).toHaveLength(40);
  });

  it('is taken of a server that has level 1 only, as Samba', async () => {
    await using world = await World.open();
    world.sessions.levels = new Set([1]);
    world.sessions.open({ opens: 2 });
    const { details } = await world.only();
    expect(details).toMatchObject({ openCount: 2 });
    expect(details).not.toHaveProperty('transport');
  });

  it('tells whoever is no administrator what everybody may see', async () => {
    await using world = await World.open();
    world.sessions.open();
    const { details } = await world.only({ userName: 'DOMAIN\\auditor' });
    expect(details).toMatchObject({ userName: 'jdoe' });
    expect(details).not.toHaveProperty('openCount');
  });

  it('is taken of several servers, the dead among them told apart', async () => {
    await using other = await openBench({ sessions: [{ user: 'asmith' }] });
    await using world = await World.open();
    world.sessions.open();
    const names = ['FILES01', `127.0.0.1:${other.server.port}`, '127.0.0.1:1'];
    const { sessions, problems } = await world.list({ computerName: names });
    expect(sessions.map(({ principal }) => principal)).toEqual(['jdoe', 'asmith']);
    expect(problems).toMatchObject([{ endpoint: '127.0.0.1:1', error: { code: 'unreachable' } }]);
  });
});

describe('a session', () => {
  it('is ended, and nobody else is', async () => {
    await using world = await World.open();
    const other = world.sessions.open({ user: 'asmith' });
    world.sessions.open();
    const outcome = await world.end(await world.only({ user: ['jdoe'] }));
    expect(outcome).toMatchObject({ status: 'disconnected', effect: 'end', verification: 'verified' });
    expect(world.sessions.all).toEqual([other]);
  });

  it('stands for all that a user has from a client, since they end together', async () => {
    await using world = await World.open();
    world.sessions.open({ opens: 1 });
    world.sessions.open({ opens: 2, begun: 60_000 });
    const session = await world.only();
    expect(session.details).toMatchObject({ sessionCount: 2, openCount: 3 });
    expect(await world.end(session)).toMatchObject({ status: 'disconnected' });
    expect(world.sessions.all).toEqual([]);
  });

  it('of nobody cannot be ended, since a blank name stands for all', async () => {
    await using world = await World.open();
    world.sessions.open({ user: '' });
    expect(await world.only()).toMatchObject({ effects: [], label: 'nobody on FILES01 from 192.0.2.117' });
  });
});

describe('a connection', () => {
  it('keeps a credential, which later calls use, until it is forgotten', async () => {
    await using world = await World.open();
    world.sessions.open();
    const { session } = await world.slipline.connect('smb-sessions', world.bench.connectValues());
    expect(session).toMatchObject({ id: 'connection-1', kind: 'connection', effects: ['forget'] });
    const selector = { computerName: ['FILES01'] };
    const listed = await world.slipline.sessions({ provider: 'smb-sessions', selector });
    expect(ids(listed.sessions)).toEqual(['192.0.2.117\\jdoe']);
    for (const connection of ['1', 'connection-1', 'files01']) {
      const found = { provider: 'smb-sessions', selector: { connection: [connection] } };
      expect(ids((await world.slipline.sessions(found)).sessions)).toEqual(['connection-1']);
    }
    const plan = await world.slipline.plan({ provider: 'smb-sessions', selector: { connection: ['1'] } });
    const { outcomes } = await world.slipline.apply(plan);
    expect(outcomes).toMatchObject([{ status: 'disconnected', effect: 'forget' }]);
    const after = await world.slipline.sessions({ provider: 'smb-sessions', selector });
    expect(after.problems).toMatchObject([{ error: { code: 'unauthenticated' } }]);
    expect(world.sessions.all).toHaveLength(1);
  });
});
