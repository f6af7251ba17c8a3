import { expect, it, describe } from '@jest/globals';
import {
  clientBlob,
  directionKey,
  hmacMd5,
  lmResponse,
  proofOf,
  responseKey,
  sealedKey,
} from './ntlm-keys.ts';
import { writeAvPairs } from './av-pairs.ts';
import { NtlmStream } from './ntlm-stream.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

// MS-NLMP 4.2.1.
const password = utf16('Password');
const serverChallenge = hex('0123456789abcdef');
const clientChallenge = Buffer.alloc(8, 0xaa);
const nonces = { serverChallenge, clientChallenge };
const sessionKey = Buffer.alloc(16, 0x55);
const targetInfo = writeAvPairs([
  { id: 2, value: utf16('Domain') },
  { id: 1, value: utf16('Server') },
]);

describe('MS-NLMP 4.2', () => {
  const key = responseKey(password, 'User', 'Domain');
  const blob = clientBlob(Buffer.alloc(8), clientChallenge, targetInfo);
  const proof = proofOf(key, nonces, blob);
  const base = hmacMd5(key, proof);

  it('derives the keys of 4.2.4.1', () => {
    expect(key.toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
    expect(blob.subarray(0, -4).toString('hex')).toBe(
      '01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c00530065007200760065007200' +
        '00000000',
    );
    expect(base.toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
  });

  it('makes the responses of 4.2.4.2', () => {
    expect(lmResponse(key, nonces).toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
    expect(proof.toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c');
    expect(sealedKey(base, sessionKey).toString('hex')).toBe('c5dad2544fc9799094ce1ce90bc9d03e');
  });

  it('seals as 4.2.4.4 does, and opens it again', () => {
    expect(directionKey(sessionKey, 'client-to-server', 'sealing').toString('hex')).toBe(
      '59f600973cc4960a25480a7c196e4c58',
    );
    expect(directionKey(sessionKey, 'client-to-server', 'signing').toString('hex')).toBe(
      '4788dc861b4782f35d43fd98fe1a2d39',
    );
    const sealed = new NtlmStream(sessionKey, 'client-to-server').seal(utf16('Plaintext'));
    expect(Buffer.from(sealed.data).toString('hex')).toBe('54e50165bf1936dc996020c1811b0f06fb5f');
    expect(Buffer.from(sealed.token).toString('hex')).toBe('010000007fb38ec5c55d497600000000');
    expect(new NtlmStream(sessionKey, 'client-to-server').unseal(sealed)).toEqual(utf16('Plaintext'));
  });
});
