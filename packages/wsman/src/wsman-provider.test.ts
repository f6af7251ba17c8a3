import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { Secret } from '@slipline/core';
import { faults } from './testing/index.ts';
import { errorOf, said, SERVER, World } from './testing/world.test.support.ts';

// Ends of waits are asserted, not their lengths: a busy machine may take its time.
jest.setTimeout(60_000);

describe('a disconnect of a computer', () => {
  it('closes the connection, forgets the credential, lists it no longer, and sends nothing', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.winrm.clearRequests();
    const { outcomes, problems } = await world.disconnect({ computerName: ['SERVER01'] });
    expect(outcomes.map(said)).toEqual(['disconnected: forget, verified']);
    expect(problems).toEqual([]);
    expect([world.winrm.requestCount, await world.states()]).toEqual([0, []]);
    expect((await world.list({})).sessions).toEqual([]);
    expect((await errorOf(world.ledger.secret(session))).code).toBe('not-found');
    while (world.winrm.openConnectionCount > 0) await setTimeout(5);
  });

  it('twice is success, and an unknown computer too', async () => {
    await using world = await World.open();
    await world.connect();
    for (const computerName of [SERVER, SERVER, 'nobody']) {
      const { outcomes, problems } = await world.disconnect({ computerName: [computerName] });
      expect([problems, outcomes.every(({ status }) => status === 'disconnected')]).toEqual([[], true]);
    }
  });

  it('leaves the shells alone', async () => {
    await using world = await World.open();
    await world.connect();
    world.shell();
    await world.disconnect({ computerName: [SERVER] });
    expect(world.winrm.openShellCount).toBe(1);
  });

  it('is by name, by name and port, by number, for several at once', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect({ useSsl: true });
    await world.connect({ computerName: 'server02' });
    await world.connect({ computerName: 'server01.corp.example' });
    const { outcomes } = await world.disconnect({ computerName: ['server01:5986', 'SERVER02', '4'] });
    expect(outcomes.map(({ session }) => session.id).sort()).toEqual(['2', '3', '4']);
    expect((await world.list({})).sessions.map(({ id }) => id)).toEqual(['1']);
  });

  it('by name alone means every connection to it, whatever the port', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect({ useSsl: true });
    const { outcomes } = await world.disconnect({ computerName: [SERVER] });
    expect(outcomes).toHaveLength(2);
  });

  it('is not hindered by a name that only begins alike', async () => {
    await using world = await World.open();
    await world.connect();
    expect((await world.disconnect({ computerName: ['server0'] })).outcomes).toEqual([]);
    expect(await world.states()).toEqual(['open']);
  });

  it('takes what comes through a pipe, as sessions', async () => {
    await using world = await World.open();
    await world.connect();
    const { sessions } = await world.list({});
    const { outcomes } = await world.slipline.apply(await world.slipline.plan({ sessions }));
    expect(outcomes.map(said)).toEqual(['disconnected: forget, verified']);
  });

  it('works in another process, and while the computer is down', async () => {
    await using world = await World.open();
    const session = await world.connect();
    await world.winrm.stop();
    await using other = world.process();
    expect(said(await world.end(session, {}, other))).toBe('disconnected: forget, verified');
  });
});

describe('this computer', () => {
  it.each(['localhost', 'LocalHost', '.', ''])(
    '%j is always connected, and refused',
    async (computerName) => {
      await using world = await World.open();
      const { outcomes, problems } = await world.disconnect({ computerName: [computerName] });
      expect(outcomes).toEqual([]);
      expect(problems.map(({ error }) => error)).toMatchObject([
        { code: 'invalid-request', details: { resourceKey: 'LocalHost' }, next: expect.any(String) },
      ]);
    },
  );

  it('can be disconnected from a separate connection by its number or its name', async () => {
    await using world = await World.open();
    const port = world.winrm.httpPort;
    await world.connect({ computerName: '.', port });
    await world.connect({ computerName: '127.0.0.1', port });
    const { outcomes } = await world.disconnect({ computerName: ['127.0.0.1', `localhost:${port}`] });
    expect(outcomes.map(said)).toEqual(['disconnected: forget, verified', 'disconnected: forget, verified']);
  });

  it('is what the drive lists when every other connection is gone', async () => {
    await using world = await World.open();
    await world.connect();
    const rows = async () =>
      (await world.list({ drive: true })).sessions.map(({ label, kind }) => [label, kind]);
    expect(await rows()).toEqual([
      ['localhost', 'Container'],
      ['CORP\\Administrator on server01', 'connection'],
    ]);
    await world.disconnect({ computerName: [SERVER] });
    expect(await rows()).toEqual([['localhost', 'Container']]);
  });

  it('is no session that could be disconnected', async () => {
    await using world = await World.open();
    const { sessions } = await world.list({ drive: true });
    const { steps, problems } = await world.slipline.plan({ sessions });
    expect([steps, problems.map(({ error }) => error.code)]).toEqual([[], ['unsupported']]);
  });
});

