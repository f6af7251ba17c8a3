import { badAnswer, MsrpcError } from './errors.ts';

export const SmbCommand = {
  NEGOTIATE: 0,
  SESSION_SETUP: 1,
  LOGOFF: 2,
  TREE_CONNECT: 3,
  TREE_DISCONNECT: 4,
  CREATE: 5,
  CLOSE: 6,
  READ: 8,
  WRITE: 9,
  IOCTL: 11,
} as const;

export type SmbCommandName = keyof typeof SmbCommand;

export const HEADER_SIZE = 64;
const PROTOCOL = 0x424d_53fe;
const SMB1_PROTOCOL = 0x424d_53ff;
const SIGNATURE = 48;

export const SmbFlag = { RESPONSE: 1, ASYNC: 2, SIGNED: 8 } as const;

/** The header of an SMB 2 message (MS-SMB2 2.2.1.2), as far as a client without compounding needs it. */
export interface SmbHeader {
  readonly command: number;
  readonly status: number;
  readonly credits: number;
  readonly flags: number;
  readonly messageId: bigint;
  readonly sessionId: bigint;
}

export interface SmbRequest {
  readonly command: SmbCommandName;
  readonly messageId: bigint;
  readonly creditCharge: number;
  readonly credits: number;
  readonly treeId: number;
  readonly sessionId: bigint;
  readonly body: Uint8Array;
}

export function encodeRequest(request: SmbRequest): Buffer {
  const message = Buffer.alloc(HEADER_SIZE + request.body.length);
  message.writeUInt32LE(PROTOCOL, 0);
  message.writeUInt16LE(HEADER_SIZE, 4);
  message.writeUInt16LE(request.creditCharge, 6);
  message.writeUInt16LE(SmbCommand[request.command], 12);
  message.writeUInt16LE(request.credits, 14);
  message.writeBigUInt64LE(request.messageId, 24);
  message.writeUInt32LE(request.treeId, 36);
  message.writeBigUInt64LE(request.sessionId, 40);
  message.set(request.body, HEADER_SIZE);
  return message;
}

/** Refuses what is no single SMB 2 response. */
export function decodeHeader(message: Buffer): SmbHeader {
  if (message.length >= 4 && message.readUInt32LE(0) === SMB1_PROTOCOL) throw smb1Only();
  if (message.length < HEADER_SIZE + 2) throw badAnswer(`an SMB message of ${message.length} octets`);
  if (message.readUInt32LE(0) !== PROTOCOL || message.readUInt16LE(4) !== HEADER_SIZE)
    throw badAnswer('what the server sent is no SMB 2 message');
  const flags = message.readUInt32LE(16);
  if ((flags & SmbFlag.RESPONSE) === 0) throw badAnswer('the server sent a request instead of an answer');
  if (message.readUInt32LE(20) !== 0) throw badAnswer('the server joined answers that were asked for apart');
  return {
    command: message.readUInt16LE(12),
    status: message.readUInt32LE(8),
    credits: message.readUInt16LE(14),
    flags,
    messageId: message.readBigUInt64LE(24),
    sessionId: message.readBigUInt64LE(40),
  };
}

function smb1Only(): MsrpcError {
  return new MsrpcError('smb1-only', 'the server speaks SMB 1, which protects nothing', {
    next: 'switch on SMB 2 or 3 on the server',
  });
}

export function signatureOf(message: Buffer): Buffer {
  return message.subarray(SIGNATURE, HEADER_SIZE);
}

/** A response, read by offsets from the end of its header. */
export class SmbBody {
  readonly #message: Buffer;
  readonly #name: string;

  /** `size` is the response's StructureSize, which counts one octet of the variable part where there is one. */
  constructor(name: SmbCommandName, message: Buffer, size: number) {
    this.#name = name;
    this.#message = message;
    if (message.length < HEADER_SIZE + (size & ~1)) throw badAnswer(`the answer to ${name} is too short`);
    if (this.u16(0) !== size) throw badAnswer(`the answer to ${name} has another structure than it should`);
  }

  u8(at: number): number {
    return this.#message.readUInt8(HEADER_SIZE + at);
  }

  u16(at: number): number {
    return this.#message.readUInt16LE(HEADER_SIZE + at);
  }

  u32(at: number): number {
    return this.#message.readUInt32LE(HEADER_SIZE + at);
  }

  octets(at: number, size: number): Buffer {
    return this.variable(HEADER_SIZE + at, size);
  }

  /** `length` octets at `offset`, which counts from the start of the header as all offsets on the wire do. */
  variable(offset: number, length: number): Buffer {
    if (length === 0) return Buffer.alloc(0);
    if (offset < HEADER_SIZE || offset + length > this.#message.length)
      throw badAnswer(`the answer to ${this.#name} names octets outside of itself`);
    return this.#message.subarray(offset, offset + length);
  }
}
