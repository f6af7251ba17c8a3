import { describe, expect, it } from '@jest/globals';
import { CALL, DOUBLER, ECHO, EchoBench, pattern, signInWith, UNKNOWN } from './echo.test.support.ts';
import type { Pipe } from './pipe.ts';
import { bindRpc } from './rpc-connection.ts';

const LEVELS = ['privacy', 'integrity'] as const;
const MECHANISMS = ['ntlm', 'negotiate'] as const;
const PROTECTIONS = LEVELS.flatMap((level) => MECHANISMS.map((mechanism) => ({ level, mechanism })));

describe('RPC', () => {
  it.each(PROTECTIONS)('$level with $mechanism, in fragments both ways', async ({ level, mechanism }) => {
    await using bench = await EchoBench.start({}, { minimumLevel: level === 'privacy' ? 6 : 5 });
    await using rpc = await bench.bind({ security: () => signInWith(mechanism), level });
    for (const length of [0, 1, 16, 4200, 4216, 4240, 50_000]) {
      const data = pattern(length);
      const answer = await rpc.call(ECHO, 'EchoData', { length, data }, CALL);
      expect(Buffer.from(answer.data).equals(data)).toBe(true);
    }
    expect(bench.calls).toHaveLength(7);
  });

  it('keeps to the smaller fragments of a server', async () => {
    await using bench = await EchoBench.start({}, { maxFragment: 2048, minimumLevel: 6 });
    await using rpc = await bench.bind();
    const data = pattern(10_000);
    const answer = await rpc.call(ECHO, 'EchoData', { length: data.length, data }, CALL);
    expect(Buffer.from(answer.data).equals(data)).toBe(true);
    expect(bench.server.counts.get('write')).toBeGreaterThan(4);
  });

  it('calls two interfaces that one bind has brought', async () => {
    await using bench = await EchoBench.start({}, { minimumLevel: 6 });
    await using rpc = await bench.bind({ interfaces: [ECHO, DOUBLER] });
    expect(await rpc.call(DOUBLER, 'Double', { value: 21 }, CALL)).toEqual({ value: 42 });
    expect(await rpc.call(ECHO, 'AddOne', { value: 1 }, CALL)).toEqual({ value: 2 });
  });

  it('adds an interface later, under the same sign-in', async () => {
    await using bench = await EchoBench.start({}, { minimumLevel: 6 });
    await using rpc = await bench.bind();
    expect(rpc.offers(DOUBLER)).toBe(false);
    await rpc.add(DOUBLER, CALL);
    expect(await rpc.call(DOUBLER, 'Double', { value: 4 }, CALL)).toEqual({ value: 8 });
  });

  it('says which interface a server does not have, and calls the others', async () => {
    await using bench = await EchoBench.start({}, { minimumLevel: 6 });
    await using rpc = await bench.bind({ interfaces: [UNKNOWN, ECHO] });
    expect([rpc.offers(UNKNOWN), rpc.offers(ECHO)]).toEqual([false, true]);
    await expect(rpc.call(UNKNOWN, 'Ask', {}, CALL)).rejects.toMatchObject({ code: 'interface-absent' });
    await expect(rpc.add(UNKNOWN, CALL)).rejects.toMatchObject({ code: 'interface-absent' });
    expect(await rpc.call(ECHO, 'AddOne', { value: 1 }, CALL)).toEqual({ value: 2 });
    await expect(bench.bind({ interfaces: [UNKNOWN] })).rejects.toMatchObject({ code: 'interface-absent' });
  });

  it('carries calls out in the order they are made', async () => {
    await using bench = await EchoBench.start();
    await using rpc = await bench.bind({ interfaces: [ECHO, DOUBLER] });
    const answers = await Promise.all([
      rpc.call(ECHO, 'AddOne', { value: 1 }, CALL),
      rpc.call(DOUBLER, 'Double', { value: 1 }, CALL),
      rpc.call(ECHO, 'AddOne', { value: 2 }, CALL),
    ]);
    expect(answers).toEqual([{ value: 2 }, { value: 2 }, { value: 3 }]);
    expect(bench.calls).toEqual(['rpcecho.0', 'doubler.0', 'rpcecho.0']);
  });

  it('lets a call that waits for its turn be given up', async () => {
    await using bench = await EchoBench.start();
    await using rpc = await bench.bind();
    bench.faults.calls.set('rpcecho.3', 'hang');
    const arrival = bench.server.arrival('ioctl');
    const hanging = new AbortController();
    const first = rpc.call(ECHO, 'SourceData', { length: 1 }, hanging);
    await arrival;
    const waiting = new AbortController();
    const second = rpc.call(ECHO, 'AddOne', { value: 1 }, waiting);
    waiting.abort(new Error('given up'));
    await expect(second).rejects.toThrow('given up');
    hanging.abort(new Error('over'));
    await expect(first).rejects.toThrow('over');
    expect(bench.calls).toEqual(['rpcecho.3']);
  });

  it('ends with a fault, and goes on with the next call', async () => {
    await using bench = await EchoBench.start({}, { minimumLevel: 6 });
    await using rpc = await bench.bind();
    await expect(rpc.call(ECHO, 'NoSuchOperation', {}, CALL)).rejects.toMatchObject({
      code: 'operation-absent',
      status: 0x1c01_0002,
    });
    expect(await rpc.call(ECHO, 'AddOne', { value: 1 }, CALL)).toEqual({ value: 2 });
  });

  it('refuses arguments that do not fit, before anything is sent', async () => {
    await using bench = await EchoBench.start();
    await using rpc = await bench.bind();
    await expect(rpc.call(ECHO, 'AddOne', { value: -1 }, CALL)).rejects.toMatchObject({
      code: 'invalid-arguments',
    });
    expect(bench.calls).toEqual([]);
    expect(await rpc.call(ECHO, 'AddOne', { value: 1 }, CALL)).toEqual({ value: 2 });
  });
});

