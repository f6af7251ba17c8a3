/** One RC4 key stream, which each call takes up where the last one left it. OpenSSL 3 no longer offers it. */
export class Rc4 {
  readonly #state: Uint8Array;
  #i = 0;
  #j = 0;

  constructor(key: Uint8Array) {
    const state = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (let i = 0, j = 0; i < 256; i += 1) {
      const kept = at(state, i);
      j = (j + kept + at(key, i % key.length)) & 0xff;
      state[i] = at(state, j);
      state[j] = kept;
    }
    this.#state = state;
  }

  /** Encrypts or decrypts: the same operation. */
  apply(data: Uint8Array): Buffer {
    const result = Buffer.alloc(data.length);
    const state = this.#state;
    let [i, j] = [this.#i, this.#j];
    for (let index = 0; index < data.length; index += 1) {
      i = (i + 1) & 0xff;
      const kept = at(state, i);
      j = (j + kept) & 0xff;
      const other = at(state, j);
      state[i] = other;
      state[j] = kept;
      result[index] = at(data, index) ^ at(state, (kept + other) & 0xff);
    }
    [this.#i, this.#j] = [i, j];
    return result;
  }
}

function at(octets: Uint8Array, index: number): number {
  return octets[index] ?? 0;
}
