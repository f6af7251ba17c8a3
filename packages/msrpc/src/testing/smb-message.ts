import { ByteWriter, Malformed } from './bytes.ts';

/** MS-SMB2 2.2.1.2. */
const COMMANDS = {
  negotiate: 0,
  'session-setup': 1,
  logoff: 2,
  'tree-connect': 3,
  'tree-disconnect': 4,
  create: 5,
  close: 6,
  read: 8,
  write: 9,
  ioctl: 11,
  cancel: 12,
  echo: 13,
} as const;
export type SmbCommand = keyof typeof COMMANDS;

/** MS-ERREF 2.3.1. */
export const STATUS = {
  ok: 0,
  pending: 0x00000103,
  moreData: 0x80000005,
  invalidParameter: 0xc000000d,
  moreProcessing: 0xc0000016,
  accessDenied: 0xc0000022,
  nameNotFound: 0xc0000034,
  logonFailure: 0xc000006d,
  pipeBroken: 0xc000014b,
  notSupported: 0xc00000bb,
  badNetworkName: 0xc00000cc,
  cancelled: 0xc0000120,
  fileClosed: 0xc0000128,
  sessionDeleted: 0xc0000203,
} as const;

const FLAG_RESPONSE = 1;
const FLAG_ASYNC = 2;
export const FLAG_SIGNED = 8;
export const HEADER_LENGTH = 64;

/** A request whose header has been read; `raw` is all of it, without the frame. */
export interface SmbRequest {
  readonly command: SmbCommand;
  readonly flags: number;
  readonly credits: number;
  readonly messageId: bigint;
  readonly treeId: number;
  readonly sessionId: bigint;
  readonly body: Buffer;
  readonly raw: Buffer;
}

const NAMES = new Map<number, SmbCommand>(
  Object.entries(COMMANDS).map(([name, code]) => [code, name as SmbCommand]),
);

/** Throws `Malformed` for what is no SMB 2 request of a client. */
export function parseRequest(raw: Buffer): SmbRequest {
  if (raw.length < HEADER_LENGTH || raw.toString('latin1', 0, 4) !== '\xfeSMB' || raw.readUInt16LE(4) !== 64)
    throw new Malformed('this is no SMB 2 message');
  const flags = raw.readUInt32LE(16);
  const command = NAMES.get(raw.readUInt16LE(12));
  if (command === undefined) throw new Malformed('this command is not spoken here');
  if ((flags & FLAG_RESPONSE) !== 0) throw new Malformed('a client sent an answer');
  if (raw.readUInt32LE(20) !== 0) throw new Malformed('compounds are not spoken here');
  return {
    command,
    flags,
    credits: raw.readUInt16LE(14),
    messageId: raw.readBigUInt64LE(24),
    treeId: raw.readUInt32LE(36),
    sessionId: raw.readBigUInt64LE(40),
    body: raw.subarray(HEADER_LENGTH),
    raw,
  };
}

export interface SmbAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly treeId?: number | undefined;
  readonly sessionId?: bigint | undefined;
  readonly asyncId?: bigint | undefined;
}

/** The whole message, with an empty signature. */
export function formatAnswer(request: SmbRequest, answer: SmbAnswer, credits: number): Buffer {
  const writer = new ByteWriter()
    .bytes(Buffer.from('\xfeSMB', 'latin1'))
    .u16(64)
    .u16(1)
    .u32(answer.status)
    .u16(COMMANDS[request.command])
    .u16(credits)
    .u32(FLAG_RESPONSE | (answer.asyncId === undefined ? 0 : FLAG_ASYNC))
    .u32(0)
    .u64(request.messageId);
  if (answer.asyncId === undefined) writer.u32(0xfeff).u32(answer.treeId ?? request.treeId);
  else writer.u64(answer.asyncId);
  return writer
    .u64(answer.sessionId ?? request.sessionId)
    .zeros(16)
    .bytes(answer.body)
    .done();
}

/** MS-SMB2 2.2.2: what every failure carries. */
export const ERROR_BODY = new ByteWriter().u16(9).u8(0).u8(0).u32(0).u8(0).done();
