import { createHash, createHmac } from 'node:crypto';
import { AuthError } from './errors.ts';
import { md4 } from './md4.ts';
import { Rc4 } from './rc4.ts';

/** NTLMv2, MS-NLMP 3.3.2 and 3.4.5, as pure functions of their inputs. */

export interface Nonces {
  readonly serverChallenge: Uint8Array;
  readonly clientChallenge: Uint8Array;
}

/** Throws where Node.js has no MD5, as in FIPS mode. */
export function expectMd5(make: () => unknown = () => createHash('md5')): void {
  try {
    make();
  } catch (cause) {
    throw new AuthError('unsupported', 'This Node.js has no MD5, and so no NTLM: it may run in FIPS mode.', {
      next: 'Sign in with Kerberos or a certificate.',
      cause,
    });
  }
}

export function hmacMd5(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const hmac = createHmac('md5', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** NTOWFv2. The user is upper-cased, the domain is taken as it is. */
export function responseKey(password: Uint8Array, user: string, domain: string): Buffer {
  const ntHash = md4(password);
  const key = hmacMd5(ntHash, Buffer.from(upperCase(user) + domain, 'utf16le'));
  ntHash.fill(0);
  return key;
}

/** One code unit for one, as Windows does it: JavaScript makes two letters of `ß`. */
function upperCase(text: string): string {
  let upper = '';
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charAt(index);
    const candidate = unit.toUpperCase();
    upper += candidate.length === 1 ? candidate : unit;
  }
  return upper;
}

/** NTLMv2_CLIENT_CHALLENGE, 2.2.2.7, with the four zeros that follow it. `time` is a FILETIME, eight octets. */
export function clientBlob(time: Uint8Array, clientChallenge: Uint8Array, targetInfo: Uint8Array): Buffer {
  const head = Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, time, clientChallenge, Buffer.alloc(4), targetInfo, Buffer.alloc(4)]);
}

export function proofOf(key: Uint8Array, { serverChallenge }: Nonces, blob: Uint8Array): Buffer {
  return hmacMd5(key, serverChallenge, blob);
}

/** LMv2: only where the server sends no timestamp; 3.1.5.1.2. */
export function lmResponse(key: Uint8Array, { serverChallenge, clientChallenge }: Nonces): Buffer {
  return Buffer.concat([hmacMd5(key, serverChallenge, clientChallenge), clientChallenge]);
}

export function sealedKey(keyExchangeKey: Uint8Array, exportedKey: Uint8Array): Buffer {
  const stream = new Rc4(keyExchangeKey);
  const sealed = stream.update(exportedKey);
  stream.wipe();
  return sealed;
}

export type Direction = 'client-to-server' | 'server-to-client';

/** SIGNKEY and SEALKEY for 128 bits, 3.4.5.2 and 3.4.5.3. */
export function directionKey(
  exportedKey: Uint8Array,
  direction: Direction,
  use: 'signing' | 'sealing',
): Buffer {
  const magic = `session key to ${direction} ${use} key magic constant\0`;
  return createHash('md5').update(exportedKey).update(magic, 'latin1').digest();
}
