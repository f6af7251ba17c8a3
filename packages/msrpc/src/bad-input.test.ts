import { describe, expect, it } from '@jest/globals';
import type { Clock } from './clock.ts';
import { CALL, ECHO, EchoBench, NO_SIGNAL, signInWith } from './echo.test.support.ts';
import { MSRPC_ERROR_CODES, MsrpcError } from './errors.ts';
import { bindRpc } from './rpc-connection.ts';
import { SMB_DIALECTS, type SmbDialect } from './smb-dialects.ts';
import type { SmbOptions } from './smb-options.ts';
import type { RpcMischief, SmbFault, SmbCommand } from './testing/index.ts';

/** What was thrown: one of ours, with a next step, and nothing left open behind it. */
async function refusal(attempt: Promise<unknown>): Promise<MsrpcError> {
  const error = await attempt.then(
    () => expect('an error').toBe('thrown'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MsrpcError);
  const { code, message, next } = error as MsrpcError;
  expect(MSRPC_ERROR_CODES).toContain(code);
  expect(message).not.toBe('');
  expect(next).toMatch(/\w/);
  return error as MsrpcError;
}

/** Rings as soon as it is told to. */
class Bell implements Clock {
  readonly #waiting = new Set<() => void>();
  #begin: () => void = () => undefined;
  /** Somebody waits for this bell. */
  readonly hasBegun = new Promise<void>((resolve) => (this.#begin = resolve));

  after(_milliseconds: number, ring: () => void): () => void {
    this.#waiting.add(ring);
    this.#begin();
    return () => this.#waiting.delete(ring);
  }

  ring(): void {
    for (const each of [...this.#waiting]) each();
  }
}

describe('a server that is no good', () => {
  it('is refused where it speaks SMB 1 only', async () => {
    await using bench = await EchoBench.start();
    bench.server.faults.isOldOnly = true;
    expect(await refusal(bench.connect())).toMatchObject({ code: 'smb1-only' });
    expect(bench.areSocketsDestroyed).toBe(true);
  });

  it('is refused where it does not sign', async () => {
    await using bench = await EchoBench.start({ encryption: 'off' });
    bench.server.faults.refusesSigning = true;
    expect(await refusal(bench.connect())).toMatchObject({ code: 'signing-refused' });
    expect(bench.server.signIns).toEqual([]);
  });

  it('is refused where it admits a guest', async () => {
    await using bench = await EchoBench.start();
    bench.server.faults.admitsAsGuest = true;
    expect(await refusal(bench.connect())).toMatchObject({ code: 'guest-refused' });
    expect(bench.areSocketsDestroyed).toBe(true);
  });

  it.each<SmbDialect>(['2.0.2', '2.1', '3.0', '3.0.2'])(
    'is refused where %s was negotiated by someone between',
    async (dialect) => {
      await using bench = await EchoBench.start({ dialects: [SMB_DIALECTS[dialect]] });
      bench.server.faults.liesAboutNegotiation = true;
      expect(await refusal(bench.connect())).toMatchObject({ code: 'tampered' });
    },
  );

  it.each([
    ['has none', { encryption: 'off' }, {}],
    ['is too old', { dialects: [0x0210] }, {}],
    ['has no cipher in common', { ciphers: ['aes-128-gcm'] }, { ciphers: ['aes-128-ccm'] }],
  ] as const)('is refused where encryption is required and it %s', async (_, server, client) => {
    await using bench = await EchoBench.start(server);
    const error = await refusal(bench.connect({ encryption: 'required', ...client }));
    expect(error).toMatchObject({ code: 'encryption-refused' });
    expect(bench.server.signIns).toEqual([]);
  });

  it('is refused where it has no dialect in common', async () => {
    await using bench = await EchoBench.start({ dialects: [0x0202] });
    expect(await refusal(bench.connect({ dialects: ['3.1.1'] }))).toMatchObject({ code: 'refused' });
  });
});

describe('a sign-in', () => {
  it.each(['ntlm', 'negotiate'] as const)('with a wrong password is refused, with %s', async (mechanism) => {
    await using bench = await EchoBench.start();
    const error = await refusal(bench.connect({ security: () => signInWith(mechanism, 'Hunter2') }));
    expect(error).toMatchObject({ code: 'sign-in-refused', status: 0xc000_006d });
    expect(`${error.message} ${error.next} ${JSON.stringify(error)}`).not.toContain('Hunter2');
    expect(bench.areSocketsDestroyed).toBe(true);
  });

  it.each([
    [0xc000_0234, 'sign-in-refused'],
    [0xc000_0072, 'sign-in-refused'],
    [0xc000_0418, 'ntlm-blocked'],
    [0xc000_00bb, 'ntlm-blocked'],
    [0xc000_0022, 'access-denied'],
    [0xc000_ffff, 'refused'],
  ])('that ends with status %i is %s', async (status, code) => {
    await using bench = await EchoBench.start();
    bench.server.faults.commands.set('session-setup', { status });
    expect(await refusal(bench.connect())).toMatchObject({ code, status });
  });

  it('to RPC with a wrong password is refused at the first call', async () => {
    await using bench = await EchoBench.start();
    const rpc = await bench.bind({ security: () => signInWith('ntlm', 'Hunter2') });
    expect(await refusal(rpc.call(ECHO, 'AddOne', { value: 1 }, CALL))).toMatchObject({
      code: 'access-denied',
    });
    const spnego = bench.bind({ security: () => signInWith('negotiate', 'Hunter2') });
    expect(await refusal(spnego)).toMatchObject({ code: 'access-denied' });
    expect(bench.calls).toEqual([]);
  });

  it('is refused to an interface that wants more protection than there is', async () => {
    await using bench = await EchoBench.start({}, { minimumLevel: 6 });
    const rpc = await bench.bind({ level: 'integrity' });
    expect(await refusal(rpc.call(ECHO, 'AddOne', { value: 1 }, CALL))).toMatchObject({
      code: 'access-denied',
    });
    expect(bench.calls).toEqual([]);
  });
});

const COMMANDS = ['negotiate', 'session-setup', 'tree-connect', 'create', 'ioctl'] as const;

/** All the way to an answer. */
async function callOnce(bench: EchoBench, options: Partial<SmbOptions> = {}): Promise<unknown> {
  const connection = await bench.connect(options);
  const signal = options.signal ?? NO_SIGNAL;
  const rpc = await bindRpc(await connection.openPipe('echo', { signal }), { interfaces: [ECHO], signal });
  return await rpc.call(ECHO, 'AddOne', { value: 1 }, { signal });
}

describe.each(COMMANDS)('at %s', (command) => {
  const NO_OCTETS = Buffer.of(0, 0, 0, 0);
  const faults: readonly (readonly [string, SmbFault, string])[] = [
    ['closes the connection', 'drop', 'unreachable'],
    ['sends an empty message', { raw: NO_OCTETS }, 'bad-answer'],
    ['announces a message without bounds', { raw: Buffer.of(0, 0xff, 0xff, 0xff) }, 'bad-answer'],
    ['speaks HTTP', { raw: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }, 'bad-answer'],
    ['is out of resources', { status: 0xc000_009a }, 'busy'],
    ['cuts the answer off', { rewrite: (message) => message.subarray(0, 66) }, 'bad-answer'],
    [
      'cuts the header off',
      { raw: Buffer.from('00000014fe534d4240000000000000000000000000000000', 'hex') },
      'bad-answer',
    ],
  ];
  it.each(faults)('a server that %s', async (_, fault, code) => {
    await using bench = await EchoBench.start({ encryption: 'off' });
    bench.server.faults.commands.set(command, fault);
    const error = await refusal(callOnce(bench));
    expect(error).toMatchObject({ code });
  });

  it('a server that hangs is given up in time', async () => {
    await using bench = await EchoBench.start();
    bench.server.faults.commands.set(command, 'hang');
    const clock = new Bell();
    const arrival = bench.server.arrival(command);
    const attempt = refusal(callOnce(bench, { clock }));
    await arrival;
    clock.ring();
    expect(await attempt).toMatchObject({ code: 'timeout' });
  });

  it('a caller may give up while the server hangs', async () => {
    await using bench = await EchoBench.start();
    bench.server.faults.commands.set(command, 'hang');
    const caller = new AbortController();
    const arrival = bench.server.arrival(command);
    const attempt = callOnce(bench, { signal: caller.signal });
    await arrival;
    caller.abort(new Error('enough'));
    await expect(attempt).rejects.toThrow('enough');
  });
});

it.each(['negotiate', 'session-setup', 'tree-connect', 'ioctl'] as const)(
  'an answer to %s that names octets outside of itself is refused',
  async (command) => {
    await using bench = await EchoBench.start({ encryption: 'off' });
    bench.server.faults.commands.set(command, { rewrite: lyingOffsets });
    expect(await refusal(callOnce(bench))).toMatchObject({ code: 'bad-answer' });
  },
);

/** Fills what follows the fixed start of a body with counts, offsets and lengths that are far too large. */
function lyingOffsets(message: Buffer): Buffer {
  const altered = Buffer.from(message);
  altered.fill(0xff, 64 + 2);
  return altered;
}

describe.each(['tree-connect', 'create', 'ioctl'] as const)(
  'a server that drops protection at %s',
  (command: SmbCommand) => {
    it.each([
      ['off', 'unprotected', 'signing-refused'],
      ['off', 'tampered', 'tampered'],
      ['desired', 'unprotected', 'encryption-refused'],
      ['desired', 'tampered', 'tampered'],
    ] as const)('encryption %s, %s', async (encryption, fault, code) => {
      await using bench = await EchoBench.start({ encryption });
      bench.server.faults.commands.set(command, fault);
      expect(await refusal(callOnce(bench))).toMatchObject({ code });
    });
  },
);

describe('a pipe', () => {
  it.each([
    [0xc000_0034, 'pipe-absent'],
    [0xc000_0236, 'pipe-absent'],
    [0xc000_0022, 'access-denied'],
    [0xc000_00ac, 'busy'],
  ])('that answers %i is %s, and the connection lives on', async (status, code) => {
    await using bench = await EchoBench.start();
    await using connection = await bench.connect();
    bench.server.faults.commands.set('create', { status });
    expect(await refusal(connection.openPipe('echo', CALL))).toMatchObject({ code, status });
    bench.server.heal();
    expect((await connection.openPipe('echo', CALL)).name).toBe('echo');
  });

  it.each(['', 'a\\b', '../x', 'a\0b', 'x'.repeat(300)])('cannot be called %j', async (name) => {
    await using bench = await EchoBench.start();
    await using connection = await bench.connect();
    await expect(connection.openPipe(name, CALL)).rejects.toMatchObject({ code: 'invalid-arguments' });
  });

  it('that does not exist is said so', async () => {
    await using bench = await EchoBench.start();
    await using connection = await bench.connect();
    expect(await refusal(connection.openPipe('LSM_API_service', CALL))).toMatchObject({
      code: 'pipe-absent',
    });
  });

  it('that opens when nobody waits any more is closed again', async () => {
    await using bench = await EchoBench.start();
    await using connection = await bench.connect();
    const caller = new AbortController();
    const arrival = bench.server.arrival('create');
    const closing = bench.server.arrival('close');
    const opening = connection.openPipe('echo', caller);
    await arrival;
    caller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    await closing;
    expect(connection.isOpen).toBe(true);
  });

  it('that a call hung on is closed, the next one works', async () => {
    await using bench = await EchoBench.start();
    await using connection = await bench.connect();
    const rpc = await bindRpc(await connection.openPipe('echo', CALL), { interfaces: [ECHO], ...CALL });
    bench.faults.calls.set('rpcecho.0', 'hang');
    const caller = new AbortController();
    const arrival = bench.server.arrival('ioctl');
    const hung = rpc.call(ECHO, 'AddOne', { value: 1 }, caller);
    await arrival;
    caller.abort(new Error('enough'));
    await expect(hung).rejects.toThrow('enough');
    await expect(rpc.call(ECHO, 'AddOne', { value: 1 }, CALL)).rejects.toMatchObject({ code: 'closed' });
    bench.faults.calls.clear();
    const again = await bindRpc(await connection.openPipe('echo', CALL), { interfaces: [ECHO], ...CALL });
    expect(await again.call(ECHO, 'AddOne', { value: 1 }, CALL)).toEqual({ value: 2 });
  });
});

describe('an RPC answer', () => {
  const mischief: readonly (readonly [RpcMischief & string, 'privacy' | 'none', string])[] = [
    ['oversized', 'privacy', 'bad-answer'],
    ['replayed', 'privacy', 'tampered'],
    ['reordered', 'privacy', 'tampered'],
    ['tampered', 'privacy', 'tampered'],
    ['strange-call', 'privacy', 'bad-answer'],
    ['clear', 'privacy', 'tampered'],
    ['oversized', 'none', 'bad-answer'],
    ['replayed', 'none', 'bad-answer'],
    ['reordered', 'none', 'bad-answer'],
    ['strange-call', 'none', 'bad-answer'],
  ];
  it.each(mischief)('that is %s (%s) is refused', async (kind, level, code) => {
    await using bench = await EchoBench.start({}, { minimumLevel: level === 'privacy' ? 6 : 0 });
    const rpc = await bench.bind(level === 'none' ? { security: undefined } : {});
    bench.faults.calls.set('*', kind);
    expect(await refusal(rpc.call(ECHO, 'SourceData', { length: 10_000 }, CALL))).toMatchObject({ code });
    expect(await refusal(rpc.call(ECHO, 'AddOne', { value: 1 }, CALL))).toMatchObject({ code: 'closed' });
  });

  it.each(['truncated', 'endless'] as const)('that is %s is given up in time', async (kind) => {
    await using bench = await EchoBench.start();
    const clock = new Bell();
    const rpc = await bench.bind({ security: undefined }, { clock });
    bench.faults.calls.set('*', kind);
    const arrival = bench.server.arrival('read');
    const call = refusal(rpc.call(ECHO, 'SourceData', { length: 100 }, CALL));
    await arrival;
    clock.ring();
    expect(await call).toMatchObject({ code: 'timeout' });
  });

  it('that has no end is too large', async () => {
    await using bench = await EchoBench.start();
    const rpc = await bench.bind({ largestAnswer: 100_000 });
    const error = await refusal(rpc.call(ECHO, 'SourceData', { length: 200_000 }, CALL));
    expect(error).toMatchObject({ code: 'too-large' });
  });

  it.each([
    [0x5, 'access-denied'],
    [0x6f7, 'fault'],
    [0x1c01_0002, 'operation-absent'],
    [0x1c01_0003, 'interface-absent'],
    [0x1c00_001a, 'context-mismatch'],
    [0x1c01_0014, 'busy'],
    [0xdead_beef, 'fault'],
  ])('that is fault %i is %s', async (fault, code) => {
    await using bench = await EchoBench.start();
    const rpc = await bench.bind();
    bench.faults.calls.set('*', { fault });
    expect(await refusal(rpc.call(ECHO, 'AddOne', { value: 1 }, CALL))).toMatchObject({
      code,
      status: fault,
    });
  });

  it.each([
    ['claims more than it holds', (stub: Buffer) => (stub.writeUInt32LE(0xffff_fff0, 0), stub)],
    ['is cut off', (stub: Buffer) => stub.subarray(0, 2)],
    ['is empty', () => Buffer.alloc(0)],
  ])('whose stub %s is refused', async (_, stub) => {
    await using bench = await EchoBench.start();
    const rpc = await bench.bind();
    bench.faults.calls.set('rpcecho.3', { stub });
    expect(await refusal(rpc.call(ECHO, 'SourceData', { length: 64 }, CALL))).toMatchObject({
      code: 'bad-answer',
    });
    expect(await rpc.call(ECHO, 'AddOne', { value: 1 }, CALL)).toEqual({ value: 2 });
  });
});

describe('a bind', () => {
  it.each([
    [1, 'busy'],
    [2, 'busy'],
    [4, 'refused'],
    [8, 'access-denied'],
    [9, 'access-denied'],
    [0, 'refused'],
  ])('that is refused for reason %i is %s', async (reason, code) => {
    await using bench = await EchoBench.start();
    bench.faults.bind = { reason };
    const closing = bench.server.arrival('close');
    expect(await refusal(bench.bind())).toMatchObject({ code });
    await closing;
  });

  it('that is never answered is given up in time', async () => {
    await using bench = await EchoBench.start();
    bench.faults.bind = 'hang';
    const clock = new Bell();
    const arrival = bench.server.arrival('ioctl');
    const attempt = refusal(bench.bind({}, { clock }));
    await arrival;
    clock.ring();
    expect(await attempt).toMatchObject({ code: 'timeout' });
  });
});

it('a server that hangs in the middle of the sign-in to RPC is given up in time', async () => {
  await using bench = await EchoBench.start();
  bench.server.faults.commands.set('write', 'hang');
  const clock = new Bell();
  const arrival = bench.server.arrival('write');
  const attempt = refusal(bench.bind({}, { clock }));
  await arrival;
  clock.ring();
  expect(await attempt).toMatchObject({ code: 'timeout' });
});

it.each(['close', 'tree-disconnect', 'logoff'] as const)(
  'a server that hangs at %s is left in time',
  async (command) => {
    await using bench = await EchoBench.start();
    const clock = new Bell();
    const connection = await bench.connect({ clock });
    await connection.openPipe('echo', CALL);
    bench.server.faults.commands.set(command, 'hang');
    const arrival = bench.server.arrival(command);
    const closing = connection.close();
    await arrival;
    clock.ring();
    await closing;
    expect(bench.areSocketsDestroyed).toBe(true);
  },
);

it('a server that never says a word is given up in time', async () => {
  await using bench = await EchoBench.start();
  bench.server.faults.isSilent = true;
  const clock = new Bell();
  const socket = await bench.dial();
  const attempt = refusal(bench.connect({ socket, clock }));
  await clock.hasBegun;
  clock.ring();
  expect(await attempt).toMatchObject({ code: 'timeout' });
  expect(socket.destroyed).toBe(true);
});
