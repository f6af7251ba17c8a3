import { createHmac } from 'node:crypto';

/**
 * Key derivation in counter mode with HMAC-SHA256 (NIST SP 800-108 section 5.1; 32-bit counter and length), as SMB 3 derives its
 * keys (MS-SMB2 3.1.4.2). `label` and `context` are taken as they are: the terminating NUL that SMB counts in is the caller's.
 * `length` is in octets.
 */
export function kdf(key: Uint8Array, label: Uint8Array, context: Uint8Array, length: number): Buffer {
  return counterMode(key, Buffer.concat([label, Buffer.alloc(1), context, uint32(length * 8)]), length);
}

/** The same over fixed input that is put together already, as the published vectors have it. */
export function counterMode(key: Uint8Array, fixedInput: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 1; (counter - 1) * 32 < length; counter += 1) {
    blocks.push(createHmac('sha256', key).update(uint32(counter)).update(fixedInput).digest());
  }
  return Buffer.concat(blocks, length);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
