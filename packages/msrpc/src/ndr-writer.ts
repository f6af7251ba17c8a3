const FIRST_REFERENT = 0x0002_0000;

/** Builds a stub: aligned little-endian values. */
export class NdrWriter {
  #octets = Buffer.alloc(256);
  #length = 0;
  #referents = 0;

  align(alignment: number): void {
    this.#reserve((alignment - (this.#length % alignment)) % alignment);
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#octets.writeUInt8(value, at);
  }

  u16(value: number): void {
    const at = this.#aligned(2);
    this.#octets.writeUInt16LE(value, at);
  }

  u32(value: number): void {
    const at = this.#aligned(4);
    this.#octets.writeUInt32LE(value, at);
  }

  u64(value: bigint): void {
    const at = this.#aligned(8);
    this.#octets.writeBigUInt64LE(value, at);
  }

  octets(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#octets.set(value, at);
  }

  /** A number for a pointer that is not null; every one differs from the others of this stub. */
  referent(): void {
    this.u32(FIRST_REFERENT + 4 * this.#referents++);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#octets.subarray(0, this.#length));
  }

  #aligned(size: number): number {
    this.align(size);
    return this.#reserve(size);
  }

  /** Zeros, so that padding never carries what this process held before. */
  #reserve(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#octets.length) {
      const larger = Buffer.alloc(Math.max(this.#octets.length * 2, this.#length));
      larger.set(this.#octets);
      this.#octets = larger;
    }
    return at;
  }
}
