import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';
import { badAnswer, MsrpcError } from './errors.ts';
import type { SmbCipher } from './smb-dialects.ts';
import type { SmbKeys } from './smb-keys.ts';

const PROTOCOL = 0x424d_53fd;
const HEADER = 52;
const TAG = 4;
const NONCE = 20;
const ENCRYPTED = 1;
const TAG_SIZE = { authTagLength: 16 };

export function isEncrypted(message: Buffer): boolean {
  return message.length >= 4 && message.readUInt32LE(0) === PROTOCOL;
}

/** Encrypts and decrypts whole messages (MS-SMB2 2.2.41, 3.1.4.3). */
export class SmbSealer {
  readonly cipher: SmbCipher;
  readonly #keys: SmbKeys;
  readonly #sessionId: bigint;
  readonly #nonceSize: number;
  // A nonce must never be used twice with a key, and the keys are this session's own.
  #nonce = 0n;

  constructor(cipher: SmbCipher, keys: SmbKeys, sessionId: bigint) {
    this.cipher = cipher;
    this.#keys = keys;
    this.#sessionId = sessionId;
    this.#nonceSize = cipher.endsWith('gcm') ? 12 : 11;
  }

  encrypt(message: Buffer): Buffer {
    const header = Buffer.alloc(HEADER);
    header.writeUInt32LE(PROTOCOL, 0);
    header.writeBigUInt64LE(this.#nonce++, NONCE);
    header.writeUInt32LE(message.length, 36);
    header.writeUInt16LE(ENCRYPTED, 42);
    header.writeBigUInt64LE(this.#sessionId, 44);
    const cipher = createCipheriv(this.#algorithm, this.#keys.encrypting, this.#nonceOf(header), TAG_SIZE);
    cipher.setAAD(header.subarray(NONCE), { plaintextLength: message.length });
    const sealed = cipher.update(message);
    cipher.final();
    header.set(cipher.getAuthTag(), TAG);
    return Buffer.concat([header, sealed]);
  }

  /** Throws `tampered` where the tag does not fit. */
  decrypt(frame: Buffer): Buffer {
    if (frame.length <= HEADER) throw badAnswer('an encrypted message is cut off');
    const sealed = frame.subarray(HEADER);
    if (
      frame.readUInt32LE(36) !== sealed.length ||
      frame.readUInt16LE(42) !== ENCRYPTED ||
      frame.readBigUInt64LE(44) !== this.#sessionId
    )
      throw badAnswer('an encrypted message is not of this session, or not of the size it claims');
    const cipher = createDecipheriv(this.#algorithm, this.#keys.decrypting, this.#nonceOf(frame), TAG_SIZE);
    cipher.setAAD(frame.subarray(NONCE, HEADER), { plaintextLength: sealed.length });
    cipher.setAuthTag(frame.subarray(TAG, NONCE));
    try {
      return Buffer.concat([cipher.update(sealed), cipher.final()]);
    } catch (cause) {
      throw new MsrpcError(
        'tampered',
        'an encrypted SMB message does not decrypt with the key of this session',
        {
          next: 'somebody between changes what the server sends; look for a proxy or an attack',
          cause,
        },
      );
    }
  }

  /** CCM's own types differ in `setAAD` only, where GCM ignores the length of the plaintext. */
  get #algorithm(): CipherGCMTypes {
    return this.cipher as CipherGCMTypes;
  }

  #nonceOf(header: Buffer): Buffer {
    return header.subarray(NONCE, NONCE + this.#nonceSize);
  }
}
