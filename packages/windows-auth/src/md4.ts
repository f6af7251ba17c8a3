const SHIFTS = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
] as const;
const ORDERS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
] as const;
const CONSTANTS = [0, 0x5a827999, 0x6ed9eba1] as const;

/** MD4 (RFC 1320), which NTLM keys passwords with and OpenSSL 3 no longer offers. Good for nothing else. */
export function md4(message: Uint8Array): Buffer {
  const blocks = padded(message);
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  const words = new Uint32Array(16);
  for (let start = 0; start < blocks.length; start += 64) {
    for (let index = 0; index < 16; index += 1) words[index] = blocks.readUInt32LE(start + 4 * index);
    compress(state, words);
  }
  blocks.fill(0);
  words.fill(0);
  const digest = Buffer.alloc(16);
  state.forEach((word, index) => digest.writeUInt32LE(word, 4 * index));
  return digest;
}

function padded(message: Uint8Array): Buffer {
  const blocks = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  blocks.set(message);
  blocks[message.length] = 0x80;
  blocks.writeBigUInt64LE(BigInt(message.length) * 8n, blocks.length - 8);
  return blocks;
}

function compress(state: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (const [round, order] of ORDERS.entries()) {
    for (const [step, word] of order.entries()) {
      const sum = a + mix(round, b, c, d) + (words[word] ?? 0) + (CONSTANTS[round] ?? 0);
      const shift = SHIFTS[round]?.[step % 4] ?? 0;
      [a, b, c, d] = [d, (sum << shift) | ((sum >>> 0) >>> (32 - shift)), b, c];
    }
  }
  for (const [index, value] of [a, b, c, d].entries()) state[index] = (state[index] ?? 0) + value;
}

function mix(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z);
  if (round === 1) return (x & y) | (x & z) | (y & z);
  return x ^ y ^ z;
}
