import { describe, expect, it } from '@jest/globals';
import { Secret, type Session } from '@slipline/core';
import { openBench } from './testing/index.ts';
import { errorOf, World } from './testing/world.test.support.ts';

const users = (sessions: readonly Session[]): unknown[] => sessions.map(({ details }) => details['userName']);

describe('a list', () => {
  it('tells what the host knows of each session of a person', async () => {
    await using world = await World.open();
    const now = Date.now();
    const client = { name: 'LAPTOP-AS', address: '192.0.2.7' };
    const desktop = world.logOn({ client, loggedOn: 7_200_000, lastInput: 600_000 });
    const { sessions } = await world.list();
    expect(sessions).toMatchObject([
      {
        provider: 'terminal-sessions',
        endpoint: 'SERVER01',
        id: String(desktop.id),
        kind: 'desktop',
        label: 'DOMAIN\\jdoe on SERVER01',
        principal: 'DOMAIN\\jdoe',
        state: 'live',
        ownership: 'foreign',
        effects: ['detach', 'end'],
        details: {
          computerName: 'SERVER01',
          sessionId: desktop.id,
          state: 'Active',
          sessionName: 'RDP-Tcp#0',
          userName: 'jdoe',
          domainName: 'DOMAIN',
          clientName: 'LAPTOP-AS',
          clientAddress: '192.0.2.7',
        },
      },
    ]);
    const { openedAt, details } = sessions[0] as Session;
    expect(Math.abs(Date.parse(openedAt ?? '') - (now - 7_200_000))).toBeLessThan(30_000);
    expect(details['logonTime']).toBe(openedAt);
    expect(details['idleSeconds']).toBeGreaterThanOrEqual(600);
    expect(details).not.toHaveProperty('disconnectTime');
    expect(details).not.toHaveProperty('clientBuildNumber');
  });

  it('tells more of the client where details are asked for', async () => {
    await using world = await World.open();
    world.logOn();
    const { sessions } = await world.list({ detailed: true });
    expect(sessions[0]?.details).toMatchObject({
      isLocked: false,
      horizontalResolution: 1920,
      verticalResolution: 1080,
      colorDepth: 32,
      clientBuildNumber: 26100,
      encryptionLevel: 4,
    });
  });

  it('counts time spent disconnected as idle', async () => {
    await using world = await World.open();
    const desktop = world.logOn({ lastInput: 90_000 });
    world.desktops.disconnect(desktop.id);
    const [before] = (await world.list()).sessions;
    expect(before).toMatchObject({ state: 'detached', details: { state: 'Disconnected', sessionName: '' } });
    expect(before?.details['idleSeconds']).toBeGreaterThanOrEqual(90);
    desktop.lastInputTime = 0n;
    desktop.disconnectTime -= 1_200_000_000n;
    const [after] = (await world.list()).sessions;
    expect(after?.details['idleSeconds']).toBeGreaterThanOrEqual(120);
    expect(after?.details).toHaveProperty('disconnectTime');
  });

  it('leaves out what belongs to nobody unless it is asked for', async () => {
    await using world = await World.open();
    world.logOn();
    expect(users((await world.list()).sessions)).toEqual(['jdoe']);
    const { sessions } = await world.list({ systemSessions: true });
    expect(sessions.map(({ id, label, effects }) => [id, label, effects])).toEqual([
      ['0', 'Services on SERVER01', []],
      ['1', 'Console on SERVER01', []],
      ['2', 'DOMAIN\\jdoe on SERVER01', ['detach', 'end']],
      ['65536', 'RDP-Tcp on SERVER01', []],
    ]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['a user', { user: ['JDOE'] }, ['jdoe']],
    ['a user of a domain', { user: ['other\\asmith'] }, ['asmith']],
    ['a user of another domain', { user: ['DOMAIN\\asmith'] }, []],
    ['several users', { user: ['jdoe', 'asmith'] }, ['jdoe', 'asmith']],
    ['a state', { state: ['disconnected'] }, ['svc-backup']],
    ['idle time', { idle: 30 }, ['asmith', 'svc-backup']],
    ['clients', { onlineOnly: true }, ['jdoe', 'asmith']],
    ['all at once', { state: ['Active'], idle: 30 }, ['asmith']],
  ])('can be cut down by %s', async (_what, filter, expected) => {
    await using world = await World.open();
    world.logOn({ lastInput: 60_000 });
    world.logOn({ userName: 'asmith', domain: 'OTHER', lastInput: 1_860_000 });
    const backup = world.logOn({ userName: 'svc-backup', lastInput: 3_600_000 });
    world.desktops.disconnect(backup.id);
    const { sessions, problems } = await world.list(filter);
    expect([users(sessions), problems]).toEqual([expected, []]);
  });

  it('is not asked for where a session is named', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    expect((await world.list({ sessionId: [desktop.id] })).sessions).toHaveLength(1);
    expect(world.host.services.calls.get('TermSrvEnumeration.10')).toBeUndefined();
    const detailed = await world.list({ sessionId: [desktop.id], detailed: true });
    expect(detailed.sessions[0]?.details).toMatchObject({ horizontalResolution: 1920 });
  });

  it('is all that somebody gets who may see sessions, and not ask about them', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const forbidden = (stub: Uint8Array) => {
      const copy = Buffer.from(stub);
      copy.writeUInt32LE(0x80070005, copy.length - 4);
      return copy;
    };
    world.host.services.faults.calls.set('TermSrvSession.17', { stub: forbidden });
    for (const selector of [{}, { sessionId: [desktop.id] }]) {
      const { sessions, problems } = await world.list(selector);
      expect(problems).toEqual([]);
      expect(sessions).toMatchObject([{ label: 'DOMAIN\\jdoe on SERVER01', state: 'live' }]);
      expect(sessions[0]?.details).not.toHaveProperty('logonTime');
    }
  });

  it('is taken of several hosts at once, the dead among them told apart', async () => {
    await using other = await openBench({ desktops: [] });
    await using world = await World.open();
    world.logOn();
    other.host.desktops.logOn({ userName: 'asmith' });
    const names = ['SERVER01', `127.0.0.1:${other.host.port}`, '127.0.0.1:1'];
    const { sessions, problems } = await world.list({ computerName: names });
    expect(users(sessions)).toEqual(['jdoe', 'asmith']);
    expect(problems).toMatchObject([{ endpoint: '127.0.0.1:1', error: { code: 'unreachable' } }]);
  });

  it('goes to the port that is given, and its sessions remember it', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const { sessions } = await world.list({ computerName: ['localhost'], port: world.host.port });
    expect(sessions).toMatchObject([{ endpoint: `localhost:${world.host.port}`, id: String(desktop.id) }]);
    expect(await world.end(sessions[0] as Session)).toMatchObject({ status: 'disconnected' });
  });

  it('leaves out what this user may not see', async () => {
    await using world = await World.open();
    world.logOn();
    world.logOn({ userName: 'opadmin' });
    world.desktops.grant('opadmin');
    expect(users((await world.list()).sessions)).toEqual(['opadmin']);
  });

  it('has names in full, over many fragments', async () => {
    await using world = await World.open({ host: { maxFragment: 2048, smb: { maxTransact: 8192 } } });
    for (let place = 0; place < 120; place++) world.logOn({ userName: `user${place}` });
    const { sessions } = await world.list();
    expect(users(sessions)).toEqual(Array.from({ length: 120 }, (_, place) => `user${place}`));
    expect(world.host.smb.connectionCount).toBe(1);
  });
});

