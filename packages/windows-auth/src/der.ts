import { AuthError } from './errors.ts';

/** Tags of the few ASN.1 types used here; `[n]` is `context(n)`. */
export const Tag = {
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OID: 0x06,
  ENUMERATED: 0x0a,
  GENERAL_STRING: 0x1b,
  SEQUENCE: 0x30,
  APPLICATION_0: 0x60,
} as const;

export const context = (number: number): number => 0xa0 | number;

/** Reads the elements of one encoding in their order. Never reads outside it, and allocates nothing. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #offset = 0;

  /** `what` completes the sentence "… is malformed". */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** The content of the next element, which must have this tag. */
  read(tag: number): Uint8Array {
    if (this.#bytes[this.#offset] !== tag) throw this.#malformed();
    const start = this.#offset + 1;
    const { length, size } = this.#length(start);
    const end = start + size + length;
    if (end > this.#bytes.length) throw this.#malformed();
    this.#offset = end;
    return this.#bytes.subarray(start + size, end);
  }

  /** The same, with its tag and length. */
  readWhole(tag: number): Uint8Array {
    const start = this.#offset;
    this.read(tag);
    return this.#bytes.subarray(start, this.#offset);
  }

  optional(tag: number): Uint8Array | undefined {
    return this.#bytes[this.#offset] === tag ? this.read(tag) : undefined;
  }

  into(tag: number): DerReader {
    return new DerReader(this.read(tag), this.#what);
  }

  optionalInto(tag: number): DerReader | undefined {
    return this.#bytes[this.#offset] === tag ? this.into(tag) : undefined;
  }

  /** An INTEGER or ENUMERATED of up to four octets. */
  integer(tag: number = Tag.INTEGER): number {
    const content = this.read(tag);
    if (content.length === 0 || content.length > 5) throw this.#malformed();
    const value = Buffer.from(content).readIntBE(0, content.length);
    return value;
  }

  expectEnd(): void {
    if (!this.isAtEnd) throw this.#malformed();
  }

  #length(start: number): { length: number; size: number } {
    const first = this.#bytes[start];
    if (first === undefined || first === 0x80 || first > 0x84) throw this.#malformed();
    if (first < 0x80) return { length: first, size: 1 };
    const count = first & 0x7f;
    if (start + 1 + count > this.#bytes.length) throw this.#malformed();
    let length = 0;
    for (let index = 1; index <= count; index += 1) length = length * 256 + this.#bytes[start + index]!;
    return { length, size: 1 + count };
  }

  #malformed(): AuthError {
    return new AuthError('bad-token', `${this.#what} is malformed.`);
  }
}

/** One element around its parts; absent parts are left out. */
export function der(tag: number, ...parts: readonly (Uint8Array | undefined)[]): Buffer {
  const content = Buffer.concat(parts.filter((part) => part !== undefined));
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** A small non-negative INTEGER. */
export function derInteger(value: number, tag: number = Tag.INTEGER): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  const first = octets.findIndex((octet) => octet !== 0);
  const shortest = octets.subarray(first < 0 ? 3 : first);
  return der(tag, shortest[0]! >= 0x80 ? Buffer.from([0]) : undefined, shortest);
}

/** An object identifier, whole, from its dotted form. */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return der(Tag.OID, Buffer.from(octets));
}