describe('strict', () => {
  it.each([
    ['an unknown computer', { computerName: ['nobody'] }, 'not-found', 'InvalidComputerName'],
    ['no computer at all', {}, 'invalid-request', 'LocalHost'],
    ['this computer', { computerName: ['.'] }, 'invalid-request', 'LocalHost'],
  ])('refuses %s as the cmdlet does', async (_what, selector, code, resourceKey) => {
    await using world = await World.open();
    await world.connect();
    const { outcomes, problems } = await world.disconnect({ ...selector, strict: true });
    expect(outcomes).toEqual([]);
    expect(problems.map(({ error }) => error)).toMatchObject([{ code, details: { resourceKey } }]);
    expect(await world.states()).toEqual(['open']);
  });

  it('refuses the one of many names that is unknown, and ends the others', async () => {
    await using world = await World.open();
    await world.connect();
    const { outcomes, problems } = await world.disconnect({ computerName: [SERVER, 'nobody'], strict: true });
    expect(outcomes.map(said)).toEqual(['disconnected: forget, verified']);
    expect(problems).toMatchObject([{ error: { message: 'there is no connection to nobody' } }]);
  });

  it('refuses the second disconnect', async () => {
    await using world = await World.open();
    await world.connect();
    const strict = { computerName: [SERVER], strict: true };
    expect((await world.disconnect(strict)).outcomes.map(said)).toEqual(['disconnected: forget, verified']);
    expect((await world.disconnect(strict)).problems).toMatchObject([{ error: { code: 'not-found' } }]);
  });
});

describe('a live list', () => {
  it('says whether a computer still lets this user in, and how many shells the user has and may have', async () => {
    await using world = await World.open();
    await world.connect();
    world.shell({ owner: 'CORP\\Administrator' });
    world.shell();
    const { sessions, problems } = await world.list({}, true);
    expect(problems).toEqual([]);
    expect(sessions).toMatchObject([{ state: 'live', details: { shells: 1, shellsAllowed: 30 } }]);
  });

  it('admits what may not be read', async () => {
    await using world = await World.open({
      winrm: { users: [{ userName: 'jdoe', domain: 'CORP', password: 'fake-password' }] },
    });
    await world.connect({ userName: 'CORP\\jdoe' });
    const { sessions } = await world.list({}, true);
    expect(sessions).toMatchObject([{ state: 'live', details: { shells: 0, shellsAllowed: 'unknown' } }]);
  });

  it('shows as broken what is refused meanwhile, and as unknown what cannot be asked', async () => {
    await using world = await World.open();
    await world.connect();
    world.winrm.configure({ users: [] });
    await using other = world.process();
    const seen = async () => {
      const { sessions, problems } = await other.sessions({ provider: 'wsman', isLive: true });
      return [...sessions.map(({ state }) => state), ...problems.map(({ error }) => error.code)];
    };
    expect(await seen()).toEqual(['broken', 'unauthenticated']);
    await world.winrm.stop();
    expect(await seen()).toEqual(['unknown', 'unreachable']);
  });
});

describe('access', () => {
  it('gives what pywinrm reads, and asks no server', async () => {
    await using world = await World.open();
    const session = await world.connect();
    world.winrm.clearRequests();
    const { environment } = await world.slipline.access(session);
    expect(environment).toEqual({
      WINRM_ENDPOINT: 'http://server01:5985/wsman',
      WINRM_TRANSPORT: 'ntlm',
      WINRM_USERNAME: 'CORP\\Administrator',
      WINRM_PASSWORD: expect.any(Secret),
    });
    expect(world.winrm.requestCount).toBe(0);
  });

  it('hands on no shell of somebody else', async () => {
    await using world = await World.open();
    await world.connect();
    const { id } = world.shell();
    expect((await errorOf(world.slipline.access(await world.listed(id)))).code).toBe('unsupported');
  });
});

