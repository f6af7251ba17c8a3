import { timingSafeEqual } from 'node:crypto';
import { AuthError } from './errors.ts';
import { directionKey, hmacMd5, type Direction } from './ntlm-keys.ts';
import { Rc4 } from './rc4.ts';
import type { Surroundings, Wrapped } from './security-context.ts';

const SIGNATURE_LENGTH = 16;

/** One direction of NTLM session security with extended session security and key exchange (MS-NLMP 3.4.4.2). */
export class NtlmStream {
  readonly #signingKey: Buffer;
  readonly #sealingKey: Buffer;
  #rc4: Rc4;
  #sequence = 0;

  constructor(exportedKey: Uint8Array, direction: Direction) {
    this.#signingKey = directionKey(exportedKey, direction, 'signing');
    this.#sealingKey = directionKey(exportedKey, direction, 'sealing');
    this.#rc4 = new Rc4(this.#sealingKey);
  }

  seal(data: Uint8Array, around: Surroundings = {}): Wrapped {
    const sealed = this.#rc4.update(data);
    return { data: sealed, token: this.#signature(data, around) };
  }

  unseal({ data, token }: Wrapped, around: Surroundings = {}): Buffer {
    const clear = this.#rc4.update(data);
    this.#expect(token, clear, around);
    return clear;
  }

  sign(message: Uint8Array): Buffer {
    return this.#signature(message, {});
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#expect(signature, message, {});
  }

  /** After the mechListMIC the key stream starts again while the sequence goes on (MS-SPNG 3.3.5.1). */
  restart(): void {
    this.#rc4.wipe();
    this.#rc4 = new Rc4(this.#sealingKey);
  }

  wipe(): void {
    this.#rc4.wipe();
    this.#signingKey.fill(0);
    this.#sealingKey.fill(0);
  }

  #expect(given: Uint8Array, clear: Uint8Array, around: Surroundings): void {
    const signature = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    if (signature.length !== SIGNATURE_LENGTH) {
      throw new AuthError('tampered', 'A message came with a signature of the wrong length.');
    }
    if (signature.readUInt32LE(12) !== this.#sequence) {
      throw new AuthError('out-of-sequence', 'A message came twice, or out of its order.', {
        next: 'Connect again: a message was replayed, lost or injected on the way.',
      });
    }
    if (!timingSafeEqual(signature, this.#signature(clear, around))) {
      throw new AuthError('tampered', 'The signature of a message is wrong.', {
        next: 'Connect again: the message was changed on the way, or the two sides do not hold the same key.',
      });
    }
  }

  /** NTLMSSP_MESSAGE_SIGNATURE, 2.2.2.9.2: over the clear text, after the data has gone through the stream. */
  #signature(clear: Uint8Array, { before, after }: Surroundings): Buffer {
    const sequence = Buffer.alloc(4);
    sequence.writeUInt32LE(this.#sequence);
    const parts = [before, clear, after].filter((part) => part !== undefined);
    const checksum = hmacMd5(this.#signingKey, sequence, ...parts).subarray(0, 8);
    this.#sequence = (this.#sequence + 1) >>> 0;
    return Buffer.concat([Buffer.from([1, 0, 0, 0]), this.#rc4.update(checksum), sequence]);
  }
}