describe('a bench that is opened without more ado', () => {
  it('has people on it, and the session of the example', async () => {
    await using bench = await openBench();
    const seen = bench.host.desktops.ofPeople().map(({ id, userName, state }) => [id, userName, state]);
    expect(seen).toEqual([
      [2, 'asmith', 'Active'],
      [3, 'svc-backup', 'Disconnected'],
      [5, 'jdoe', 'Active'],
    ]);
  });
});

describe('a disconnect', () => {
  it('detaches by default: the user stays logged on, and the host is asked again', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const { outcomes } = await world.disconnect({ computerName: ['SERVER01'], sessionId: [desktop.id] });
    expect(outcomes).toMatchObject([{ status: 'disconnected', effect: 'detach', verification: 'verified' }]);
    expect(world.desktops.get(desktop.id)?.state).toBe('Disconnected');
    expect(world.desktops.changes).toEqual([`disconnect ${desktop.id}`]);
  });

  it('logs off where that is asked for', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    expect(await world.end(await world.session(desktop), 'end')).toMatchObject({
      status: 'disconnected',
      effect: 'end',
      verification: 'verified',
    });
    expect(world.desktops.get(desktop.id)).toBeUndefined();
  });

  it('waits until it shows', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const session = await world.session(desktop);
    world.desktops.settlesAfter = 3;
    expect(await world.end(session)).toMatchObject({ status: 'disconnected', verification: 'verified' });
    expect(desktop.state).toBe('Disconnected');
  });

  it('of a session that is disconnected already is success, and said so', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    world.desktops.disconnect(desktop.id);
    expect(await world.end(await world.session(desktop))).toMatchObject({ status: 'already-gone' });
    expect(world.desktops.changes).toEqual([]);
  });

  it('takes everything of one user on several hosts', async () => {
    await using other = await openBench({ desktops: [] });
    await using world = await World.open();
    const [kept] = [
      world.logOn({ userName: 'asmith' }),
      world.logOn(),
      other.host.desktops.logOn({ userName: 'jdoe' }),
    ];
    const computerName = ['SERVER01', `127.0.0.1:${other.host.port}`];
    const { outcomes } = await world.disconnect({ computerName, user: ['jdoe'] });
    expect(outcomes.map(({ status }) => status)).toEqual(['disconnected', 'disconnected']);
    expect(kept?.state).toBe('Active');
    expect(other.host.desktops.ofPeople()[0]?.state).toBe('Disconnected');
  });

  it('of many sessions of a host shares one connection', async () => {
    await using world = await World.open();
    for (let place = 0; place < 20; place++) world.logOn({ userName: `user${place}` });
    const { outcomes } = await world.disconnect({ computerName: ['SERVER01'], state: ['Active'] });
    expect(outcomes.filter(({ status }) => status === 'disconnected')).toHaveLength(20);
    expect(world.host.smb.connectionCount).toBe(1);
    expect(world.desktops.changes).toHaveLength(20);
    expect(new Set(world.desktops.changes).size).toBe(20);
  });

  it("skips the caller's own session unless it is named", async () => {
    const caller = { computerName: 'SERVER01', userName: 'opadmin', sessionName: 'RDP-Tcp#1' };
    await using world = await World.open({ plugin: { caller } });
    world.logOn();
    const own = world.logOn({ userName: 'opadmin' });
    const { outcomes } = await world.disconnect({ computerName: ['SERVER01'], state: ['Active'] });
    expect(outcomes).toMatchObject([
      { status: 'disconnected' },
      { status: 'skipped', reason: 'own-session' },
    ]);
    const named = await world.disconnect({ computerName: ['SERVER01'], sessionId: [own.id] });
    expect(named.outcomes).toMatchObject([{ status: 'disconnected' }]);
  });

  it('goes on after the host has dropped the connection', async () => {
    await using world = await World.open();
    const session = await world.session(world.logOn());
    world.host.smb.dropConnections();
    await new Promise((resolve) => setImmediate(resolve));
    const ended = await world.end(session).catch(() => world.end(session));
    expect(ended).toMatchObject({ status: 'disconnected' });
  });
});

