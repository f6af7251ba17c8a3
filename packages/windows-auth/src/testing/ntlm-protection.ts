import { timingSafeEqual } from 'node:crypto';
import type { Surroundings, Wrapped } from '../security-context.ts';
import { hasFlags } from './ntlm-flags.ts';
import { hmacMd5, sealingKey, signingKey, type Direction } from './ntlm-keys.ts';
import { Rc4 } from './rc4.ts';
import { AuthRefusal } from './refusal.ts';

/** How the server's side corrupts what it sends. */
export interface ProtectionFaults {
  /** Flips a bit of each signature, or of each encrypted text. */
  readonly tamper?: 'signature' | 'data' | undefined;
  /** Each message has the sequence number of the first one. */
  readonly replaySequence?: boolean | undefined;
}

/** One direction's keys, stream and counter. */
class Channel {
  readonly #signingKey: Buffer;
  readonly #sealingKey: Buffer;
  readonly #encryptsChecksum: boolean;
  #stream: Rc4;
  sequence = 0;

  constructor(exportedKey: Uint8Array, direction: Direction, flags: number) {
    this.#signingKey = signingKey(exportedKey, direction);
    this.#sealingKey = sealingKey(exportedKey, direction, flags);
    this.#encryptsChecksum = hasFlags(flags, 'KEY_EXCHANGE');
    this.#stream = new Rc4(this.#sealingKey);
  }

  crypt(data: Uint8Array): Buffer {
    return this.#stream.apply(data);
  }

  /** MAC (MS-NLMP 3.4.4.2) with the current number, without counting on. */
  signature(...message: readonly Uint8Array[]): Buffer {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(this.sequence);
    const checksum = hmacMd5(this.#signingKey, number, ...message).subarray(0, 8);
    return Buffer.concat([
      Buffer.of(1, 0, 0, 0),
      this.#encryptsChecksum ? this.crypt(checksum) : checksum,
      number,
    ]);
  }

  restartStream(): void {
    this.#stream = new Rc4(this.#sealingKey);
  }
}

/** Signing and sealing of a session's messages at the server (MS-NLMP 3.4): they count in the order of the wire. */
export class NtlmProtection {
  readonly #incoming: Channel;
  readonly #outgoing: Channel;
  readonly #faults: ProtectionFaults;

  constructor(exportedKey: Uint8Array, flags: number, faults: ProtectionFaults = {}) {
    this.#incoming = new Channel(exportedKey, 'client-to-server', flags);
    this.#outgoing = new Channel(exportedKey, 'server-to-client', flags);
    this.#faults = faults;
  }

  wrap(plain: Uint8Array, { before = NONE, after = NONE }: Surroundings = {}): Wrapped {
    const data = this.#outgoing.crypt(plain);
    const token = this.#send(before, plain, after);
    if (this.#faults.tamper === 'data') flipBit(data, 0);
    return { data, token };
  }

  /** Throws `AuthRefusal` where the signature or the sequence number is not right. */
  unwrap({ data, token }: Wrapped, { before = NONE, after = NONE }: Surroundings = {}): Buffer {
    const plain = this.#incoming.crypt(data);
    this.#receive(token, before, plain, after);
    return plain;
  }

  sign(message: Uint8Array): Buffer {
    return this.#send(message);
  }

  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#receive(signature, message);
  }

  /** What SPNEGO does after its MICs: the streams begin anew, the counters do not (MS-SPNG 3.3.5.1). */
  restartStreams(): void {
    this.#incoming.restartStream();
    this.#outgoing.restartStream();
  }

  #send(...message: readonly Uint8Array[]): Buffer {
    const signature = this.#outgoing.signature(...message);
    if (this.#faults.replaySequence !== true) this.#outgoing.sequence += 1;
    if (this.#faults.tamper === 'signature') flipBit(signature, 4);
    return signature;
  }

  #receive(signature: Uint8Array, ...message: readonly Uint8Array[]): void {
    const expected = this.#incoming.signature(...message);
    this.#incoming.sequence += 1;
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
      throw new AuthRefusal('invalidParameter', 'The signature of a message is not right.');
  }
}

const NONE = new Uint8Array();

export function flipBit(data: Uint8Array, at: number): void {
  data[at] = (data[at] ?? 0) ^ 1;
}
