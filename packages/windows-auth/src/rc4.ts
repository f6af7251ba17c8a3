/** RC4 (RFC 6229 has its vectors), which NTLM seals with and OpenSSL 3 no longer offers. One stream: each call continues it. */
export class Rc4 {
  readonly #state = new Uint8Array(256);
  #i = 0;
  #j = 0;

  constructor(key: Uint8Array) {
    if (key.length === 0 || key.length > 256) throw new RangeError('An RC4 key has 1 to 256 octets.');
    const state = this.#state;
    for (let i = 0; i < 256; i += 1) state[i] = i;
    for (let i = 0, j = 0; i < 256; i += 1) {
      const value = state[i]!;
      j = (j + value + key[i % key.length]!) & 255;
      state[i] = state[j]!;
      state[j] = value;
    }
  }

  /** Encrypts, or decrypts, the next octets. */
  update(data: Uint8Array): Buffer {
    const state = this.#state;
    const result = Buffer.allocUnsafe(data.length);
    let [i, j] = [this.#i, this.#j];
    for (let index = 0; index < data.length; index += 1) {
      i = (i + 1) & 255;
      const value = state[i]!;
      j = (j + value) & 255;
      const other = state[j]!;
      state[i] = other;
      state[j] = value;
      result[index] = data[index]! ^ state[(value + other) & 255]!;
    }
    [this.#i, this.#j] = [i, j];
    return result;
  }

  wipe(): void {
    this.#state.fill(0);
    this.#i = this.#j = 0;
  }
}