describe('shells', () => {
  it('are all listed, with what is known of them', async () => {
    const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time, after: () => () => undefined };
    await using world = await World.open({ winrm: { clock } });
    await world.connect();
    const winrs = world.shell({ idleTimeout: 7_200_000 });
    const power = world.powerShell({ name: 'nightly', state: 'Disconnected' });
    clock.time += 60_000;
    const { sessions, problems } = await world.list({ computerName: [SERVER], shells: true });
    expect(problems).toEqual([]);
    expect(sessions).toMatchObject([
      {
        endpoint: SERVER,
        id: winrs.id,
        kind: 'shell',
        label: 'winrs shell of CORP\\jdoe on server01',
        principal: 'CORP\\jdoe',
        state: 'live',
        ownership: 'foreign',
        effects: ['end'],
        details: {
          type: 'winrs',
          resourceUri: winrs.resourceUri,
          clientAddress: '10.0.2.2',
          idleSeconds: 60,
          idleTimeoutSeconds: 7200,
        },
      },
      {
        id: power.id,
        state: 'detached',
        effects: ['end', 'detach'],
        details: { type: 'PowerShell', name: 'nightly', shellState: 'Disconnected' },
      },
    ]);
    const [{ openedAt = '', expiresAt = '' } = {}] = sessions;
    expect(Date.parse(expiresAt) - Date.parse(openedAt)).toBe(7_200_000);
  });

  it('are asked of every connected computer where none is named, once for each', async () => {
    await using world = await World.open();
    await world.connect();
    await world.connect({ useSsl: true });
    await world.connect({ computerName: 'server02' });
    world.shell();
    const { sessions } = await world.list({ shells: true });
    expect(sessions.map(({ endpoint }) => endpoint).sort()).toEqual([SERVER, 'server02']);
  });

  it('pass filters', async () => {
    const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time, after: () => () => undefined };
    await using world = await World.open({ winrm: { clock } });
    await world.connect();
    const old = world.powerShell({ owner: 'CORP\\jdoe', state: 'Disconnected' });
    clock.time += 31 * 60_000;
    const young = world.shell({ owner: 'SERVER01\\jdoe' });
    const other = world.shell({ owner: 'CORP\\bob' });
    const ids = async (filter: object) =>
      (await world.list({ computerName: [SERVER], shells: true, ...filter })).sessions.map(({ id }) => id);
    expect(await ids({ owner: 'JDOE' })).toEqual([old.id, young.id]);
    expect(await ids({ owner: 'corp\\jdoe' })).toEqual([old.id]);
    expect(await ids({ state: 'disconnected' })).toEqual([old.id]);
    expect(await ids({ state: 'connected' })).toEqual([young.id, other.id]);
    expect(await ids({ idle: 30 })).toEqual([old.id]);
  });

  it.each([{ owner: 'bob' }, { idle: 1 }, { state: 'connected' }])(
    'are meant by a filter, which needs --shells: %j',
    async (filter) => {
      await using world = await World.open();
      const error = await errorOf(world.disconnect({ computerName: [SERVER], ...filter }));
      expect(error).toMatchObject({
        code: 'invalid-request',
        message: expect.stringContaining('needs shells'),
      });
    },
  );

  it('are seen through a connection only', async () => {
    await using world = await World.open();
    const { problems } = await world.list({ computerName: [SERVER], shells: true });
    expect(problems).toMatchObject([
      { endpoint: SERVER, error: { code: 'unauthenticated', next: 'slipline connect wsman server01' } },
    ]);
    const ref = { provider: 'wsman', endpoint: SERVER, id: 'B2F6BD90-0000-0000-0000-000000000000' };
    const plan = await world.slipline.plan({ sessions: [ref] });
    expect(plan.problems).toMatchObject([{ error: { code: 'unauthenticated' } }]);
  });

  describe('of two users at one computer', () => {
    async function connectTwo() {
      const world = await World.open({
        winrm: {
          users: [
            { userName: 'Administrator', domain: 'CORP', password: 'fake-password', isAdministrator: true },
            { userName: 'bob', domain: 'CORP', password: 'fake-password' },
          ],
        },
      });
      await world.connect();
      await world.connect({ userName: 'CORP\\bob' });
      const shells = [world.shell(), world.shell({ owner: 'CORP\\bob' })];
      return {
        world,
        ids: shells.map(({ id }) => id).sort(),
        [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
      };
    }

    it.each([
      [undefined, 2],
      [['1'], 2],
      [['2'], 1],
    ])('are those that the named connections see, once each: %j', async (computerName, count) => {
      await using two = await connectTwo();
      const { world } = two;
      const { sessions, problems } = await world.list({ shells: true, computerName });
      expect([sessions.length, problems]).toEqual([count, []]);
    });

    it('are ended by the one who sees them, in another process as well', async () => {
      await using two = await connectTwo();
      const { world, ids } = two;
      const { sessions } = await world.list({ computerName: [SERVER], shellId: ids });
      await using other = world.process();
      const { outcomes } = await other.apply(await other.plan({ sessions }));
      expect(outcomes.map(said)).toEqual(ids.map(() => 'disconnected: end, verified'));
      expect(world.winrm.openShellCount).toBe(0);
    });

    it('are ended through what another process has left of the connections', async () => {
      await using two = await connectTwo();
      const { world, ids } = two;
      const { sessions } = await world.list({ computerName: [SERVER], shellId: ids });
      const [own, foreign] = ['CORP\\bob', 'CORP\\jdoe'].map((user) =>
        sessions.find(({ principal }) => principal === user),
      );
      expect(said(await world.end(foreign!))).toBe('disconnected: end, verified');
      await using other = world.process();
      await other.apply(await other.plan({ provider: 'wsman', selector: { computerName: ['1'] } }));
      expect(said(await world.end(own!))).toBe('disconnected: end, verified');
      expect([world.winrm.openShellCount, await world.states()]).toEqual([0, ['open']]);
    });

    it('go on being seen by the one whose connection is left', async () => {
      await using two = await connectTwo();
      const { world, ids } = two;
      await world.list({ shells: true });
      await world.disconnect({ computerName: ['1'] });
      const { sessions } = await world.list({ shells: true });
      expect(sessions).toMatchObject([{ principal: 'CORP\\bob' }]);
      const outcome = await world.end(sessions[0]!);
      expect([said(outcome), world.winrm.openShellCount]).toEqual(['disconnected: end, verified', 1]);
      expect(ids).toHaveLength(2);
    });
  });

  it('of one computer that fails hide none of another', async () => {
    await using world = await World.open();
    await using other = await World.open();
    await world.connect();
    const { session } = await world.slipline.connect('wsman', {
      computerName: '127.0.0.1',
      port: other.winrm.httpPort,
      userName: 'CORP\\Administrator',
      password: new Secret('fake-password'),
    });
    await other.winrm.stop();
    world.shell();
    const { sessions, problems } = await world.list({
      computerName: [session.endpoint, SERVER],
      shells: true,
    });
    expect(sessions).toHaveLength(1);
    expect(problems).toMatchObject([{ endpoint: session.endpoint, error: { code: 'unreachable' } }]);
  });
});

