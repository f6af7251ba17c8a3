import { AuthRefusal } from './refusal.ts';

/** One DER value: its tag, what it holds, and its octets as they came. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  readonly encoded: Buffer;
}

/** The values that stand side by side in `data`, at most 64. */
export function readDerValues(data: Uint8Array): readonly DerValue[] {
  const bytes = Buffer.from(data);
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const value = readAt(bytes, at);
    values.push(value);
    at += value.encoded.length;
    if (values.length > 64) throw malformed();
  }
  return values;
}

/** The one value that `data` begins with, which must have `tag`; what follows it is ignored. */
export function readDerValue(data: Uint8Array, tag: number): DerValue {
  const value = readAt(Buffer.from(data), 0);
  if (value.tag !== tag) throw malformed();
  return value;
}

/** The values of a SEQUENCE by their context tags. */
export function readFields(sequence: Uint8Array): ReadonlyMap<number, Buffer> {
  const { content } = readDerValue(sequence, 0x30);
  return new Map(readDerValues(content).map((value) => [value.tag & 0x1f, value.content]));
}

export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), lengthOf(body.length), body]);
}

/** A value with an explicit context tag. */
export function field(number: number, content: Uint8Array): Buffer {
  return der(0xa0 | number, content);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  const significant = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.of(0x80 | significant.length), significant]);
}

function readAt(bytes: Buffer, at: number): DerValue {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw malformed();
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || octets > 4 || at + 2 + octets > bytes.length) throw malformed();
  const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets);
  const start = at + 2 + octets;
  if (start + length > bytes.length) throw malformed();
  return { tag, content: bytes.subarray(start, start + length), encoded: bytes.subarray(at, start + length) };
}

function malformed(): AuthRefusal {
  return new AuthRefusal('invalidParameter', 'The token is not DER as expected.');
}
