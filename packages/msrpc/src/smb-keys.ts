import { createHash } from 'node:crypto';
import { kdf } from '@slipline/windows-auth';
import type { SmbCipher, SmbDialect } from './smb-dialects.ts';

/** SHA-512 over everything said before the session has keys (MS-SMB2 3.1.4.4.1): it goes into the keys of 3.1.1. */
export class PreauthHash {
  #value: Buffer;

  constructor(value: Buffer = Buffer.alloc(64)) {
    this.#value = value;
  }

  add(message: Uint8Array): void {
    this.#value = createHash('sha512').update(this.#value).update(message).digest();
  }

  get value(): Buffer {
    return this.#value;
  }
}

export interface SmbKeys {
  readonly signing: Buffer;
  readonly encrypting: Buffer;
  readonly decrypting: Buffer;
}

/** MS-SMB2 3.1.4.2 and 3.2.5.3. SMB 2 signs with the session key itself and never encrypts. */
export function deriveKeys(
  exportedKey: Uint8Array,
  settings: {
    readonly dialect: SmbDialect;
    readonly cipher: SmbCipher | undefined;
    readonly preauth: Uint8Array;
  },
): SmbKeys {
  const sessionKey = Buffer.alloc(16);
  sessionKey.set(exportedKey.subarray(0, 16));
  if (settings.dialect.startsWith('2.')) {
    return { signing: sessionKey, encrypting: Buffer.alloc(0), decrypting: Buffer.alloc(0) };
  }
  const isLong = settings.cipher?.startsWith('aes-256') === true;
  const key = isLong ? exportedKey : sessionKey;
  const size = isLong ? 32 : 16;
  if (settings.dialect !== '3.1.1') {
    return {
      signing: kdf(sessionKey, text('SMB2AESCMAC'), text('SmbSign'), 16),
      encrypting: kdf(key, text('SMB2AESCCM'), text('ServerIn '), size),
      decrypting: kdf(key, text('SMB2AESCCM'), text('ServerOut'), size),
    };
  }
  return {
    signing: kdf(sessionKey, text('SMBSigningKey'), settings.preauth, 16),
    encrypting: kdf(key, text('SMBC2SCipherKey'), settings.preauth, size),
    decrypting: kdf(key, text('SMBS2CCipherKey'), settings.preauth, size),
  };
}

/** Labels and contexts count their terminating NUL. */
function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'latin1');
}
