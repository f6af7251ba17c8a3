import { describe, expect, it } from '@jest/globals';
import { Secret, type DisconnectError } from '@slipline/core';
import type { RpcMischief } from '@slipline/msrpc/testing';
import fc from 'fast-check';
import { World } from './testing/world.test.support.ts';

const LIST = 'srvsvc.12';
const END = 'srvsvc.13';

/** The one problem of a listing. */
async function problemOf(world: World, selector = {}): Promise<DisconnectError> {
  const { problems } = await world.list(selector);
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  if (problem === undefined) throw new Error('There was no problem.');
  expect(problem.error.system).toBe('FILES01');
  expect(problem.error.next).toEqual(expect.any(String));
  return problem.error;
}

/** What is in one place of an answer becomes this: from its end where the place is negative. */
function withU32(place: number, value: number): RpcMischief {
  return {
    stub: (stub) => {
      const copy = Buffer.from(stub);
      copy.writeUInt32LE(value, place < 0 ? copy.length + place : place);
      return copy;
    },
  };
}

const STATUS = -4;
const COUNT = 12;
const ARRAY = 20;

describe('a list', () => {
  it.each<[string, RpcMischief, string, RegExp]>([
    ['is refused to this user', withU32(STATUS, 5), 'forbidden', /right/],
    ['is not supported', withU32(STATUS, 50), 'unsupported', /sessions/],
    ['fails for no known reason', withU32(STATUS, 31), 'protocol', /NetrSessionEnum failed \(31\)/],
    ['counts fewer than it has', withU32(COUNT, 0), 'protocol', /file server/],
    ['counts more than it has', withU32(COUNT, 2), 'protocol', /file server/],
    ['claims an array without end', withU32(ARRAY, 0xffff_ffff), 'protocol', /file server/],
    ['is of another level', withU32(0, 1), 'protocol', /file server/],
    ['is of a level that nobody knows', withU32(4, 77), 'protocol', /file server/],
    ['goes on where it began', withU32(STATUS, 234), 'protocol', /file server/],
    ['is a fault of access', { fault: 5 }, 'forbidden', /right/],
    ['is a fault', { fault: 0x6f7 }, 'protocol', /./],
    ['is cut off', { stub: (stub) => stub.subarray(0, -6) }, 'protocol', /file server/],
    ['is changed on its way', 'tampered', 'untrusted', /changed/],
    ['is empty', { answer: Buffer.alloc(0) }, 'protocol', /file server/],
  ])('that %s is one clear error', async (_what, mischief, code, words) => {
    await using world = await World.open();
    world.sessions.open();
    world.server.faults.calls.set(LIST, mischief);
    const error = await problemOf(world);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
  });

  it('that never comes to its end is given up', async () => {
    await using world = await World.open();
    for (let place = 0; place < 300; place++) world.sessions.open({ user: `user${place}` });
    world.sessions.pageSize = 1;
    const error = await problemOf(world);
    expect(error.code).toBe('protocol');
    expect(error.message).toMatch(/more than any server/);
  });

  it.each([
    ['a client with a path', { client: 'a\\b' }],
    ['a name longer than any', { user: 'x'.repeat(1025) }],
  ])('with %s is not believed', async (_what, session) => {
    await using world = await World.open();
    world.sessions.open(session);
    expect(await problemOf(world)).toMatchObject({ code: 'protocol' });
  });

  it('of any octets is a list or one error', async () => {
    await using world = await World.open();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (answer) => {
        world.server.faults.calls.set(LIST, { answer });
        const { sessions, problems } = await world.list();
        expect(sessions.length === 0 || problems.length === 0).toBe(true);
        for (const { error } of problems) expect(error.code).not.toBe('internal');
      }),
      { numRuns: 50 },
    );
  });
});

describe('a server', () => {
  it('without this service says so', async () => {
    await using world = await World.open();
    world.server.faults.absent.add('srvsvc');
    expect(await problemOf(world)).toMatchObject({ code: 'unsupported' });
  });

  it('that speaks SMB 1 only gets no password', async () => {
    await using world = await World.open();
    world.server.smb.faults.isOldOnly = true;
    expect(await problemOf(world)).toMatchObject({ code: 'unsupported' });
  });

  it('that does not know the password is asked once', async () => {
    await using world = await World.open();
    expect(await problemOf(world, { password: new Secret('wrong') })).toMatchObject({
      code: 'unauthenticated',
    });
    expect(world.server.smb.connectionCount).toBe(1);
  });
});

describe('an end', () => {
  const answering = (status: number): RpcMischief => ({ answer: Buffer.of(status & 255, status >> 8, 0, 0) });

  it.each([2312, 2221])('of a session that is gone meanwhile (%s) is success', async (status) => {
    await using world = await World.open();
    const served = world.sessions.open();
    const session = await world.only();
    world.server.faults.calls.set(END, {
      get answer() {
        world.sessions.close(served);
        return (answering(status) as { readonly answer: Buffer }).answer;
      },
    });
    expect(await world.end(session)).toMatchObject({ status: 'already-gone' });
  });

  it.each([
    [5, 'forbidden'],
    [50, 'unsupported'],
    [31, 'protocol'],
  ])('that is answered with %s is no success', async (status, code) => {
    await using world = await World.open();
    world.sessions.open();
    const session = await world.only();
    world.server.faults.calls.set(END, answering(status));
    expect(await world.end(session)).toMatchObject({ status: 'failed', error: { code } });
    expect(world.sessions.all).toHaveLength(1);
  });

  it('is not asked for where the session has begun anew', async () => {
    await using world = await World.open();
    const served = world.sessions.open();
    const session = await world.only();
    world.sessions.close(served);
    world.sessions.open({ begun: 60_000 });
    await expect(world.end(session)).rejects.toMatchObject({ code: 'changed' });
    expect(world.sessions.endRequests).toBe(0);
  });
});

describe('a name', () => {
  it.each(['', 'a b', 'FILES01/share', '\\\\FILES01', 'FILES01:0', 'FILES01:70000', '::1', 'user@FILES01'])(
    'of a server is not "%s"',
    async (name) => {
      await using world = await World.open();
      const wrong = world.list({ computerName: [name] });
      const code = await wrong.then(
        ({ problems }) => problems[0]?.error.code,
        (error: DisconnectError) => error.code,
      );
      expect(code).toBe('invalid-request');
      expect(world.server.smb.connectionCount).toBe(0);
    },
  );
});
