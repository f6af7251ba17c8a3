import { describe, expect, it } from '@jest/globals';
import { MsrpcError } from './errors.ts';
import type { NdrType } from './ndr.ts';
import {
  conformantArray,
  conformantOctets,
  conformantVaryingArray,
  fixedArray,
  struct,
  union,
  unique,
} from './ndr-constructs.ts';
import {
  boolean32,
  boolean8,
  contextHandle,
  guid,
  i32,
  i64,
  octets,
  u16,
  u32,
  u64,
  u8,
  unread,
} from './ndr-scalars.ts';
import { wideCharacters, wideString } from './ndr-strings.ts';
import { decodeStub, encodeStub } from './rpc-stub.ts';

function encode<T>(type: NdrType<T>, value: T): string {
  return Buffer.from(encodeStub({ value: type }, { value })).toString('hex');
}

function decode<T>(type: NdrType<T>, stub: string): T {
  return decodeStub({ value: type }, Buffer.from(stub.replaceAll(' ', ''), 'hex')).value;
}

const RPC_SID = struct({ revision: u8, count: u8, authority: octets(6), parts: conformantArray(u32) });
const NAMED = struct({ id: u16, name: unique(wideString), next: unique(u32) });

/** Type, value, stub. Layouts worked out by hand from C706 chapter 14. */
const CASES: readonly (readonly [string, NdrType<unknown>, unknown, string])[] = [
  ['octet', u8, 0xff, 'ff'],
  ['short', u16, 0x1234, '3412'],
  ['long', u32, 0xffff_fffe, 'feffffff'],
  ['negative long', i32, -2, 'feffffff'],
  ['hyper', u64, 2n ** 64n - 1n, 'ffffffffffffffff'],
  ['negative hyper', i64, -1n, 'ffffffffffffffff'],
  ['BOOLEAN', boolean8, true, '01'],
  ['BOOL', boolean32, true, '01000000'],
  ['GUID', guid, '00112233-4455-6677-8899-aabbccddeeff', '33221100554477668899aabbccddeeff'],
  ['context handle', contextHandle, new Uint8Array(20).fill(1), '01'.repeat(20)],
  ['characters in place', wideCharacters(4), 'ab', '6100620000000000'],
  ['text', wideString, 'ab', '03000000 00000000 03000000 610062000000'],
  ['null', unique(u32), null, '00000000'],
  ['pointer', unique(u32), 7, '00000200 07000000'],
  ['pointer to a pointer', unique(unique(u32)), 7, '00000200 04000200 07000000'],
  ['conformant array', conformantArray(u16), [1, 2], '02000000 01000200'],
  ['conformant varying array', conformantVaryingArray(u8), [9], '01000000 00000000 01000000 09'],
  ['fixed array', fixedArray(u16, 3), [1, 2, 3], '010002000300'],
  ['octets with a count', conformantOctets, Uint8Array.of(1, 2, 3), '03000000 010203'],
  ['structure, aligned', struct({ a: u8, b: u32 }), { a: 1, b: 2 }, '01000000 02000000'],
  [
    'array of structures with pointers: what they point to comes after all of them',
    conformantArray(NAMED),
    [
      { id: 1, name: 'a', next: null },
      { id: 2, name: null, next: 5 },
    ],
    '02000000 01000000 00000200 00000000 02000000 00000000 04000200 020000000000000002000000 61000000 05000000',
  ],
  [
    'structure that ends in a conformant array: the count is in front',
    RPC_SID,
    { revision: 1, count: 2, authority: Uint8Array.of(0, 0, 0, 0, 0, 5), parts: [32, 544] },
    '02000000 01020000000000052000000020020000',
  ],
  [
    'pointer to such a structure',
    struct({ sid: unique(RPC_SID), last: u8 }),
    { sid: { revision: 1, count: 1, authority: Uint8Array.of(0, 0, 0, 0, 0, 1), parts: [0] }, last: 9 },
    '00000200 09000000 01000000 0101000000000001 00000000',
  ],
  ['union', union(u32, { 1: u16, 2: unique(u8) }), { kind: 2, value: 5 }, '02000000 00000200 05'],
];

describe('NDR', () => {
  it.each(CASES)('%s', (_, type, value, stub) => {
    expect(encode(type, value as never)).toBe(stub.replaceAll(' ', ''));
    expect(decode(type, stub)).toEqual(value);
  });

  it('aligns each parameter, whatever the padding holds', () => {
    const fields = { a: u8, b: u64 };
    expect(Buffer.from(encodeStub(fields, { a: 1, b: 2n })).toString('hex')).toBe(
      '01000000000000000200000000000000',
    );
    expect(decodeStub(fields, Buffer.from('01abababababababff00000000000000', 'hex'))).toEqual({
      a: 1,
      b: 255n,
    });
  });

  it('ignores what stands after a NUL, and after the last parameter', () => {
    expect(decode(wideCharacters(4), '61000000 62006200 ffff')).toBe('a');
    expect(decode(wideString, '00010000 00000000 03000000 6100 0000 6200')).toBe('a');
  });

  it('takes any referent', () => {
    expect(decode(unique(u8), 'efbeadde 05')).toBe(5);
  });

  it('reads over what is not to be read, and writes zeros there', () => {
    expect(decode(struct({ secret: unread(3), after: u8 }), 'aabbcc05')).toEqual({
      secret: undefined,
      after: 5,
    });
    expect(encode(unread(2), undefined)).toBe('0000');
  });

  const LIES: readonly (readonly [string, NdrType<unknown>, string])[] = [
    ['conformant array', conformantArray(u32), 'ffffffff 01000000'],
    ['array of pointers', conformantArray(unique(u32)), '03000000 00000200 00000200'],
    ['octets', conformantOctets, '00000001 0102'],
    ['text', wideString, 'ffffffff 00000000 ffffffff 6100'],
    ['text longer than its most', wideString, '01000000 00000000 02000000 61006200'],
    ['text that begins later', wideString, '02000000 01000000 01000000 61006200'],
    ['varying array longer than its most', conformantVaryingArray(u8), '01000000 00000000 02000000 0102'],
    ['structure with a conformant array', RPC_SID, '00000010 0102000000000005 20000000'],
    ['union of another arm', union(u32, { 1: u16 }), '03000000 0000'],
    ['pointer to nothing', unique(u32), '00000200'],
  ];
  it.each(LIES)('refuses a lying %s', (_, type, stub) => {
    expect(() => decode(type, stub)).toThrow(MsrpcError);
  });

  const MISFITS: readonly (readonly [string, NdrType<unknown>, unknown])[] = [
    ['octet', u8, 256],
    ['fraction', u32, 1.5],
    ['not a number', u32, Number.NaN],
    ['long', i32, 2 ** 31],
    ['hyper', i64, 2n ** 63n],
    ['GUID', guid, 'nonsense'],
    ['context handle', contextHandle, new Uint8Array(19)],
    ['text in place', wideCharacters(3), 'abc'],
    ['text with a NUL', wideString, 'jdoe\0admin'],
    ['text in place with a NUL', wideCharacters(9), 'a\0b'],
    ['fixed array', fixedArray(u8, 2), [1]],
  ];
  it.each(MISFITS)('refuses to write what does not fit: %s', (_, type, value) => {
    expect(() => encode(type, value as never)).toThrow(
      expect.objectContaining({ code: 'invalid-arguments' }),
    );
  });
});
