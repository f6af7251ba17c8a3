import { createHash, createHmac } from 'node:crypto';
import { utf16 } from './av-pairs.ts';
import { md4 } from './md4.ts';
import { hasFlags } from './ntlm-flags.ts';

/** Whose messages a key protects. */
export type Direction = 'client-to-server' | 'server-to-client';

export function hmacMd5(key: Uint8Array, ...data: readonly Uint8Array[]): Buffer {
  return data.reduce((hmac, part) => hmac.update(part), createHmac('md5', key)).digest();
}

/** NTOWFv2 (MS-NLMP 3.3.2): the domain goes in as it came, the user name in capitals. */
export function ntlmV2Key(password: string, userName: string, domain: string): Buffer {
  return hmacMd5(md4(utf16(password)), utf16(capitals(userName) + domain));
}

/** SIGNKEY (MS-NLMP 3.4.5.2). */
export function signingKey(exportedKey: Uint8Array, direction: Direction): Buffer {
  return magic(exportedKey, direction, 'signing');
}

/** SEALKEY under extended session security (MS-NLMP 3.4.5.3). */
export function sealingKey(exportedKey: Uint8Array, direction: Direction, flags: number): Buffer {
  const length = hasFlags(flags, 'KEY_128') ? 16 : hasFlags(flags, 'KEY_56') ? 7 : 5;
  return magic(exportedKey.subarray(0, length), direction, 'sealing');
}

function magic(key: Uint8Array, direction: Direction, use: 'signing' | 'sealing'): Buffer {
  return createHash('md5')
    .update(key)
    .update(`session key to ${direction} ${use} key magic constant\0`, 'latin1')
    .digest();
}

/** One code unit for one, as Windows does it: `ß` stays. */
function capitals(text: string): string {
  return Array.from({ length: text.length }, (_, index) => {
    const capital = text.charAt(index).toUpperCase();
    return capital.length === 1 ? capital : text.charAt(index);
  }).join('');
}
