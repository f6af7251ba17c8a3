import { badAnswer } from './errors.ts';
import { guidOctets } from './ndr-scalars.ts';
import type { RpcInterface } from './rpc-interface.ts';

export const PduType = {
  REQUEST: 0,
  RESPONSE: 2,
  FAULT: 3,
  BIND: 11,
  BIND_ACK: 12,
  BIND_NAK: 13,
  ALTER_CONTEXT: 14,
  ALTER_CONTEXT_RESPONSE: 15,
  AUTH3: 16,
} as const;

export const PduFlag = { FIRST: 1, LAST: 2, HEADER_SIGNING: 4 } as const;

export const PDU_HEADER = 16;
/** Of requests, responses and, without its status, faults. */
export const CALL_HEADER = 24;
const FAULT_HEADER = 32;
/** Stands between the stub and the token (MS-RPCE 2.2.2.11). */
export const TRAILER = 8;

/** NDR 2.0, the one transfer syntax that is offered. */
const NDR = Buffer.concat([guidOctets('8a885d04-1ceb-11c9-9fe8-08002b104860'), Buffer.of(2, 0, 0, 0)]);
const LITTLE_ENDIAN = 0x10;
const MOST_RESULTS = 64;

export interface PduHeader {
  readonly type: number;
  readonly flags: number;
  readonly authLength: number;
  readonly callId: number;
}

export interface AuthTrailer {
  readonly type: number;
  readonly level: number;
  readonly padding: number;
  readonly contextId: number;
}

/** The header that all PDUs have (C706 12.6.3.1), in front of `body`, whose last `authLength` octets are a token. */
export function encodePdu(header: PduHeader, ...body: readonly Uint8Array[]): Buffer {
  const fixed = Buffer.alloc(PDU_HEADER);
  const length = body.reduce((sum, part) => sum + part.length, PDU_HEADER);
  fixed.writeUInt8(5, 0);
  fixed.writeUInt8(header.type, 2);
  fixed.writeUInt8(header.flags, 3);
  fixed.writeUInt8(LITTLE_ENDIAN, 4);
  fixed.writeUInt16LE(length, 8);
  fixed.writeUInt16LE(header.authLength, 10);
  fixed.writeUInt32LE(header.callId, 12);
  return Buffer.concat([fixed, ...body]);
}

/** Of a whole PDU, whose length is the one it claims. */
export function decodePduHeader(pdu: Buffer): PduHeader {
  if (pdu.readUInt8(0) !== 5 || pdu.readUInt8(1) > 1 || pdu.readUInt8(4) !== LITTLE_ENDIAN)
    throw badAnswer('what the server sent is no little-endian RPC PDU of version 5');
  const authLength = pdu.readUInt16LE(10);
  if (authLength > 0 && PDU_HEADER + TRAILER + authLength > pdu.length)
    throw badAnswer('an RPC PDU claims more authentication than it holds');
  return { type: pdu.readUInt8(2), flags: pdu.readUInt8(3), authLength, callId: pdu.readUInt32LE(12) };
}

export function encodeTrailer({ type, level, padding, contextId }: AuthTrailer): Buffer {
  const trailer = Buffer.from([type, level, padding, 0, 0, 0, 0, 0]);
  trailer.writeUInt32LE(contextId, 4);
  return trailer;
}

export interface Authentication {
  readonly trailer: AuthTrailer;
  readonly token: Buffer;
  /** Where the trailer begins. */
  readonly at: number;
}

/** What authenticates a PDU, where there is something. */
export function authenticationOf(pdu: Buffer, { authLength }: PduHeader): Authentication | undefined {
  if (authLength === 0) return undefined;
  const at = pdu.length - authLength - TRAILER;
  return {
    trailer: {
      type: pdu.readUInt8(at),
      level: pdu.readUInt8(at + 1),
      padding: pdu.readUInt8(at + 2),
      contextId: pdu.readUInt32LE(at + 4),
    },
    token: pdu.subarray(at + TRAILER),
    at,
  };
}

/** One interface to bind, under a number of this association's own. */
export interface PresentationContext {
  readonly id: number;
  readonly table: RpcInterface;
}

/** The body of BIND and ALTER_CONTEXT (C706 12.6.4.3). */
export function encodeContexts(contexts: readonly PresentationContext[], largestFragment: number): Buffer {
  const fixed = Buffer.alloc(12);
  fixed.writeUInt16LE(largestFragment, 0);
  fixed.writeUInt16LE(largestFragment, 2);
  fixed.writeUInt8(contexts.length, 8);
  const elements = contexts.flatMap(({ id, table }) => {
    const element = Buffer.alloc(24);
    element.writeUInt16LE(id, 0);
    element.writeUInt8(1, 2);
    element.set(guidOctets(table.uuid), 4);
    element.writeUInt16LE(table.version[0], 20);
    element.writeUInt16LE(table.version[1], 22);
    return [element, NDR];
  });
  return Buffer.concat([fixed, ...elements]);
}

/** 0 is acceptance; the reason says why it is something else (C706 12.6.3.1). */
export interface ContextResult {
  readonly result: number;
  readonly reason: number;
}

export interface BindAnswer {
  readonly largestReceive: number;
  readonly results: readonly ContextResult[];
}

/** The body of BIND_ACK and of ALTER_CONTEXT's answer. */
export function decodeBindAnswer(pdu: Buffer, header: PduHeader): BindAnswer {
  const end = authenticationOf(pdu, header)?.at ?? pdu.length;
  if (end < 28) throw badAnswer('the answer to a bind is cut off');
  const list = Math.ceil((26 + pdu.readUInt16LE(24)) / 4) * 4;
  if (list + 4 > end) throw badAnswer('the answer to a bind is cut off');
  const count = pdu.readUInt8(list);
  if (count > MOST_RESULTS || list + 4 + count * 24 > end) throw badAnswer('the answer to a bind is cut off');
  const results = Array.from({ length: count }, (_, index) => {
    const at = list + 4 + index * 24;
    const result = { result: pdu.readUInt16LE(at), reason: pdu.readUInt16LE(at + 2) };
    if (result.result === 0 && !pdu.subarray(at + 4, at + 24).equals(NDR))
      throw badAnswer('the server accepted a transfer syntax that was not offered');
    return result;
  });
  return { largestReceive: pdu.readUInt16LE(18), results };
}

export function decodeNakReason(pdu: Buffer): number {
  return pdu.length < 18 ? 0 : pdu.readUInt16LE(16);
}

export interface FaultAnswer {
  readonly status: number;
  /** How much of the PDU is header. */
  readonly headerSize: number;
}

export function decodeFault(pdu: Buffer): FaultAnswer {
  if (pdu.length < CALL_HEADER + 4) throw badAnswer('a fault of the server is cut off');
  return { status: pdu.readUInt32LE(CALL_HEADER), headerSize: FAULT_HEADER };
}

export interface CallHeader {
  readonly allocationHint: number;
  readonly contextId: number;
  readonly opnum: number;
}

export function encodeCallHeader({ allocationHint, contextId, opnum }: CallHeader): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt32LE(allocationHint, 0);
  fixed.writeUInt16LE(contextId, 4);
  fixed.writeUInt16LE(opnum, 6);
  return fixed;
}
