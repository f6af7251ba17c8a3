import { createHash, randomBytes } from 'node:crypto';
import { DisconnectError } from '@slipline/core';
import type { Challenge } from './wsman-challenge.ts';
import type { WsmanCredential } from './wsman-sign-in.ts';

const HASHES: Readonly<Record<string, string>> = { 'SHA-256': 'sha256', MD5: 'md5' };

/** HTTP Digest (RFC 7616) with `qop=auth`, which guards the password and nothing else. */
export class Digest {
  readonly #parameters: Readonly<Record<string, string>>;
  readonly #algorithm: string;
  readonly #credential: WsmanCredential;
  #count = 0;

  private constructor(
    parameters: Readonly<Record<string, string>>,
    algorithm: string,
    credential: WsmanCredential,
  ) {
    this.#parameters = parameters;
    this.#algorithm = algorithm;
    this.#credential = credential;
  }

  /** For the best of these challenges. Throws `unauthenticated` where none can be answered. */
  static of(challenges: readonly Challenge[], credential: WsmanCredential): Digest {
    for (const algorithm of Object.keys(HASHES)) {
      const fit = challenges.find(
        ({ parameters: { algorithm: own = 'MD5', qop = '', nonce, realm } }) =>
          own.toUpperCase() === algorithm &&
          /\bauth\b(?!-)/.test(qop) &&
          nonce !== undefined &&
          realm !== undefined,
      );
      if (fit !== undefined) return new Digest(fit.parameters, algorithm, credential);
    }
    throw new DisconnectError(
      'unauthenticated',
      'the server offers no form of Digest that this client speaks',
      {
        next: 'connect with --authentication negotiate, or over TLS with basic',
      },
    );
  }

  /** The header for the next request. */
  authorization(method: string, uri: string): string {
    const { realm = '', nonce = '', opaque } = this.#parameters;
    const { userName, password } = this.#credential;
    this.#count += 1;
    const count = this.#count.toString(16).padStart(8, '0');
    const own = randomBytes(16).toString('hex');
    const secret = this.#hash(`${userName}:${realm}:${password.reveal()}`);
    const response = this.#hash(`${secret}:${nonce}:${count}:${own}:auth:${this.#hash(`${method}:${uri}`)}`);
    const fields = [
      `username="${quoted(userName)}"`,
      `realm="${quoted(realm)}"`,
      `nonce="${quoted(nonce)}"`,
      `uri="${quoted(uri)}"`,
      `algorithm=${this.#algorithm}`,
      `qop=auth`,
      `nc=${count}`,
      `cnonce="${own}"`,
      `response="${response}"`,
      ...(opaque === undefined ? [] : [`opaque="${quoted(opaque)}"`]),
    ];
    return `Digest ${fields.join(', ')}`;
  }

  #hash(text: string): string {
    return createHash(HASHES[this.#algorithm] ?? 'md5')
      .update(text, 'utf8')
      .digest('hex');
  }
}

function quoted(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&');
}
