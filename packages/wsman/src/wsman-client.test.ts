import { describe, expect, it, jest } from '@jest/globals';
import { Slipline, type Host } from '@slipline/core';
import { runCommand, WsmanClient, type WsmanConnectionSettings } from './index.ts';
import { listShells } from './wsman-shells.ts';
import { RESOURCE } from './wsman-namespaces.ts';
import { targetOf } from './wsman-target.ts';
import { faults, type FakeWinrmOptions } from './testing/index.ts';
import { errorOf, SERVER, USER, World } from './testing/world.test.support.ts';

// Ends of waits are asserted, not their lengths: a busy machine may take its time.
jest.setTimeout(30_000);

const signal = new AbortController().signal;

/** A client as an app that composes this package makes it, with the network that core lends. */
async function open(options: FakeWinrmOptions = {}, settings: Partial<WsmanConnectionSettings> = {}) {
  const world = await World.open({ winrm: options });
  let dial: Host['dial'] | undefined;
  const lender = {
    contract: 1,
    id: 'lender',
    title: 'lends its network',
    impact: 'low',
    find: {},
    create: (host: Host) => {
      dial = (target, signal) => host.dial(target, signal);
      return { find: async function* () {}, disconnect: async () => ({ wasGone: true }) };
    },
  } as const;
  const slipline = new Slipline({ providers: [lender], ledger: world.ledger, network: world.network });
  await slipline.sessions({ provider: 'lender', isLive: true });
  const client = new WsmanClient(dial!, {
    target: targetOf({ computerName: SERVER }),
    identity: { authentication: 'negotiate', credential: USER },
    ...settings,
  });
  return {
    world,
    winrm: world.winrm,
    client,
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      await slipline[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

describe('a client', () => {
  it('uses one connection, signed in once, for all that it is asked', async () => {
    await using bench = await open();
    await Promise.all([
      bench.client.identify(signal),
      bench.client.identify(signal),
      listShells(bench.client, signal),
    ]);
    expect(new Set(bench.winrm.requests.map(({ connection }) => connection)).size).toBe(1);
    expect(bench.winrm.requestCounts.get('Authenticate')).toBeLessThanOrEqual(3);
  });

  it('is open until it is disposed of, and refuses use afterwards', async () => {
    await using bench = await open();
    await bench.client.identify(signal);
    expect(bench.client.state).toBe('open');
    bench.client[Symbol.dispose]();
    expect(bench.client.state).toBe('closed');
    const sent = bench.winrm.requestCount;
    expect(await errorOf(bench.client.identify(signal))).toMatchObject({
      message: 'this connection is closed',
    });
    expect(bench.winrm.requestCount).toBe(sent);
  });

  it('signs in again on a new connection where the kept one is gone', async () => {
    await using bench = await open();
    await bench.client.identify(signal);
    bench.winrm.closeConnections();
    await bench.client.identify(signal);
    expect(new Set(bench.winrm.requests.map(({ connection }) => connection)).size).toBe(2);
  });

  it('waits its turn, and not when its caller has gone', async () => {
    await using bench = await open();
    const hang = bench.winrm.inject(faults.hang(), { operation: 'Identify', times: 1 });
    const arrived = bench.winrm.nextRequest('Identify');
    const first = bench.client.identify(signal);
    await arrived;
    const abort = new AbortController();
    const second = errorOf(bench.client.identify(abort.signal));
    abort.abort();
    expect((await second).name).toBe('AbortError');
    hang.release();
    expect((await first).vendor).toBeDefined();
  });

  it('reads configuration, by Get', async () => {
    await using bench = await open();
    expect((await bench.client.get(RESOURCE.winrs, undefined, signal)).name).toBe('Winrs');
  });
});

describe('a list of shells', () => {
  it.each([
    ['with the first answer', {}],
    ['by pulling, where the service does not optimise', { honoursOptimisation: false }],
    ['by pulling, with another context for each page', { honoursOptimisation: false, renewsContexts: true }],
    ['once each, where pages overlap', { repeatsRows: true }],
  ])('comes %s', async (_how, settings) => {
    await using bench = await open(settings);
    const ids = Array.from({ length: 400 }, () => bench.world.shell().id);
    expect((await listShells(bench.client, signal)).map(({ id }) => id)).toEqual(ids);
    expect(bench.winrm.openEnumerationCount).toBe(0);
  });

  it('of nothing is empty', async () => {
    await using bench = await open();
    expect(await listShells(bench.client, signal)).toEqual([]);
  });

  it('is released on the server where it is not read to its end', async () => {
    await using bench = await open({ honoursOptimisation: false });
    for (let count = 0; count < 400; count += 1) bench.world.shell();
    for await (const row of bench.client.enumerate({ resourceUri: RESOURCE.shell }, signal)) {
      expect(row.name).toBe('Shell');
      expect(bench.winrm.openEnumerationCount).toBe(1);
      break;
    }
    expect(bench.winrm.openEnumerationCount).toBe(0);
  });

  it('is released where its reader is interrupted', async () => {
    await using bench = await open({ honoursOptimisation: false });
    for (let count = 0; count < 400; count += 1) bench.world.shell();
    const abort = new AbortController();
    bench.winrm.inject(faults.hang(), { operation: 'Pull' });
    const arrived = bench.winrm.nextRequest('Pull');
    const listed = errorOf(listShells(bench.client, abort.signal));
    await arrived;
    abort.abort();
    await listed;
    expect(bench.winrm.openEnumerationCount).toBe(0);
  });
});

describe('a command', () => {
  const echo = { program: 'echo', arguments: ['hello & "world"'] };

  it('runs in a shell of its own, which is ended', async () => {
    await using bench = await open();
    const result = await runCommand(bench.client, echo, signal);
    expect(result).toMatchObject({ exitCode: 0, output: expect.stringContaining('hello & "world"') });
    expect(bench.winrm.shells()).toMatchObject([{ endedBy: 'deleted' }]);
    expect([...bench.winrm.requestCounts.keys()]).toContain('Signal');
  });

  it.each(['Create', 'Command', 'Receive', 'Signal'] as const)(
    'that is interrupted at %s leaves no shell',
    async (operation) => {
      await using bench = await open();
      const abort = new AbortController();
      bench.winrm.inject(faults.hang('after'), { operation, times: 1 });
      const arrived = bench.winrm.nextRequest(operation);
      const ended = runCommand(bench.client, echo, abort.signal).catch(() => undefined);
      await arrived;
      abort.abort();
      await ended;
      expect(bench.winrm.openShellCount).toBe(0);
    },
  );

  it.each(['Create', 'Command', 'Receive'] as const)(
    'that fails at %s leaves no shell',
    async (operation) => {
      await using bench = await open();
      bench.winrm.inject(faults.reset('after'), { operation });
      await errorOf(runCommand(bench.client, echo, signal));
      expect(bench.winrm.openShellCount).toBe(0);
    },
  );

  it('beyond the quota of shells says so', async () => {
    await using bench = await open({ maxShellsPerUser: 1 });
    bench.world.shell({ owner: 'CORP\\Administrator' });
    expect(await errorOf(runCommand(bench.client, echo, signal))).toMatchObject({
      code: 'quota',
      message: expect.stringContaining('MaxShellsPerUser'),
      next: expect.stringContaining('--shells'),
    });
    expect(bench.winrm.requestCounts.get('Delete')).toBeUndefined();
  });

  it('where remote shells are switched off says so', async () => {
    await using bench = await open({ allowRemoteShellAccess: false });
    expect(await errorOf(runCommand(bench.client, echo, signal))).toMatchObject({ next: expect.any(String) });
  });
});
