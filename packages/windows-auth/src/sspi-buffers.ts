import type { Koffi } from './koffi.ts';

/** SecBufferDesc and its SecBuffers in memory (sspi.h, 64 bits): what the library writes there is read back. */

export const BufferType = {
  DATA: 1,
  TOKEN: 2,
  PADDING: 9,
  CHANNEL_BINDINGS: 14,
  /** Signed, not encrypted: SECBUFFER_READONLY_WITH_CHECKSUM. */
  SIGNED: 0x10000001,
} as const;

export interface SspiBuffer {
  readonly type: number;
  /** Written to in place. */
  readonly octets: Buffer;
}

const ENTRY = 16;

export class SspiBuffers {
  /** Where the descriptor is. Valid as long as this object is. */
  readonly address: bigint;
  readonly #buffers: readonly SspiBuffer[];
  readonly #entries: Buffer;
  readonly #descriptor = Buffer.alloc(16);

  constructor(koffi: Koffi, buffers: readonly SspiBuffer[]) {
    this.#buffers = buffers;
    this.#entries = Buffer.alloc(Math.max(1, buffers.length) * ENTRY);
    for (const [index, { type, octets }] of buffers.entries()) {
      this.#entries.writeUInt32LE(octets.length, index * ENTRY);
      this.#entries.writeUInt32LE(type, index * ENTRY + 4);
      if (octets.length > 0) this.#entries.writeBigUInt64LE(koffi.address(octets), index * ENTRY + 8);
    }
    this.#descriptor.writeUInt32LE(buffers.length, 4);
    this.#descriptor.writeBigUInt64LE(koffi.address(this.#entries), 8);
    this.address = koffi.address(this.#descriptor);
  }

  /** What the library left in the buffer at `index`: it may be shorter than what it was given. */
  at(index: number): Buffer {
    const { octets } = this.#buffers[index]!;
    return octets.subarray(0, Math.min(octets.length, this.#entries.readUInt32LE(index * ENTRY)));
  }
}

/** SEC_CHANNEL_BINDINGS without addresses. */
export function channelBindings(applicationData: Uint8Array): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(applicationData.length, 24);
  head.writeUInt32LE(head.length, 28);
  return Buffer.concat([head, applicationData]);
}
