import { AuthError } from './errors.ts';

/** MS-NLMP 2.2.2.1. */
export const AvId = {
  EOL: 0,
  NbComputerName: 1,
  NbDomainName: 2,
  DnsComputerName: 3,
  DnsDomainName: 4,
  DnsTreeName: 5,
  Flags: 6,
  Timestamp: 7,
  SingleHost: 8,
  TargetName: 9,
  ChannelBindings: 10,
} as const;

export interface AvPair {
  readonly id: number;
  readonly value: Uint8Array;
}

// Windows sends a dozen; every pair has a header of four octets, and the list a length of 16 bits.
const MAX_PAIRS = 64;

/** Reads a list up to its end mark. A list without one, or with one pair twice, is refused. */
export function readAvPairs(list: Uint8Array): AvPair[] {
  const view = Buffer.from(list.buffer, list.byteOffset, list.byteLength);
  const pairs: AvPair[] = [];
  const seen = new Set<number>();
  for (let offset = 0; pairs.length <= MAX_PAIRS;) {
    if (offset + 4 > view.length) throw bad('has no end');
    const [id, length] = [view.readUInt16LE(offset), view.readUInt16LE(offset + 2)];
    if (id === AvId.EOL) return pairs;
    offset += 4;
    if (offset + length > view.length) throw bad('has a value that is cut off');
    if (seen.has(id)) throw bad('names one attribute twice');
    seen.add(id);
    pairs.push({ id, value: view.subarray(offset, offset + length) });
    offset += length;
  }
  throw bad(`has more than ${MAX_PAIRS} attributes`);
}

export function writeAvPairs(pairs: readonly AvPair[]): Buffer {
  const parts = [...pairs, { id: AvId.EOL, value: Buffer.alloc(0) }].flatMap(({ id, value }) => {
    const header = Buffer.alloc(4);
    header.writeUInt16LE(id, 0);
    header.writeUInt16LE(value.length, 2);
    return [header, value];
  });
  return Buffer.concat(parts);
}

export function valueOf(pairs: readonly AvPair[], id: number): Uint8Array | undefined {
  return pairs.find((pair) => pair.id === id)?.value;
}

function bad(what: string): AuthError {
  return new AuthError('bad-token', `The server's NTLM target information ${what}.`);
}