describe('a server that takes one interface at a time', () => {
  const header = (type: number, callId: number, length: number) => {
    const octets = Buffer.from('05000003100000000000000000000000', 'hex');
    octets.writeUInt8(type, 2);
    octets.writeUInt16LE(length, 8);
    octets.writeUInt32LE(callId, 12);
    return octets;
  };
  const NDR = '045d888aeb1cc9119fe808002b10486002000000';
  const accepted = Buffer.from(`00000000${NDR}`, 'hex');
  const limitExceeded = Buffer.from(`02000300${'00'.repeat(20)}`, 'hex');
  const bound = (type: number, callId: number, ...results: readonly Buffer[]) => {
    const fixed = Buffer.from('b810b810010000000000000000000000', 'hex');
    fixed.writeUInt8(results.length, 12);
    return Buffer.concat([header(type, callId, 32 + 24 * results.length), fixed, ...results]);
  };

  it('is asked for the others one by one', async () => {
    const sent: number[] = [];
    const answers = [
      bound(12, 1, accepted, limitExceeded),
      bound(15, 2, accepted),
      Buffer.concat([
        header(2, 3, 28),
        Buffer.from('0400000002000000', 'hex'),
        Buffer.from('2a000000', 'hex'),
      ]),
    ];
    const pipe: Pipe = {
      name: 'scripted',
      largestMessage: 65_536,
      transceive: async (message) => {
        sent.push(message[2]!);
        return answers.shift()!;
      },
      read: () => Promise.reject(new Error('nothing more')),
      write: async () => undefined,
      close: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
    const rpc = await bindRpc(pipe, { interfaces: [ECHO, DOUBLER], ...CALL });
    expect([rpc.offers(ECHO), rpc.offers(DOUBLER)]).toEqual([true, true]);
    expect(await rpc.call(DOUBLER, 'Double', { value: 21 }, CALL)).toEqual({ value: 42 });
    expect(sent).toEqual([11, 14, 0]);
  });
});
