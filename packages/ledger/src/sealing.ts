import type { KeyObject } from 'node:crypto';
import { DisconnectError } from '@slipline/core';
import { cryptography } from './builtin.ts';
import type { KeyFolder } from './key-folder.ts';

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;
const KEY = 32;

/** What is sealed belongs to one key file and to what `about` says, and opens for nothing else. */
export interface SealedFor {
  readonly key: string;
  readonly about: readonly string[];
}

/** Seals texts, each with a key of its own that the wrapping key wraps. */
export class Sealer {
  readonly #wrappingKey: KeyObject;
  readonly #fingerprintKey: KeyObject;
  readonly #keys: KeyFolder;

  constructor(wrappingKey: Uint8Array, fingerprintKey: Uint8Array, keys: KeyFolder) {
    this.#wrappingKey = cryptography().createSecretKey(wrappingKey);
    this.#fingerprintKey = cryptography().createSecretKey(fingerprintKey);
    this.#keys = keys;
  }

  /** The same for the same secret in the same ledger; it cannot be tried out without the ledger's key. */
  fingerprint(text: string): string {
    return cryptography().createHmac('sha256', this.#fingerprintKey).update(text).digest('hex');
  }

  /** Makes a new key; its file is on disk when this returns. */
  seal(text: string, place: SealedFor): Uint8Array {
    const key = cryptography().randomBytes(KEY);
    try {
      this.#keys.write(place.key, encrypt(this.#wrappingKey, key, bound('key', [place.key])));
      return encryptText(key, text, place);
    } finally {
      key.fill(0);
    }
  }

  /** Seals another text with the key that is there. */
  sealAgain(text: string, place: SealedFor): Uint8Array {
    return this.#withKey(place.key, (key) => encryptText(key, text, place));
  }

  /** Throws `internal` where the key is gone, or either was changed or belongs elsewhere. */
  unseal(sealed: Uint8Array, place: SealedFor): string {
    return this.#withKey(place.key, (key) =>
      decrypt(key, sealed, bound('secret', [place.key, ...place.about])).toString('utf8'),
    );
  }

  #withKey<T>(name: string, work: (key: Buffer) => T): T {
    const wrapped = this.#keys.read(name);
    if (wrapped === undefined) throw unreadable('its key is gone');
    const key = decrypt(this.#wrappingKey, wrapped, bound('key', [name]));
    try {
      return work(key);
    } finally {
      key.fill(0);
    }
  }
}

function encryptText(key: Uint8Array, text: string, { key: name, about }: SealedFor): Uint8Array {
  return encrypt(key, Buffer.from(text, 'utf8'), bound('secret', [name, ...about]));
}

/** Nonce, tag, ciphertext. */
function encrypt(key: Uint8Array | KeyObject, content: Uint8Array, context: Buffer): Uint8Array {
  const nonce = cryptography().randomBytes(NONCE);
  const cipher = cryptography().createCipheriv(CIPHER, key, nonce, { authTagLength: TAG }).setAAD(context);
  const text = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: Uint8Array | KeyObject, sealed: Uint8Array, context: Buffer): Buffer {
  try {
    const decipher = cryptography().createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE), {
      authTagLength: TAG,
    });
    decipher.setAAD(context).setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
  } catch (cause) {
    throw unreadable('it, or its key, was changed', cause);
  }
}

function bound(what: 'key' | 'secret', parts: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(['slipline', 1, what, ...parts]), 'utf8');
}

function unreadable(why: string, cause?: unknown): DisconnectError {
  return new DisconnectError('internal', `a sealed secret cannot be read: ${why}`, {
    cause,
    next: 'end the session on its system, then disconnect it here with what Slipline offers, or connect again',
  });
}
