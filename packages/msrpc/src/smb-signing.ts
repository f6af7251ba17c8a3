import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { cmac } from '@slipline/windows-auth';
import type { SmbSigning } from './smb-dialects.ts';
import { signatureOf, SmbFlag } from './smb-message.ts';

const FLAGS = 16;
const MESSAGE_ID = 24;

/** Signs messages and checks signatures (MS-SMB2 3.1.4.1, 3.1.5.1). */
export class SmbSigner {
  readonly algorithm: SmbSigning;
  readonly #key: Buffer;

  constructor(algorithm: SmbSigning, key: Buffer) {
    this.algorithm = algorithm;
    this.#key = key;
  }

  /** In place. */
  sign(message: Buffer): void {
    message.writeUInt32LE((message.readUInt32LE(FLAGS) | SmbFlag.SIGNED) >>> 0, FLAGS);
    const signature = signatureOf(message);
    signature.fill(0);
    signature.set(this.#compute(message));
  }

  isSigned(message: Buffer): boolean {
    if ((message.readUInt32LE(FLAGS) & SmbFlag.SIGNED) === 0) return false;
    const cleared = Buffer.from(message);
    signatureOf(cleared).fill(0);
    return timingSafeEqual(this.#compute(cleared), signatureOf(message));
  }

  #compute(message: Buffer): Buffer {
    switch (this.algorithm) {
      case 'hmac-sha256':
        return createHmac('sha256', this.#key).update(message).digest().subarray(0, 16);
      case 'aes-cmac':
        return cmac(this.#key, message);
      case 'aes-gmac':
        return gmac(this.#key, message);
    }
  }
}

/** The nonce is the message's number, and whose message it is: bit 0 of the last four octets says the server's. */
function gmac(key: Buffer, message: Buffer): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.set(message.subarray(MESSAGE_ID, MESSAGE_ID + 8));
  nonce.writeUInt32LE(message.readUInt32LE(FLAGS) & SmbFlag.RESPONSE, 8);
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(message);
  cipher.final();
  return cipher.getAuthTag();
}
