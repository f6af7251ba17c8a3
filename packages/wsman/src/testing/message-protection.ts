import type { Acceptance, CredsspAcceptance } from '@slipline/windows-auth/testing';
import { readSealed, sealedType, SOAP_TYPE, writeSealed, type SealedPart } from './sealing.ts';

/** A body as it goes over the wire, and its type. */
export interface WireBody {
  readonly body: Buffer;
  readonly contentType: string;
}

export interface ClearBody {
  readonly clear: Buffer;
  /** The content type that it had before it was sealed. */
  readonly originalType: string;
}

/** Seals and opens the bodies of one connection, in the order of the wire. */
export interface MessageProtection {
  readonly protocol: string;
  /** Nothing where the body is malformed. Throws `AuthRefusal` where it is not the client's. */
  unseal(body: Buffer): Promise<ClearBody | undefined>;
  seal(clear: Buffer): Promise<WireBody>;
}

/** Messages under NTLM: a signature of 16 octets, and data as long as the clear text (MS-WSMV 2.2.9.1.1). */
export class SpnegoProtection implements MessageProtection {
  readonly protocol = 'application/HTTP-SPNEGO-session-encrypted';
  readonly #acceptance: Acceptance;

  constructor(acceptance: Acceptance) {
    this.#acceptance = acceptance;
  }

  async unseal(body: Buffer): Promise<ClearBody | undefined> {
    const parts = readSealed(body, this.protocol, ({ tokenLength, length }) => tokenLength + length);
    const [part] = parts ?? [];
    if (part === undefined || parts?.length !== 1) return undefined;
    const { encrypted, tokenLength, originalType } = part;
    const token = encrypted.subarray(0, tokenLength);
    const clear = this.#acceptance.unwrap({ token, data: encrypted.subarray(tokenLength) });
    return { clear: Buffer.from(clear), originalType };
  }

  async seal(clear: Buffer): Promise<WireBody> {
    const { data, token } = this.#acceptance.wrap(clear);
    const part: SealedPart = {
      originalType: SOAP_TYPE,
      length: clear.length,
      tokenLength: token.length,
      encrypted: Buffer.concat([token, data]),
    };
    return { body: writeSealed(this.protocol, [part]), contentType: sealedType(this.protocol) };
  }
}

/** What one TLS record holds. */
const RECORD = 16_384;
/** Octets of the tag that AES-GCM puts behind a record. */
const TRAILER = 16;
const RECORD_HEAD = 5;

/** Messages under CredSSP: one TLS record to a part (MS-WSMV 2.2.9.1.3). */
export class CredsspProtection implements MessageProtection {
  readonly protocol = 'application/HTTP-CredSSP-session-encrypted';
  readonly #acceptance: CredsspAcceptance;

  constructor(acceptance: CredsspAcceptance) {
    this.#acceptance = acceptance;
  }

  async unseal(body: Buffer): Promise<ClearBody | undefined> {
    const parts = readSealed(body, this.protocol, (_, rest) =>
      rest.length < RECORD_HEAD ? Infinity : RECORD_HEAD + rest.readUInt16BE(3),
    );
    if (parts === undefined) return undefined;
    const texts: Buffer[] = [];
    for (const { encrypted, length, tokenLength } of parts) {
      const clear = await this.#acceptance.unwrap(encrypted);
      if (clear.length !== length || tokenLength !== TRAILER) return undefined;
      texts.push(clear);
    }
    return { clear: Buffer.concat(texts), originalType: parts[0]?.originalType ?? '' };
  }

  async seal(clear: Buffer): Promise<WireBody> {
    const parts: SealedPart[] = [];
    for (let start = 0; start < clear.length; start += RECORD) {
      const chunk = clear.subarray(start, start + RECORD);
      const encrypted = await this.#acceptance.wrap(chunk);
      parts.push({ originalType: SOAP_TYPE, length: chunk.length, tokenLength: TRAILER, encrypted });
    }
    const kind = parts.length > 1 ? 'x-multi-encrypted' : 'encrypted';
    return { body: writeSealed(this.protocol, parts), contentType: sealedType(this.protocol, kind) };
  }
}
