import { randomBytes } from 'node:crypto';
import { AV, decodeAvPairs, encodeAvPairs, utf16, type AvPair } from './av-pairs.ts';
import { flagsOf } from './ntlm-flags.ts';
import { hmacMd5, ntlmV2Key } from './ntlm-keys.ts';
import type { NtlmUser } from './ntlm-settings.ts';
import { Rc4 } from './rc4.ts';

export interface ClientOptions {
  readonly user: NtlmUser;
  readonly flags?: number;
  /** Pairs that the client adds, or replaces. */
  readonly pairs?: readonly AvPair[];
  readonly noMic?: boolean;
  /** What becomes of the AUTHENTICATE before it is sent. */
  readonly change?: (message: Buffer) => void;
}

const OFFER = 0xe2888237;
const HEAD = 88;

/** A client's messages, as MS-NLMP 3.1.5.1.2 has them, with ways to go wrong. */
export class TestClient {
  readonly exportedKey = randomBytes(16);
  readonly negotiate: Buffer;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.negotiate = Buffer.alloc(40);
    this.negotiate.write('NTLMSSP\0', 'latin1');
    this.negotiate.writeUInt32LE(1, 8);
    this.negotiate.writeUInt32LE(options.flags ?? OFFER, 12);
  }

  authenticate(challenge: Uint8Array | undefined): Buffer {
    const { user, pairs = [], noMic = false, change } = this.#options;
    const received = Buffer.from(challenge ?? []);
    const infoStart = received.readUInt32LE(44);
    const info = decodeAvPairs(received.subarray(infoStart, infoStart + received.readUInt16LE(40)));
    const merged = new Map<number, Uint8Array>([...info, ...pairs]);
    if (!noMic) merged.set(AV.flags, Buffer.of(2, 0, 0, 0));
    const time = info.get(AV.timestamp) ?? Buffer.alloc(8);
    const temp = Buffer.concat([
      Buffer.from('0101000000000000', 'hex'),
      time,
      randomBytes(8),
      Buffer.alloc(4),
      encodeAvPairs([...merged]),
      Buffer.alloc(4),
    ]);
    const domain = user.domain ?? '';
    const key = ntlmV2Key(user.password, user.userName, domain);
    const proof = hmacMd5(key, received.subarray(24, 32), temp);
    const flags = ((this.#options.flags ?? OFFER) & received.readUInt32LE(20)) >>> 0;
    const base = hmacMd5(key, proof);
    const isExchanged = (flags & flagsOf('KEY_EXCHANGE')) !== 0;
    const encrypted = isExchanged ? new Rc4(base).apply(this.exportedKey) : Buffer.alloc(0);
    if (!isExchanged) base.copy(this.exportedKey);
    const fields = [
      Buffer.alloc(24),
      Buffer.concat([proof, temp]),
      utf16(domain),
      utf16(user.userName),
      utf16('CLIENT'),
      encrypted,
    ];
    const message = Buffer.concat([Buffer.alloc(HEAD), ...fields]);
    message.write('NTLMSSP\0', 'latin1');
    message.writeUInt32LE(3, 8);
    fields.reduce((start, value, index) => {
      message.writeUInt16LE(value.length, 12 + 8 * index);
      message.writeUInt16LE(value.length, 14 + 8 * index);
      message.writeUInt32LE(start, 16 + 8 * index);
      return start + value.length;
    }, HEAD);
    message.writeUInt32LE(flags, 60);
    if (!noMic) hmacMd5(this.exportedKey, this.negotiate, received, message).copy(message, 72);
    change?.(message);
    return message;
  }
}
