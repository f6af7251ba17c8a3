import { createCipheriv } from 'node:crypto';

const BLOCK = 16;

/** AES-CMAC (RFC 4493; NIST SP 800-38B) with a key of 16, 24 or 32 octets: what SMB 3 signs with. 16 octets. */
export function cmac(key: Uint8Array, message: Uint8Array): Buffer {
  const whole = Math.max(0, Math.ceil(message.length / BLOCK) - 1) * BLOCK;
  const last = Buffer.alloc(BLOCK);
  last.set(message.subarray(whole));
  const isFull = message.length > 0 && message.length - whole === BLOCK;
  if (!isFull) last[message.length - whole] = 0x80;
  const first = doubled(encrypt(key, Buffer.alloc(BLOCK)));
  const mask = isFull ? first : doubled(first);
  for (let index = 0; index < BLOCK; index += 1) last[index]! ^= mask[index]!;
  return encrypt(key, message.subarray(0, whole), last);
}

/** CBC from a zero vector; answers the last block. */
function encrypt(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, Buffer.alloc(BLOCK)).setAutoPadding(false);
  let block: Buffer = Buffer.alloc(0);
  for (const part of parts) if (part.length > 0) block = cipher.update(part);
  return Buffer.from(block.subarray(-BLOCK));
}

/** Doubling in GF(2^128), as RFC 4493 section 2.3 makes its subkeys. */
function doubled(block: Uint8Array): Buffer {
  const result = Buffer.alloc(BLOCK);
  for (let index = 0; index < BLOCK; index += 1) {
    result[index] = (block[index]! << 1) | ((block[index + 1] ?? 0) >>> 7);
  }
  if (block[0]! & 0x80) result[BLOCK - 1]! ^= 0x87;
  return result;
}
