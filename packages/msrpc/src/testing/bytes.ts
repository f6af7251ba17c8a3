/** Thrown where a client sent fewer octets than it promised. */
export class Malformed extends Error {}

/** Reads little-endian values one after another, as NDR has them aligned when asked to. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  seek(at: number): this {
    this.#at = at;
    return this;
  }

  align(to: number): this {
    this.#at = Math.ceil(this.#at / to) * to;
    return this;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  i32(): number {
    return this.u32() | 0;
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8));
  }

  take(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length < 0 || at + length > this.#bytes.length)
      throw new Malformed('more was promised than was sent');
    this.#at = at + length;
    return at;
  }
}

/** Writes little-endian values one after another. */
export class ByteWriter {
  readonly #parts: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(Buffer.from(value));
    this.#length += value.length;
    return this;
  }

  zeros(length: number): this {
    return this.bytes(Buffer.alloc(length));
  }

  /** Padding is not zero, since Windows leaves there what was in its memory. */
  align(to: number, filling = 0xbf): this {
    const missing = (to - (this.#length % to)) % to;
    return this.bytes(Buffer.alloc(missing, filling));
  }

  u8(value: number): this {
    return this.bytes(Uint8Array.of(value));
  }

  u16(value: number): this {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    return this.bytes(bytes);
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    return this.bytes(bytes);
  }

  u64(value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    return this.bytes(bytes);
  }

  /** `WCHAR[size]`: cut so that a terminator remains. */
  fixedText(text: string, size: number): this {
    const field = Buffer.alloc(size * 2);
    field.write(text.slice(0, size - 1), 'utf16le');
    return this.bytes(field);
  }

  done(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }
}
