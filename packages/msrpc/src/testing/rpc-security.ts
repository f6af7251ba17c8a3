import type { Acceptance } from '@slipline/windows-auth/testing';
import { Malformed } from './bytes.ts';
import { formatPdu, formatTrailer, HEADER, TRAILER, type Pdu, type Verifier } from './rpc-pdu.ts';

export const PRIVACY = 6;
const SIGNATURE = 16;
/** The request and the response header after the common one. */
export const CALL_HEADER = 8;

/** What protects the fragments of one pipe, once the handshake is over. */
export class RpcSecurity {
  readonly type: number;
  readonly level: number;
  readonly contextId: number;
  readonly acceptance: Acceptance;
  isComplete = false;
  /** Whoever this is did not prove it. */
  isRefused = false;

  constructor({ type, level, contextId }: Verifier, acceptance: Acceptance) {
    this.type = type;
    this.level = level;
    this.contextId = contextId;
    this.acceptance = acceptance;
  }

  /** One leg; answers the token to send. */
  step(token: Uint8Array): Uint8Array | undefined {
    try {
      const step = this.acceptance.step(token);
      this.isComplete = step.done;
      return step.token;
    } catch {
      this.isRefused = true;
      return undefined;
    }
  }

  get overhead(): number {
    return TRAILER + SIGNATURE;
  }

  /** The stub of a request. `prefix` octets after the common header are not part of it. Throws where it was touched. */
  open(pdu: Pdu, prefix: number): Buffer {
    const { verifier, raw } = pdu;
    if (
      verifier?.type !== this.type ||
      verifier.level !== this.level ||
      verifier.contextId !== this.contextId
    )
      throw new Malformed('a verifier of another context');
    const end = raw.length - verifier.token.length;
    const before = raw.subarray(0, HEADER + prefix);
    const stub = raw.subarray(HEADER + prefix, end - TRAILER);
    const after = raw.subarray(end - TRAILER, end);
    if (verifier.padding > stub.length) throw new Malformed('more padding than stub');
    const clear =
      this.level === PRIVACY
        ? Buffer.from(this.acceptance.unwrap({ data: stub, token: verifier.token }, { before, after }))
        : stub;
    if (this.level !== PRIVACY) this.acceptance.verify(raw.subarray(0, end), verifier.token);
    return clear.subarray(0, clear.length - verifier.padding);
  }

  /** A whole protected fragment. */
  close(type: number, flags: number, callId: number, prefix: Uint8Array, stub: Uint8Array): Buffer {
    const padding = (16 - (stub.length % 16)) % 16;
    const padded = Buffer.concat([stub, Buffer.alloc(padding, 0xbb)]);
    const { type: mechanism, level, contextId } = this;
    const trailer = formatTrailer({ type: mechanism, level, padding, contextId });
    const clear = formatPdu(type, flags, callId, Buffer.concat([prefix, padded]), SIGNATURE, trailer);
    if (level !== PRIVACY) return Buffer.concat([clear, this.acceptance.sign(clear)]);
    const before = clear.subarray(0, HEADER + prefix.length);
    const after = clear.subarray(clear.length - TRAILER);
    const { data, token } = this.acceptance.wrap(padded, { before, after });
    return Buffer.concat([before, data, after, token]);
  }
}
