import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { AuthError } from './errors.ts';

/** The record layer of TLS 1.2 with AES-GCM (RFC 5246 section 6, RFC 5288), for what comes after the handshake. */

export const RecordType = { CHANGE_CIPHER_SPEC: 20, ALERT: 21, HANDSHAKE: 22, APPLICATION_DATA: 23 } as const;
const HEADER_LENGTH = 5;
export const TAG_LENGTH = 16;
const EXPLICIT_NONCE_LENGTH = 8;
const MAX_FRAGMENT = 16_384;
const MAX_RECORD = MAX_FRAGMENT + 2048;

export interface TlsSecrets {
  readonly masterSecret: Uint8Array;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** IANA's name of the cipher suite, such as `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`. */
  readonly suite: string;
}

interface Direction {
  readonly key: Buffer;
  readonly salt: Buffer;
  sequence: bigint;
}

/** Both directions, from the record on that follows each side's Finished. */
export class TlsRecords {
  readonly #algorithm: 'aes-128-gcm' | 'aes-256-gcm';
  readonly #outgoing: Direction;
  readonly #incoming: Direction;

  constructor({ masterSecret, clientRandom, serverRandom, suite }: TlsSecrets) {
    const match = /_AES_(128|256)_GCM_(SHA256|SHA384)$/.exec(suite);
    if (match === null)
      throw new AuthError('unsupported', 'The server agreed on a cipher that was not offered.');
    const size = match[1] === '256' ? 32 : 16;
    this.#algorithm = match[1] === '256' ? 'aes-256-gcm' : 'aes-128-gcm';
    const seed = Buffer.concat([Buffer.from('key expansion'), serverRandom, clientRandom]);
    const block = pseudoRandom(match[2] === 'SHA384' ? 'sha384' : 'sha256', masterSecret, seed, 2 * size + 8);
    const [client, server] = [2 * size, 2 * size + 4].map((salt, side) => ({
      key: Buffer.from(block.subarray(side * size, (side + 1) * size)),
      salt: Buffer.from(block.subarray(salt, salt + 4)),
      // Finished was the first record under these keys.
      sequence: 1n,
    })) as [Direction, Direction];
    [this.#outgoing, this.#incoming] = [client, server];
    block.fill(0);
  }

  /** One record for each 16 KiB; at least one. */
  seal(data: Uint8Array): Buffer {
    const records: Buffer[] = [];
    for (let start = 0; start === 0 || start < data.length; start += MAX_FRAGMENT) {
      records.push(this.#sealOne(data.subarray(start, start + MAX_FRAGMENT)));
    }
    return Buffer.concat(records);
  }

  /** The clear text of whole application records. */
  open(records: Uint8Array): Buffer {
    const reader = new RecordReader();
    reader.add(records);
    const clear: Buffer[] = [];
    for (let record = reader.next(); record !== undefined; record = reader.next())
      clear.push(this.openOne(record));
    if (!reader.isEmpty) throw new AuthError('tampered', 'A sealed message was cut off.');
    return Buffer.concat(clear);
  }

  openOne(record: TlsRecord): Buffer {
    const { fragment, type } = record;
    if (fragment.length < EXPLICIT_NONCE_LENGTH + TAG_LENGTH) throw tampered();
    const { key, salt } = this.#incoming;
    const explicit = fragment.subarray(0, EXPLICIT_NONCE_LENGTH);
    const sealed = fragment.subarray(EXPLICIT_NONCE_LENGTH, -TAG_LENGTH);
    const decipher = createDecipheriv(this.#algorithm, key, Buffer.concat([salt, explicit]));
    decipher.setAAD(additionalData(this.#incoming.sequence, type, sealed.length));
    decipher.setAuthTag(fragment.subarray(-TAG_LENGTH));
    let clear: Buffer;
    try {
      clear = Buffer.concat([decipher.update(sealed), decipher.final()]);
    } catch {
      throw tampered();
    }
    this.#incoming.sequence += 1n;
    if (type === RecordType.ALERT) throw new AuthError('refused', 'The server ended the TLS channel.');
    if (type !== RecordType.APPLICATION_DATA)
      throw new AuthError('bad-token', 'The server wants to renegotiate TLS.');
    return clear;
  }

  wipe(): void {
    for (const { key, salt } of [this.#outgoing, this.#incoming]) {
      key.fill(0);
      salt.fill(0);
    }
  }

  #sealOne(data: Uint8Array): Buffer {
    const { key, salt, sequence } = this.#outgoing;
    const explicit = Buffer.alloc(EXPLICIT_NONCE_LENGTH);
    explicit.writeBigUInt64BE(sequence);
    const cipher = createCipheriv(this.#algorithm, key, Buffer.concat([salt, explicit]));
    cipher.setAAD(additionalData(sequence, RecordType.APPLICATION_DATA, data.length));
    const sealed = [cipher.update(data), cipher.final(), cipher.getAuthTag()];
    this.#outgoing.sequence += 1n;
    const length = EXPLICIT_NONCE_LENGTH + data.length + TAG_LENGTH;
    const header = Buffer.from([RecordType.APPLICATION_DATA, 3, 3, length >>> 8, length & 0xff]);
    return Buffer.concat([header, explicit, ...sealed]);
  }
}

export interface TlsRecord {
  readonly type: number;
  readonly fragment: Uint8Array;
  /** With its header, as it came. */
  readonly whole: Uint8Array;
}

/** Cuts what arrives, in whatever pieces, into records. */
export class RecordReader {
  #bytes: Buffer = Buffer.alloc(0);

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  add(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  next(): TlsRecord | undefined {
    if (this.#bytes.length < HEADER_LENGTH) return undefined;
    const [type = 0, major] = this.#bytes;
    const length = this.#bytes.readUInt16BE(3);
    if (
      type < RecordType.CHANGE_CIPHER_SPEC ||
      type > RecordType.APPLICATION_DATA ||
      major !== 3 ||
      length > MAX_RECORD
    ) {
      throw new AuthError('bad-token', 'The server answered something other than TLS.');
    }
    if (this.#bytes.length < HEADER_LENGTH + length) return undefined;
    const whole = this.#bytes.subarray(0, HEADER_LENGTH + length);
    this.#bytes = this.#bytes.subarray(whole.length);
    return { type, fragment: whole.subarray(HEADER_LENGTH), whole };
  }
}

function additionalData(sequence: bigint, type: number, length: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeBigUInt64BE(sequence);
  data.set([type, 3, 3], 8);
  data.writeUInt16BE(length, 11);
  return data;
}

/** P_hash, RFC 5246 section 5. `seed` begins with the label. */
function pseudoRandom(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const hmac = (...parts: readonly Uint8Array[]) => {
    const digest = createHmac(hash, secret);
    for (const part of parts) digest.update(part);
    return digest.digest();
  };
  const blocks: Buffer[] = [];
  let a: Uint8Array = seed;
  for (let made = 0; made < length; made += blocks.at(-1)!.length) {
    a = hmac(a);
    blocks.push(hmac(a, seed));
  }
  return Buffer.concat(blocks, length);
}

function tampered(): AuthError {
  return new AuthError('tampered', 'A sealed message was changed on the way, or came out of its order.', {
    next: 'Connect again.',
  });
}
