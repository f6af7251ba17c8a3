import { ByteReader, ByteWriter, Malformed } from './bytes.ts';

/** C706 12.6.4. */
export const PDU = {
  request: 0,
  response: 2,
  fault: 3,
  bind: 11,
  bindAck: 12,
  bindNak: 13,
  alterContext: 14,
  alterContextAnswer: 15,
  auth3: 16,
  cancel: 18,
  orphaned: 19,
} as const;

export const FIRST = 1;
export const LAST = 2;
const HAS_OBJECT = 0x80;
export const HEADER = 16;
export const TRAILER = 8;

export interface Verifier {
  /** 10 NTLM, 9 SPNEGO. */
  readonly type: number;
  /** 5 integrity, 6 privacy. */
  readonly level: number;
  readonly padding: number;
  readonly contextId: number;
  readonly token: Buffer;
}

/** One fragment, taken apart; `raw` is all of it. */
export interface Pdu {
  readonly type: number;
  readonly flags: number;
  readonly callId: number;
  readonly raw: Buffer;
  /** What follows the common header, up to the trailer. */
  readonly body: Buffer;
  readonly verifier: Verifier | undefined;
}

/** Throws `Malformed` for what is not exactly one fragment. */
export function parsePdu(raw: Buffer): Pdu {
  const reader = new ByteReader(raw);
  const version = reader.u16();
  const type = reader.u8();
  const flags = reader.u8();
  const representation = reader.u32();
  const length = reader.u16();
  const authLength = reader.u16();
  const callId = reader.u32();
  if (version !== 5 || representation !== 0x10 || length !== raw.length)
    throw new Malformed('this is no fragment of DCE/RPC');
  if (authLength === 0) return { type, flags, callId, raw, body: raw.subarray(HEADER), verifier: undefined };
  const start = raw.length - authLength - TRAILER;
  if (start < HEADER) throw new Malformed('a verifier is longer than its fragment');
  reader.seek(start);
  const verifier = {
    type: reader.u8(),
    level: reader.u8(),
    padding: reader.u8(),
    contextId: reader.seek(start + 4).u32(),
    token: reader.take(authLength),
  };
  return { type, flags, callId, raw, body: raw.subarray(HEADER, start), verifier };
}

export function hasObject({ flags }: Pdu): boolean {
  return (flags & HAS_OBJECT) !== 0;
}

/** One fragment without its token; `tokenLength` says how long that will be. */
export function formatPdu(
  type: number,
  flags: number,
  callId: number,
  body: Uint8Array,
  tokenLength: number,
  trailer: Uint8Array = Buffer.alloc(0),
): Buffer {
  return new ByteWriter()
    .u8(5)
    .u8(0)
    .u8(type)
    .u8(flags)
    .u32(0x10)
    .u16(HEADER + body.length + trailer.length + tokenLength)
    .u16(tokenLength)
    .u32(callId)
    .bytes(body)
    .bytes(trailer)
    .done();
}

export function formatTrailer({ type, level, padding, contextId }: Omit<Verifier, 'token'>): Buffer {
  return new ByteWriter().u8(type).u8(level).u8(padding).u8(0).u32(contextId).done();
}

/** In wire order, as text: `8a885d04-1ceb-11c9-9fe8-08002b104860`. */
export function readUuid(reader: ByteReader): string {
  const bytes = reader.take(16);
  const hex = (part: Uint8Array): string => Buffer.from(part).toString('hex');
  const swapped = (from: number, to: number): string => hex(Buffer.from(bytes.subarray(from, to)).reverse());
  return [
    swapped(0, 4),
    swapped(4, 6),
    swapped(6, 8),
    hex(bytes.subarray(8, 10)),
    hex(bytes.subarray(10)),
  ].join('-');
}
