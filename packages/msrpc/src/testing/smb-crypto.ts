import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  timingSafeEqual,
  type CipherGCMTypes,
} from 'node:crypto';
import { Malformed } from './bytes.ts';

/** MS-SMB2 2.2.3.1.2. */
export const CIPHERS = { 'aes-128-ccm': 1, 'aes-128-gcm': 2, 'aes-256-ccm': 3, 'aes-256-gcm': 4 } as const;
export type CipherName = keyof typeof CIPHERS;

/** MS-SMB2 2.2.3.1.7. */
export const SIGNINGS = { 'hmac-sha256': 0, 'aes-cmac': 1, 'aes-gmac': 2 } as const;
export type SigningName = keyof typeof SIGNINGS;

/** The server's keys of one session. */
export interface SessionKeys {
  readonly signing: Buffer;
  /** What the client encrypted is decrypted with this. */
  readonly fromClient: Buffer;
  readonly toClient: Buffer;
}

/** MS-SMB2 3.1.4.2; `hash` is the preauthentication hash, for 3.1.1 only. */
export function sessionKeys(
  sessionKey: Uint8Array,
  dialect: number,
  cipher: CipherName | undefined,
  hash: Uint8Array,
): SessionKeys {
  const bits = cipher?.startsWith('aes-256') === true ? 256 : 128;
  if (dialect < 0x0300) {
    const key = Buffer.from(sessionKey);
    return { signing: key, fromClient: key, toClient: key };
  }
  const derive = (label: string, context: string, length: number): Buffer =>
    dialect === 0x0311
      ? counterKdf(sessionKey, `${label}\0`, hash, length)
      : counterKdf(sessionKey, `${label}\0`, Buffer.from(`${context}\0`), length);
  if (dialect === 0x0311) {
    return {
      signing: derive('SMBSigningKey', '', 128),
      fromClient: derive('SMBC2SCipherKey', '', bits),
      toClient: derive('SMBS2CCipherKey', '', bits),
    };
  }
  return {
    signing: derive('SMB2AESCMAC', 'SmbSign', 128),
    fromClient: derive('SMB2AESCCM', 'ServerIn ', 128),
    toClient: derive('SMB2AESCCM', 'ServerOut', 128),
  };
}

function counterKdf(key: Uint8Array, label: string, context: Uint8Array, bits: number): Buffer {
  const counter = Buffer.from([0, 0, 0, 1]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bits);
  return createHmac('sha256', key)
    .update(Buffer.concat([counter, Buffer.from(label), Buffer.of(0), context, length]))
    .digest()
    .subarray(0, bits / 8);
}

/** MS-SMB2 3.1.4.2: one more message of the conversation. */
export function extendHash(hash: Uint8Array, message: Uint8Array): Buffer {
  return createHash('sha512').update(hash).update(message).digest();
}

/** RFC 4493. */
function aesCmac(key: Uint8Array, message: Uint8Array): Buffer {
  const block = (data: Uint8Array): Buffer => {
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  };
  const first = doubled(block(Buffer.alloc(16)));
  const isWhole = message.length > 0 && message.length % 16 === 0;
  const start = isWhole ? message.length - 16 : message.length - (message.length % 16);
  const tail = Buffer.alloc(16);
  tail.set(message.subarray(start));
  if (!isWhole) tail[message.length - start] = 0x80;
  const mask = isWhole ? first : doubled(first);
  const cbc = createCipheriv('aes-128-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  cbc.update(message.subarray(0, start));
  return cbc.update(tail.map((octet, place) => octet ^ (mask[place] ?? 0))).subarray(0, 16);
}

function doubled(value: Buffer): Buffer {
  const wide = (BigInt(`0x${value.toString('hex')}`) << 1n) & ((1n << 128n) - 1n);
  const carry = (value[0] ?? 0) >= 0x80 ? 0x87n : 0n;
  return Buffer.from((wide ^ carry).toString(16).padStart(32, '0'), 'hex');
}

/** MS-SMB2 3.1.4.1: the signature of a message whose signature field is zero. */
export function signatureOf(message: Buffer, key: Buffer, algorithm: SigningName): Buffer {
  switch (algorithm) {
    case 'hmac-sha256':
      return createHmac('sha256', key).update(message).digest().subarray(0, 16);
    case 'aes-cmac':
      return aesCmac(key, message);
    case 'aes-gmac': {
      const isResponse = (message.readUInt32LE(16) & 1) === 1;
      const isCancel = message.readUInt16LE(12) === 12;
      const nonce = Buffer.alloc(12);
      message.copy(nonce, 0, 24, 32);
      nonce.writeUInt32LE((isResponse ? 1 : 0) | (isCancel ? 2 : 0), 8);
      const cipher = createCipheriv('aes-128-gcm', key, nonce);
      cipher.setAAD(message);
      cipher.final();
      return cipher.getAuthTag();
    }
    default:
      return algorithm satisfies never;
  }
}

export function isSignedRight(message: Buffer, key: Buffer, algorithm: SigningName): boolean {
  const cleared = Buffer.from(message);
  cleared.fill(0, 48, 64);
  return timingSafeEqual(signatureOf(cleared, key, algorithm), message.subarray(48, 64));
}

const TAG = 16;
const HEADER = 52;

function nonceLength(cipher: CipherName): number {
  return cipher.endsWith('gcm') ? 12 : 11;
}

/** MS-SMB2 2.2.41: a whole transform. `counter` must never come twice for one key. */
export function encryptMessage(
  message: Buffer,
  key: Buffer,
  cipher: CipherName,
  counter: bigint,
  sessionId: bigint,
): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write('\xfdSMB', 'latin1');
  header.writeBigUInt64LE(counter, 20);
  // Windows leaves octets behind the nonce, and they are authenticated as well.
  header.fill(0xa5, 20 + nonceLength(cipher), 36);
  header.writeUInt32LE(message.length, 36);
  header.writeUInt16LE(1, 42);
  header.writeBigUInt64LE(sessionId, 44);
  const nonce = header.subarray(20, 20 + nonceLength(cipher));
  const made = createCipheriv(cipher as CipherGCMTypes, key, nonce, { authTagLength: TAG });
  made.setAAD(header.subarray(20), { plaintextLength: message.length });
  const data = Buffer.concat([made.update(message), made.final()]);
  made.getAuthTag().copy(header, 4);
  return Buffer.concat([header, data]);
}

/** Throws `Malformed` where the tag is not right. */
export function decryptMessage(transform: Buffer, key: Buffer, cipher: CipherName): Buffer {
  if (transform.length < HEADER) throw new Malformed('a transform is too short');
  const nonce = transform.subarray(20, 20 + nonceLength(cipher));
  const data = transform.subarray(HEADER);
  const made = createDecipheriv(cipher as CipherGCMTypes, key, nonce, { authTagLength: TAG });
  made.setAAD(transform.subarray(20, HEADER), { plaintextLength: data.length });
  made.setAuthTag(transform.subarray(4, 20));
  try {
    return Buffer.concat([made.update(data), made.final()]);
  } catch {
    throw new Malformed('a transform was not made with the key of its session');
  }
}
