const ROUNDS = [
  { shifts: [3, 7, 11, 19], constant: 0, order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] },
  {
    shifts: [3, 5, 9, 13],
    constant: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  },
  {
    shifts: [3, 9, 11, 15],
    constant: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
  },
] as const;

const MIXERS = [
  (x: number, y: number, z: number) => (x & y) | (~x & z),
  (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
  (x: number, y: number, z: number) => x ^ y ^ z,
] as const;

/** The MD4 digest, 16 octets (RFC 1320). OpenSSL 3 no longer offers it. */
export function md4(data: Uint8Array): Buffer {
  const padded = pad(data);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < padded.length; block += 64) digestBlock(padded, block, state);
  const digest = Buffer.alloc(16);
  state.forEach((word, index) => digest.writeInt32LE(word, 4 * index));
  return digest;
}

function pad(data: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.ceil((data.length + 9) / 64) * 64);
  padded.set(data);
  padded[data.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(data.length) * 8n, padded.length - 8);
  return padded;
}

function digestBlock(padded: Buffer, block: number, state: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  ROUNDS.forEach(({ shifts, constant, order }, round) => {
    const mix = MIXERS[round as 0 | 1 | 2];
    order.forEach((word, step) => {
      const sum = (a + mix(b, c, d) + padded.readInt32LE(block + 4 * word) + constant) | 0;
      const shift = shifts[(step % 4) as 0 | 1 | 2 | 3];
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    });
  });
  [a, b, c, d].forEach((word, index) => {
    state[index] = ((state[index] ?? 0) + word) | 0;
  });
}