describe('a connection', () => {
  it('keeps a credential, which later calls use', async () => {
    await using world = await World.open();
    const session = await world.connect();
    expect(session).toMatchObject({
      id: 'connection-1',
      kind: 'connection',
      endpoint: 'SERVER01',
      ownership: 'opened',
      effects: ['forget'],
      details: { userName: 'DOMAIN\\opadmin' },
    });
    const desktop = world.logOn();
    await using other = world.process();
    const selector = { computerName: ['SERVER01'], sessionId: [desktop.id] };
    const plan = await other.plan({ provider: 'terminal-sessions', selector });
    expect((await other.apply(plan)).outcomes).toMatchObject([{ status: 'disconnected' }]);
  });

  it('gives way to what a flag says', async () => {
    await using world = await World.open();
    await world.connect();
    world.logOn();
    const auditor = { userName: 'DOMAIN\\auditor', password: new Secret('fake-password') };
    await using other = world.process();
    await world.list(auditor, other);
    expect(world.host.smb.signIns).toEqual(['opadmin', 'auditor']);
  });

  it('is not made with a credential that does not work', async () => {
    await using world = await World.open();
    const error = await errorOf(world.connect({ password: new Secret('wrong') }));
    expect(error.code).toBe('unauthenticated');
    expect(await world.ledger.entries()).toEqual([]);
  });

  it('is listed without asking anybody, and stands for its host', async () => {
    await using world = await World.open();
    await world.connect();
    world.logOn();
    const listed = await world.slipline.sessions({ provider: 'terminal-sessions', selector: {} });
    expect(listed.sessions.map(({ id }) => id)).toEqual(['connection-1']);
    const live = await world.slipline.sessions({ provider: 'terminal-sessions', isLive: true });
    expect(live.sessions.map(({ kind }) => kind)).toEqual(['connection', 'desktop']);
    const plan = await world.slipline.plan({ provider: 'terminal-sessions', selector: { user: ['jdoe'] } });
    expect(plan.steps).toMatchObject([{ session: { kind: 'desktop' }, effect: 'detach' }]);
  });

  it.each([['1'], ['connection-1'], ['server01']])(
    'is forgotten as %s, and its credential with it',
    async (name) => {
      await using world = await World.open();
      await world.connect();
      const { outcomes } = await world.disconnect({ connection: [name] });
      expect(outcomes).toMatchObject([{ status: 'disconnected', effect: 'forget' }]);
      await using other = world.process();
      const { problems } = await other.sessions({
        provider: 'terminal-sessions',
        selector: { computerName: ['SERVER01'] },
      });
      expect(problems).toMatchObject([{ error: { code: 'unauthenticated' } }]);
    },
  );
});

