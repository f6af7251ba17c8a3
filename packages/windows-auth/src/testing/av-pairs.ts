import { AuthRefusal } from './refusal.ts';

/** Ids of the pairs in a target information (MS-NLMP 2.2.2.1). */
export const AV = {
  end: 0,
  netbiosComputer: 1,
  netbiosDomain: 2,
  dnsComputer: 3,
  dnsDomain: 4,
  dnsTree: 5,
  flags: 6,
  timestamp: 7,
  targetName: 9,
  channelBinding: 10,
} as const;

export type AvPair = readonly [id: number, value: Uint8Array];

export const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** The pairs with the one that ends the list. */
export function encodeAvPairs(pairs: readonly AvPair[]): Buffer {
  return Buffer.concat(
    [...pairs, [AV.end, new Uint8Array()] as const].flatMap(([id, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(value.length, 2);
      return [head, value];
    }),
  );
}

/** The values by id, up to the end of the list; refuses a list that does not end, and one that has a pair twice. */
export function decodeAvPairs(data: Uint8Array): ReadonlyMap<number, Buffer> {
  const bytes = Buffer.from(data);
  const pairs = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length;) {
    const id = bytes.readUInt16LE(at);
    const end = at + 4 + bytes.readUInt16LE(at + 2);
    if (id === AV.end) return pairs;
    if (end > bytes.length) break;
    if (pairs.has(id)) throw new AuthRefusal('invalidParameter', `AV pair ${id} is there twice.`);
    pairs.set(id, bytes.subarray(at + 4, end));
    at = end;
  }
  throw new AuthRefusal('invalidParameter', 'The AV pairs do not end.');
}
