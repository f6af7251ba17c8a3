import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { AuthError } from '@slipline/windows-auth';
import fc from 'fast-check';
import { CALL, ECHO, EchoBench, NO_SIGNAL } from './echo.test.support.ts';
import { badAnswer, MsrpcError } from './errors.ts';
import type { Pipe } from './pipe.ts';
import { bindRpc } from './rpc-connection.ts';
import { decodeStub } from './rpc-stub.ts';
import { SmbFrames } from './smb-frames.ts';
import { decodeHeader } from './smb-message.ts';
import { decodeNegotiate, type Offer } from './smb-negotiate.ts';
import { decodeControl } from './smb-share.ts';
import { SRVSVC } from './srvsvc.test.support.ts';
import { Duplex } from 'node:stream';

/** Answers recorded from Samba 4.17.12, and whatever has upset a decoder once. */
const CORPUS = JSON.parse(readFileSync(new URL('fuzz-corpus.json', import.meta.url), 'utf8')) as {
  readonly smb: readonly string[];
  readonly rpc: readonly string[];
};
const SMB = CORPUS.smb.map((text) => Buffer.from(text, 'hex'));
const RPC = CORPUS.rpc.map((text) => Buffer.from(text, 'hex'));

type Change =
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly octets: Uint8Array };

const at = fc.nat(400);
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      at,
      value: fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xfe, 0xff),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      at,
      octets: fc.uint8Array({ maxLength: 40 }),
    }),
  },
);
const changes = fc.array(change, { minLength: 1, maxLength: 6 });

function altered(octets: Buffer, made: readonly Change[]): Buffer {
  let result = Buffer.from(octets);
  for (const each of made) {
    const place = each.at % Math.max(1, result.length);
    if (each.kind === 'cut') result = result.subarray(0, place);
    else if (each.kind === 'insert')
      result = Buffer.concat([result.subarray(0, place), each.octets, result.subarray(place)]);
    else if (result.length > 0) result[place] = each.value;
  }
  return result;
}

const near = (seeds: readonly Buffer[]) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...seeds), changes).map(([seed, made]) => altered(seed, made)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 600 }).map((octets) => Buffer.from(octets)) },
  );

/** Either a value, or an error of ours. */
function isOrderly(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(MsrpcError);
  }
}

const OFFER: Offer = {
  dialects: ['2.0.2', '2.1', '3.0', '3.0.2', '3.1.1'],
  ciphers: ['aes-128-gcm', 'aes-256-gcm', 'aes-128-ccm', 'aes-256-ccm'],
  signings: ['aes-gmac', 'aes-cmac', 'hmac-sha256'],
  clientGuid: new Uint8Array(16),
  salt: new Uint8Array(32),
};

describe('whatever a server sends', () => {
  it('as an SMB message is read, or refused', () => {
    fc.assert(
      fc.property(near(SMB), (message) => {
        isOrderly(() => decodeHeader(message));
        isOrderly(() => decodeNegotiate(message, OFFER));
        isOrderly(() => decodeControl(message));
      }),
      { numRuns: 5000 },
    );
  });

  it('as a stub is read, or refused, and never makes more than it holds', () => {
    const { response } = SRVSVC.operations.NetrShareEnum;
    const stub = RPC.find((pdu) => pdu[2] === 2 && pdu.readUInt16LE(10) === 0)!.subarray(24);
    expect(decodeStub(response, stub)).toMatchObject({ total: 2 });
    fc.assert(
      fc.property(near([stub]), (octets) => {
        isOrderly(() => {
          const { shares } = decodeStub(response, octets);
          const made = shares.value?.buffer ?? [];
          const characters = made.map(({ name, remark }) => (name ?? '').length + (remark ?? '').length);
          expect(made.length * 12).toBeLessThanOrEqual(octets.length);
          expect(characters.reduce((sum, length) => sum + length * 2, 0)).toBeLessThanOrEqual(octets.length);
        });
      }),
      { numRuns: 5000 },
    );
  });

  it('as answers of a pipe ends the call, one way or the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(near(RPC), { maxLength: 6 }), async (messages) => {
        const call = async () => {
          const rpc = await bindRpc(scripted([RPC[0]!, ...messages]), { interfaces: [SRVSVC], ...CALL });
          const shares = { kind: 1, value: { count: 0, buffer: null } } as const;
          const request = { server: null, level: 1, shares, most: 0xffff_ffff, resume: null };
          await rpc.call(SRVSVC, 'NetrShareEnum', request, CALL);
        };
        await call().catch((error: unknown) => expect(error).toBeInstanceOf(MsrpcError));
        await bindRpc(scripted(messages), { interfaces: [SRVSVC], ...CALL }).catch((error: unknown) =>
          expect(error).toBeInstanceOf(MsrpcError),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('in pieces of any size makes the same messages', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(sizes, (pieces) => {
        const stream = Buffer.concat(SMB.flatMap((message) => [lengthOf(message), message]));
        expect(framesOf(stream, pieces)).toEqual(SMB.map((message) => message.toString('hex')));
      }),
      { numRuns: 200 },
    );
  });

  const COMMANDS = ['negotiate', 'session-setup', 'tree-connect', 'create', 'ioctl'] as const;
  it('instead of an answer, signed or not, ends the connection attempt', async () => {
    await using bench = await EchoBench.start({ encryption: 'off' });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...COMMANDS), changes, async (command, made) => {
        // Only the body: what no server signs, the protection is there for.
        const rewrite = (message: Buffer) =>
          Buffer.concat([message.subarray(0, 64), altered(message.subarray(64), made)]);
        bench.server.faults.commands.set(command, { rewrite });
        const attempt = async () => {
          await using connection = await bench.connect({ timeout: 2000 });
          const pipe = await connection.openPipe('echo', CALL);
          const rpc = await bindRpc(pipe, { interfaces: [ECHO], signal: NO_SIGNAL });
          await rpc.call(ECHO, 'AddOne', { value: 1 }, CALL);
        };
        await attempt().catch((error: unknown) =>
          expect(MsrpcError.is(error) || AuthError.is(error) ? 'orderly' : error).toBe('orderly'),
        );
      }),
      { numRuns: 300 },
    );
    expect(bench.areSocketsDestroyed).toBe(true);
  }, 60_000);
});

/** Answers these messages, one after the other, and then says that there are no more. */
function scripted(messages: readonly Buffer[]): Pipe {
  const left = [...messages];
  const next = async () => {
    const message = left.shift();
    if (message === undefined) throw badAnswer('no more');
    return message;
  };
  const done = async () => undefined;
  return {
    name: 'scripted',
    largestMessage: 65_536,
    transceive: next,
    read: next,
    write: done,
    close: done,
    [Symbol.asyncDispose]: done,
  };
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return length;
}

function framesOf(stream: Buffer, pieces: readonly number[]): readonly string[] {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const messages: string[] = [];
  const frames = new SmbFrames(socket, {
    onMessage: (message) => messages.push(message.toString('hex')),
    onEnd: () => undefined,
  });
  for (let from = 0, piece = 0; from < stream.length; piece += 1) {
    const to = from + pieces[piece % pieces.length]!;
    socket.emit('data', stream.subarray(from, to));
    from = to;
  }
  frames.end(badAnswer('over'));
  return messages;
}