describe('a disconnect of shells', () => {
  it('ends one by its id, with the resource it belongs to, and looks whether it is gone', async () => {
    await using world = await World.open();
    await world.connect();
    const [one, other] = [world.powerShell(), world.shell()];
    world.winrm.clearRequests();
    const { outcomes } = await world.disconnect({ computerName: [SERVER], shellId: [one.id] });
    expect(outcomes.map(said)).toEqual(['disconnected: end, verified']);
    expect(world.winrm.openShells().map(({ id }) => id)).toEqual([other.id]);
    expect(world.winrm.shells()).toMatchObject([{ id: one.id, endedBy: 'deleted' }, { id: other.id }]);
    const [deletion] = world.winrm.requests.filter(({ kind }) => kind === 'Delete');
    expect(deletion).toMatchObject({ resourceUri: one.resourceUri, shellId: one.id, isSealed: true });
  });

  it('ends many, and keeps an outcome for each', async () => {
    await using world = await World.open();
    await world.connect();
    const shells = Array.from({ length: 12 }, () => world.shell());
    world.shell({ owner: 'CORP\\bob' });
    const { outcomes } = await world.disconnect({ computerName: [SERVER], shells: true, owner: 'jdoe' });
    expect(outcomes).toHaveLength(shells.length);
    expect(new Set(outcomes.map(said))).toEqual(new Set(['disconnected: end, verified']));
    expect(world.winrm.openShells().map(({ owner }) => owner)).toEqual(['CORP\\bob']);
  });

  it('detaches a PowerShell shell, which goes on', async () => {
    await using world = await World.open();
    await world.connect();
    const { id } = world.powerShell();
    expect(said(await world.end(await world.listed(id), { effect: 'detach' }))).toBe(
      'disconnected: detach, verified',
    );
    expect(world.winrm.openShells()).toMatchObject([{ id, state: 'Disconnected' }]);
    expect(said(await world.end(await world.listed(id), { effect: 'detach' }))).toBe(
      'disconnected: detach, verified',
    );
  });

  it.each(['SHELL_DISCONNECTED', 'SHELL_DISCONNECT_OPERATION_NOT_VALID'] as const)(
    'takes one that was detached meanwhile for success, whether that is said by %s or not',
    async (fault) => {
      await using world = await World.open();
      await world.connect();
      const { id } = world.powerShell({ state: 'Disconnected' });
      const session = await world.listed(id);
      world.winrm.inject(faults.soapFault(fault), { operation: 'Disconnect' });
      expect(said(await world.end(session, { effect: 'detach' }))).toBe('disconnected: detach, verified');
      expect(world.winrm.requestCounts.get('Disconnect')).toBe(1);
    },
  );

  it('believes neither fault of one that is connected', async () => {
    await using world = await World.open();
    await world.connect();
    const session = await world.listed(world.powerShell().id);
    world.winrm.inject(faults.soapFault('SHELL_DISCONNECTED'), { operation: 'Disconnect' });
    expect(said(await world.end(session, { effect: 'detach' }))).toMatch(/^failed/);
  });

  it('says why a shell cannot be detached', async () => {
    await using world = await World.open({ winrm: { disconnectNeedsOwnSession: true } });
    await world.connect();
    const { id } = world.powerShell();
    const outcome = await world.end(await world.listed(id), { effect: 'detach' });
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { next: expect.stringContaining('end it instead') },
    });
    const winrs = world.shell();
    expect((await errorOf(world.end(await world.listed(winrs.id), { effect: 'detach' }))).code).toBe(
      'unsupported',
    );
  });

  it('takes one that is gone already for success, and says so', async () => {
    await using world = await World.open();
    await world.connect();
    const session = await world.listed(world.shell().id);
    world.winrm.inject(faults.vanish(), { operation: 'Delete' });
    expect(said(await world.end(session))).toBe('already-gone');
  });

  it('looks again where the answer was lost', async () => {
    await using world = await World.open();
    await world.connect();
    const { id } = world.shell();
    world.winrm.inject(faults.reset('after'), { operation: 'Delete' });
    const outcome = await world.end(await world.listed(id));
    expect(['disconnected: end, verified', 'already-gone']).toContain(said(outcome));
    expect(world.winrm.openShellCount).toBe(0);
  });

  it('does nothing where only a computer is named, whatever shells it has', async () => {
    await using world = await World.open();
    await world.connect();
    world.powerShell();
    const plan = await world.slipline.plan({ provider: 'wsman', selector: { computerName: [SERVER] } });
    expect(plan.steps.map(({ session, effect }) => [session.kind, effect])).toEqual([
      ['connection', 'forget'],
    ]);
  });

  it('of a name that is used again for another shell is refused', async () => {
    await using world = await World.open();
    await world.connect();
    const { id } = world.shell();
    const session = await world.listed(id);
    world.winrm.endShell(id);
    world.powerShell({ id, owner: 'CORP\\bob' });
    const plan = await world.slipline.plan({ sessions: [session] });
    expect(plan.problems).toMatchObject([{ error: { code: 'changed' } }]);
  });

  it('names a shell that is not there', async () => {
    await using world = await World.open();
    await world.connect();
    const { problems } = await world.list({ computerName: [SERVER], shellId: ['B2F6BD90-1111'] });
    expect(problems).toMatchObject([{ error: { code: 'not-found' } }]);
  });
});
