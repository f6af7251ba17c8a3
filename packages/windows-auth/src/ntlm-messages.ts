import { AuthError } from './errors.ts';

/** Negotiate flags, MS-NLMP 2.2.2.5. */
export const Flag = {
  UNICODE: 0x1,
  OEM: 0x2,
  REQUEST_TARGET: 0x4,
  SIGN: 0x10,
  SEAL: 0x20,
  LM_KEY: 0x80,
  NTLM: 0x200,
  ALWAYS_SIGN: 0x8000,
  EXTENDED_SESSIONSECURITY: 0x80000,
  TARGET_INFO: 0x800000,
  VERSION: 0x2000000,
  KEY_128: 0x20000000,
  KEY_EXCH: 0x40000000,
  KEY_56: 0x80000000,
} as const;

/** Every flag but `OEM` and `LM_KEY`: 56 is offered too, because some servers answer 128 only to who offers both. */
export const OFFERED = 0xe2888235;

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');
export const MIC_OFFSET = 72;
const AUTHENTICATE_HEADER = 88;
// Version 10.0 without a build: it only helps who reads traces, but some servers want the field to be there.
const VERSION = Buffer.from('0a0000000000000f', 'hex');
const MAX_MESSAGE = 65_536;

export interface Challenge {
  readonly flags: number;
  readonly serverChallenge: Uint8Array;
  /** The AV pairs, still encoded; empty where there are none. */
  readonly targetInfo: Uint8Array;
}

export interface Authenticate {
  readonly flags: number;
  readonly lmResponse: Uint8Array;
  readonly ntResponse: Uint8Array;
  readonly domain: string;
  readonly user: string;
  readonly workstation: string;
  readonly encryptedSessionKey: Uint8Array;
}

/** NEGOTIATE_MESSAGE, 2.2.1.1: no names, and the whole 40 octets, since gss-ntlmssp refuses fewer. */
export function writeNegotiate(): Buffer {
  const message = Buffer.alloc(40);
  message.set(SIGNATURE);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(OFFERED, 12);
  message.set(VERSION, 32);
  return message;
}

/** Whether this is an NTLM message at all, rather than one of SPNEGO. */
export function isNtlm(token: Uint8Array): boolean {
  return SIGNATURE.equals(token.subarray(0, SIGNATURE.length));
}

/** CHALLENGE_MESSAGE, 2.2.1.2. */
export function readChallenge(token: Uint8Array): Challenge {
  const message = Buffer.from(token.buffer, token.byteOffset, token.byteLength);
  if (message.length > MAX_MESSAGE) throw bad(`is longer than ${MAX_MESSAGE} octets`);
  if (message.length < 32 || !isNtlm(message)) throw bad('is none');
  if (message.readUInt32LE(8) !== 2) throw bad('is another message');
  const hasTargetInfo = message.length >= 48;
  return {
    flags: message.readUInt32LE(20),
    serverChallenge: message.subarray(24, 32),
    targetInfo: hasTargetInfo ? payloadAt(message, 40) : Buffer.alloc(0),
  };
}

/** AUTHENTICATE_MESSAGE, 2.2.1.3, with room for its MIC at `MIC_OFFSET`. */
export function writeAuthenticate(message: Authenticate): Buffer {
  const payload = [
    [28, Buffer.from(message.domain, 'utf16le')],
    [36, Buffer.from(message.user, 'utf16le')],
    [44, Buffer.from(message.workstation, 'utf16le')],
    [12, message.lmResponse],
    [20, message.ntResponse],
    [52, message.encryptedSessionKey],
  ] as const;
  const header = Buffer.alloc(AUTHENTICATE_HEADER);
  header.set(SIGNATURE);
  header.writeUInt32LE(3, 8);
  let offset = header.length;
  for (const [descriptor, value] of payload) {
    header.writeUInt16LE(value.length, descriptor);
    header.writeUInt16LE(value.length, descriptor + 2);
    header.writeUInt32LE(offset, descriptor + 4);
    offset += value.length;
  }
  header.writeUInt32LE(message.flags >>> 0, 60);
  header.set(VERSION, 64);
  return Buffer.concat([header, ...payload.map(([, value]) => value)]);
}

function payloadAt(message: Buffer, descriptor: number): Buffer {
  const [length, offset] = [message.readUInt16LE(descriptor), message.readUInt32LE(descriptor + 4)];
  if (length === 0) return Buffer.alloc(0);
  if (offset + length > message.length) throw bad('names a field outside itself');
  return message.subarray(offset, offset + length);
}

function bad(what: string): AuthError {
  return new AuthError('bad-token', `What should be the server's NTLM challenge ${what}.`, {
    next: 'Check that the address is that of the service meant, and that no proxy answers for it.',
  });
}
