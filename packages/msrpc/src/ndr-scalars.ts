import { MsrpcError } from './errors.ts';
import type { NdrType } from './ndr.ts';
import type { NdrReader } from './ndr-reader.ts';
import type { NdrWriter } from './ndr-writer.ts';

/** A type that defers nothing. */
export function flat<T>(
  alignment: number,
  least: number,
  write: (writer: NdrWriter, value: T) => void,
  read: (reader: NdrReader) => T,
): NdrType<T> {
  return {
    alignment,
    least,
    isFlat: true,
    write,
    writeDeferred: () => undefined,
    read,
    resolve: (_, value) => value as T,
  };
}

function integer(
  octets: 1 | 2 | 4,
  lowest: number,
  highest: number,
  write: (writer: NdrWriter, value: number) => void,
  read: (reader: NdrReader) => number,
): NdrType<number> {
  const checked = (writer: NdrWriter, value: number) => {
    if (!Number.isInteger(value) || value < lowest || value > highest)
      throw new MsrpcError('invalid-arguments', `${value} is no integer from ${lowest} to ${highest}`);
    write(writer, value);
  };
  return flat(octets, octets, checked, read);
}

function hyper(name: string, fit: (value: bigint) => bigint, restore: (value: bigint) => bigint) {
  const checked = (writer: NdrWriter, value: bigint) => {
    if (restore(fit(value)) !== value)
      throw new MsrpcError('invalid-arguments', `${value} does not fit into ${name}`);
    writer.u64(fit(value));
  };
  return flat<bigint>(8, 8, checked, (reader) => restore(reader.u64()));
}

export const u8 = integer(
  1,
  0,
  0xff,
  (writer, value) => writer.u8(value),
  (reader) => reader.u8(),
);
export const u16 = integer(
  2,
  0,
  0xffff,
  (writer, value) => writer.u16(value),
  (reader) => reader.u16(),
);
export const u32 = integer(
  4,
  0,
  0xffff_ffff,
  (writer, value) => writer.u32(value),
  (reader) => reader.u32(),
);
export const i32 = integer(
  4,
  -0x8000_0000,
  0x7fff_ffff,
  (writer, value) => writer.u32(value >>> 0),
  (reader) => reader.u32() | 0,
);
export const u64 = hyper(
  'an unsigned hyper',
  (value) => BigInt.asUintN(64, value),
  (value) => BigInt.asUintN(64, value),
);
/** Also FILETIME as TSTS has it: any value is read, also zero and negative ones. */
export const i64 = hyper(
  'a hyper',
  (value) => BigInt.asUintN(64, value),
  (value) => BigInt.asIntN(64, value),
);

/** BOOLEAN: one octet, where any value but zero is true. */
export const boolean8 = flat<boolean>(
  1,
  1,
  (writer, value) => writer.u8(value ? 1 : 0),
  (reader) => reader.u8() !== 0,
);

/** BOOL: four octets, where any value but zero is true. */
export const boolean32 = flat<boolean>(
  4,
  4,
  (writer, value) => writer.u32(value ? 1 : 0),
  (reader) => reader.u32() !== 0,
);

/** `byte[size]` in place, without alignment. */
export function octets(size: number): NdrType<Uint8Array> {
  return flat(
    1,
    size,
    (writer, value) => writer.octets(ofSize(value, size)),
    (reader) => reader.octets(size),
  );
}

/** What a secret or nobody's business occupies: read over, written as zeros. */
export function unread(size: number): NdrType<undefined> {
  return flat(
    1,
    size,
    (writer) => writer.octets(new Uint8Array(size)),
    (reader) => {
      reader.skip(size);
      return undefined;
    },
  );
}

/** A context handle: 4 octets of attributes and a GUID, opaque to a client. All zeros once it is closed. */
export const contextHandle = flat<Uint8Array>(
  4,
  20,
  (writer, value) => {
    writer.align(4);
    writer.octets(ofSize(value, 20));
  },
  (reader) => {
    reader.align(4);
    return reader.octets(20);
  },
);

/** A GUID as text in lower case. */
export const guid = flat<string>(
  4,
  16,
  (writer, value) => {
    writer.align(4);
    writer.octets(guidOctets(value));
  },
  (reader) => {
    reader.align(4);
    return guidText(reader.octets(16));
  },
);

const GUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/** The first three groups are little-endian, the others as written. */
export function guidOctets(text: string): Uint8Array {
  const groups = GUID.exec(text);
  if (groups === null) throw new MsrpcError('invalid-arguments', `"${text}" is no GUID`);
  const [first, second, third, ...rest] = groups.slice(1).map((group) => Buffer.from(group, 'hex'));
  return Buffer.concat([first!.reverse(), second!.reverse(), third!.reverse(), ...rest]);
}

function guidText(value: Uint8Array): string {
  const part = (from: number, to: number) => Buffer.from(value.subarray(from, to));
  const groups = [
    part(0, 4).reverse(),
    part(4, 6).reverse(),
    part(6, 8).reverse(),
    part(8, 10),
    part(10, 16),
  ];
  return groups.map((group) => group.toString('hex')).join('-');
}

function ofSize(value: Uint8Array, size: number): Uint8Array {
  if (value.length === size) return value;
  throw new MsrpcError('invalid-arguments', `${value.length} octets were given where ${size} belong`);
}