describe('a message', () => {
  const send = async (world: World, session: Session, values: Readonly<Record<string, unknown>>) =>
    world.slipline.act('message', session, values, world.credential);

  it('is shown, without waiting for anybody', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const answer = await send(world, await world.session(desktop), {
      text: 'Going down at 18:00',
      title: 'Soon',
    });
    expect(answer).toEqual({ answer: 'NotWaited' });
    expect(desktop.messages).toEqual([{ title: 'Soon', text: 'Going down at 18:00', style: 0, timeout: 15 }]);
  });

  it.each([
    [6, 'Yes'],
    [7, 'No'],
    [undefined, 'TimedOut'],
  ])('with buttons is answered (%s: %s)', async (pressed, answer) => {
    await using world = await World.open();
    const desktop = world.logOn();
    desktop.answer = pressed;
    const values = { text: 'Finished?', buttons: 'YesNo', timeoutSeconds: 30 };
    expect(await send(world, await world.session(desktop), values)).toEqual({ answer });
    expect(desktop.messages).toMatchObject([{ style: 4, timeout: 30 }]);
  });

  it('goes to nobody without the right to send it', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const session = await world.session(desktop);
    world.desktops.grant('opadmin', 'query');
    expect(await errorOf(send(world, session, { text: 'x' }))).toMatchObject({ code: 'forbidden' });
    expect(desktop.messages).toEqual([]);
  });

  it('goes to nobody who has taken over the id', async () => {
    await using world = await World.open();
    const desktop = world.logOn();
    const session = await world.session(desktop);
    await world.bench.replace(world.slipline, session);
    expect(await errorOf(send(world, session, { text: 'x' }))).toMatchObject({ code: 'changed' });
  });

  it('cannot be sent to a connection', async () => {
    await using world = await World.open();
    expect(await errorOf(send(world, await world.connect(), { text: 'x' }))).toMatchObject({
      code: 'unsupported',
    });
  });
});
