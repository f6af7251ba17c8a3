import { badAnswer, MsrpcError } from './errors.ts';
import type { SmbChannel } from './smb-channel.ts';
import { SMB_DIALECTS } from './smb-dialects.ts';
import { HEADER_SIZE, SmbBody } from './smb-message.ts';
import { capabilitiesOf, SIGNING_REQUIRED, type Agreement, type Offer } from './smb-negotiate.ts';
import type { CallOptions } from './smb-options.ts';
import { NtStatus } from './smb-statuses.ts';

const SHARE_PIPE = 2;
const SHARE_ENCRYPT = 0x8000;
const VALIDATE_NEGOTIATE_INFO = 0x0014_0204;
const NO_FILE = Buffer.alloc(16, 0xff);

export interface Share {
  readonly treeId: number;
  readonly wantsEncryption: boolean;
}

/** TREE_CONNECT to `\\host\IPC$` (MS-SMB2 2.2.9). */
export async function connectShare(channel: SmbChannel, host: string, options: CallOptions): Promise<Share> {
  const path = Buffer.from(`\\\\${host}\\IPC$`, 'utf16le');
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(9, 0);
  fixed.writeUInt16LE(HEADER_SIZE + fixed.length, 4);
  fixed.writeUInt16LE(path.length, 6);
  const answer = await channel.ask({ command: 'TREE_CONNECT', body: Buffer.concat([fixed, path]) }, options);
  const body = new SmbBody('TREE_CONNECT', answer.message, 16);
  if (body.u8(2) !== SHARE_PIPE) throw badAnswer('what the server offers as IPC$ is no share of pipes');
  return { treeId: answer.treeId, wantsEncryption: (body.u32(4) & SHARE_ENCRYPT) !== 0 };
}

/**
 * Asks again, now signed, what was negotiated (MS-SMB2 3.3.5.15.12): whoever changed the negotiation on its way is found out here.
 * 3.1.1 has its hash for that. SMB 2 servers that do not know the question say so, signed.
 */
export async function validateNegotiation(
  channel: SmbChannel,
  {
    offer,
    agreement,
    treeId,
  }: { readonly offer: Offer; readonly agreement: Agreement; readonly treeId: number },
  options: CallOptions,
): Promise<void> {
  const isOld = agreement.dialect.startsWith('2.');
  const answer = await channel.ask(
    {
      command: 'IOCTL',
      treeId,
      body: encodeControl({
        code: VALIDATE_NEGOTIATE_INFO,
        file: NO_FILE,
        largestAnswer: 24,
        input: question(offer),
      }),
      accept: isOld ? [NtStatus.NOT_SUPPORTED, NtStatus.INVALID_DEVICE_REQUEST, NtStatus.FILE_CLOSED] : [],
    },
    options,
  );
  if (answer.status !== NtStatus.SUCCESS) return;
  const told = decodeControl(answer.message);
  const expected = Buffer.alloc(24);
  expected.writeUInt32LE(agreement.capabilities, 0);
  expected.set(agreement.serverGuid, 4);
  expected.writeUInt16LE(agreement.securityMode, 20);
  expected.writeUInt16LE(SMB_DIALECTS[agreement.dialect], 22);
  if (!expected.equals(told)) throw downgraded();
}

function question(offer: Offer): Buffer {
  const fixed = Buffer.alloc(24);
  fixed.writeUInt32LE(capabilitiesOf(offer), 0);
  fixed.set(offer.clientGuid, 4);
  fixed.writeUInt16LE(SIGNING_REQUIRED, 20);
  fixed.writeUInt16LE(offer.dialects.length, 22);
  const dialects = Buffer.alloc(2 * offer.dialects.length);
  offer.dialects.forEach((dialect, at) => dialects.writeUInt16LE(SMB_DIALECTS[dialect], at * 2));
  return Buffer.concat([fixed, dialects]);
}

export interface Control {
  readonly code: number;
  readonly file: Uint8Array;
  readonly largestAnswer: number;
  readonly input: Uint8Array;
}

/** IOCTL for a file system control (MS-SMB2 2.2.31). */
export function encodeControl({ code, file, largestAnswer, input }: Control): Buffer {
  const fixed = Buffer.alloc(56);
  fixed.writeUInt16LE(57, 0);
  fixed.writeUInt32LE(code, 4);
  fixed.set(file, 8);
  fixed.writeUInt32LE(HEADER_SIZE + fixed.length, 24);
  fixed.writeUInt32LE(input.length, 28);
  fixed.writeUInt32LE(largestAnswer, 44);
  fixed.writeUInt32LE(1, 48);
  return Buffer.concat([fixed, input]);
}

export function decodeControl(message: Buffer): Buffer {
  const body = new SmbBody('IOCTL', message, 49);
  return body.variable(body.u32(32), body.u32(36));
}

function downgraded(): MsrpcError {
  return new MsrpcError('tampered', 'what was negotiated is not what the server remembers', {
    next: 'somebody between weakens the connection on its way; look for a proxy or an attack',
  });
}
