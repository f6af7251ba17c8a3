import { badAnswer } from './errors.ts';

/** Reads a stub that somebody else built: nothing is read, and no array made, beyond the octets that are there. */
export class NdrReader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(stub: Uint8Array) {
    this.#octets = Buffer.from(stub.buffer, stub.byteOffset, stub.byteLength);
  }

  get left(): number {
    return this.#octets.length - this.#at;
  }

  /** Padding may hold anything. */
  align(alignment: number): void {
    const gap = (alignment - (this.#at % alignment)) % alignment;
    if (gap > 0) this.#take(gap);
  }

  u8(): number {
    return this.#octets.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#octets.readUInt16LE(this.#aligned(2));
  }

  u32(): number {
    return this.#octets.readUInt32LE(this.#aligned(4));
  }

  u64(): bigint {
    return this.#octets.readBigUInt64LE(this.#aligned(8));
  }

  /** A copy, so that what is kept does not hold on to the whole stub. */
  octets(size: number): Uint8Array {
    const at = this.#take(size);
    return new Uint8Array(this.#octets.subarray(at, at + size));
  }

  skip(size: number): void {
    this.#take(size);
  }

  /** UTF-16LE up to the first NUL; what follows it is ignored. */
  characters(count: number): string {
    this.align(2);
    const at = this.#take(count * 2);
    const text = this.#octets.toString('utf16le', at, at + count * 2);
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  }

  /** That `count` things of at least `least` octets each are still there, before room is made for them. */
  expect(count: number, least: number): void {
    if (count * least > this.left)
      throw badAnswer(`an array claims ${count} elements where ${this.left} octets are left`);
  }

  #aligned(size: number): number {
    this.align(size);
    return this.#take(size);
  }

  #take(size: number): number {
    if (size > this.left) throw badAnswer(`the stub ends ${size - this.left} octets too early`);
    const at = this.#at;
    this.#at += size;
    return at;
  }
}
