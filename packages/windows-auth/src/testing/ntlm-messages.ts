import { hasFlags } from './ntlm-flags.ts';
import { AuthRefusal } from './refusal.ts';

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');
/** Windows Server 2022, NTLM revision 15 (MS-NLMP 2.2.2.10). */
const VERSION = Buffer.from('0a007c4f0000000f', 'hex');
const CHALLENGE_HEAD = 56;
const MIC_START = 72;
const MIC_END = 88;

/** What a NEGOTIATE says (MS-NLMP 2.2.1.1). */
export interface Negotiate {
  readonly flags: number;
}

/** What a CHALLENGE says (MS-NLMP 2.2.1.2). */
export interface Challenge {
  readonly flags: number;
  readonly serverChallenge: Uint8Array;
  readonly targetName: Uint8Array;
  readonly targetInfo: Uint8Array;
}

/** What an AUTHENTICATE says (MS-NLMP 2.2.1.3), with its names as they came. */
export interface Authenticate {
  readonly flags: number;
  readonly lmResponse: Buffer;
  readonly ntResponse: Buffer;
  readonly domain: string;
  readonly userName: string;
  readonly workstation: string;
  readonly encryptedSessionKey: Buffer;
  /** Absent where the payload begins before the MIC would end. */
  readonly mic: Buffer | undefined;
  /** The message with zeros for its MIC: what the MIC is made over. */
  readonly withoutMic: Buffer;
}

export function isNtlm(token: Uint8Array): boolean {
  return SIGNATURE.equals(token.subarray(0, SIGNATURE.length));
}

export function decodeNegotiate(token: Uint8Array): Negotiate {
  return { flags: open(token, 1, 16).readUInt32LE(12) };
}

export function decodeAuthenticate(token: Uint8Array): Authenticate {
  const message = open(token, 3, 64);
  const field = (at: number): Buffer => {
    const length = message.readUInt16LE(at);
    const start = message.readUInt32LE(at + 4);
    if (start + length > message.length)
      throw new AuthRefusal('invalidParameter', `The field at ${at} leaves the message.`);
    return message.subarray(start, start + length);
  };
  const flags = message.readUInt32LE(60);
  const alphabet = hasFlags(flags, 'UNICODE') ? 'utf16le' : 'latin1';
  const payload = [12, 20, 28, 36, 44, 52].filter((at) => message.readUInt16LE(at) > 0);
  const payloadStart = Math.min(message.length, ...payload.map((at) => message.readUInt32LE(at + 4)));
  const hasMic = payloadStart >= MIC_END;
  const withoutMic = Buffer.from(message);
  if (hasMic) withoutMic.fill(0, MIC_START, MIC_END);
  return {
    lmResponse: field(12),
    ntResponse: field(20),
    domain: field(28).toString(alphabet),
    userName: field(36).toString(alphabet),
    workstation: field(44).toString(alphabet),
    encryptedSessionKey: field(52),
    flags,
    mic: hasMic ? message.subarray(MIC_START, MIC_END) : undefined,
    withoutMic,
  };
}

export function encodeChallenge({ flags, serverChallenge, targetName, targetInfo }: Challenge): Buffer {
  const head = Buffer.alloc(CHALLENGE_HEAD);
  SIGNATURE.copy(head);
  head.writeUInt32LE(2, 8);
  describe(head, 12, targetName, CHALLENGE_HEAD);
  head.writeUInt32LE(flags, 20);
  head.set(serverChallenge, 24);
  describe(head, 40, targetInfo, CHALLENGE_HEAD + targetName.length);
  VERSION.copy(head, 48);
  return Buffer.concat([head, targetName, targetInfo]);
}

function describe(head: Buffer, at: number, value: Uint8Array, start: number): void {
  head.writeUInt16LE(value.length, at);
  head.writeUInt16LE(value.length, at + 2);
  head.writeUInt32LE(start, at + 4);
}

function open(token: Uint8Array, type: number, least: number): Buffer {
  const message = Buffer.from(token);
  if (message.length < least || !isNtlm(message) || message.readUInt32LE(8) !== type)
    throw new AuthRefusal('invalidParameter', `This is no NTLM message of type ${type}.`);
  return message;
}
