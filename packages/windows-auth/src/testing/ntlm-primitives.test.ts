import { describe, expect, it } from '@jest/globals';
import { utf16 } from './av-pairs.ts';
import { md4 } from './md4.ts';
import { hmacMd5, ntlmV2Key, sealingKey, signingKey } from './ntlm-keys.ts';
import { decodeAuthenticate } from './ntlm-messages.ts';
import { NtlmProtection } from './ntlm-protection.ts';
import { Rc4 } from './rc4.ts';
import { HANDSHAKE, hex, SPECIFICATION } from './vectors.test.support.ts';

describe('MD4, RFC 1320 A.5', () => {
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('of %j', (text, digest) => {
    expect(md4(Buffer.from(text)).toString('hex')).toBe(digest);
  });
});

describe('RC4', () => {
  it('agrees with the common pair', () => {
    expect(new Rc4(Buffer.from('Key')).apply(Buffer.from('Plaintext'))).toEqual(hex('bbf316e8d940af0ad3'));
  });

  it('agrees with RFC 6229 for 128 bits, however the stream is cut', () => {
    const stream = new Rc4(hex('0102030405060708090a0b0c0d0e0f10'));
    const parts = [stream.apply(Buffer.alloc(5)), stream.apply(Buffer.alloc(27))];
    expect(Buffer.concat(parts)).toEqual(
      hex('9ac7cc9a609d1ef7b2932899cde41b97 5248c4959014126a6e8a84f11d1a9e1c'),
    );
  });
});

describe('keys of MS-NLMP 4.2', () => {
  it('derives the NT hash and the NTLMv2 key', () => {
    expect(md4(utf16('Password'))).toEqual(hex('a4f49c406510bdcab6824ee7c30fd852'));
    expect(ntlmV2Key('Password', 'User', 'Domain')).toEqual(hex('0c868a403bfd7a93a3001ef22ef02e3f'));
    expect(ntlmV2Key('Password', 'uSER', 'Domain')).toEqual(ntlmV2Key('Password', 'User', 'Domain'));
    expect(ntlmV2Key('Password', 'User', 'DOMAIN')).not.toEqual(ntlmV2Key('Password', 'User', 'Domain'));
  });

  it('derives signing and sealing keys (4.2.4.4)', () => {
    const { exportedKey } = SPECIFICATION;
    expect(signingKey(exportedKey, 'client-to-server')).toEqual(hex('4788dc861b4782f35d43fd98fe1a2d39'));
    expect(sealingKey(exportedKey, 'client-to-server', 0xe28a8233)).toEqual(
      hex('59f600973cc4960a25480a7c196e4c58'),
    );
  });

  it('weakens the sealing key to 56 bits where nobody wants 128 (4.2.3.4)', () => {
    const key = hex('eb93429a8bd952f8b89c55b87f475edc');
    expect(sealingKey(key, 'client-to-server', 0x820a8233)).toEqual(hex('04dd7f014d8504d265a25cc86a3a7c06'));
    expect(signingKey(key, 'client-to-server')).toEqual(hex('60e799be5c72fc92922ae8ebe961fb8d'));
  });
});

describe('protection', () => {
  const { exportedKey, sealed } = SPECIFICATION;
  const server = () => new NtlmProtection(exportedKey, 0xe28a8233);

  it('unwraps what MS-NLMP 4.2.4.4 wraps', () => {
    expect(server().unwrap({ data: sealed.data, token: sealed.signature })).toEqual(sealed.plain);
  });

  it.each(['data', 'signature'] as const)('refuses a flipped bit in the %s', (where) => {
    const data = Buffer.from(sealed.data);
    const token = Buffer.from(sealed.signature);
    (where === 'data' ? data : token)[5]! ^= 1;
    expect(() => server().unwrap({ data, token })).toThrow('signature');
  });

  it('refuses the same message a second time, and surroundings that were not signed', () => {
    const wrapped = { data: sealed.data, token: sealed.signature };
    const protection = server();
    protection.unwrap(wrapped);
    expect(() => protection.unwrap(wrapped)).toThrow('signature');
    expect(() => server().unwrap(wrapped, { before: Buffer.of(1) })).toThrow('signature');
  });

  it('agrees with the MICs of a Windows handshake', () => {
    const { exportedKey: key, negotiate, challenge, mechTypes, clientMic, serverMic, flags } = HANDSHAKE;
    const { mic, withoutMic } = decodeAuthenticate(HANDSHAKE.authenticate);
    expect(mic).toEqual(hmacMd5(key, negotiate, challenge, withoutMic));
    const protection = new NtlmProtection(key, flags);
    protection.verify(mechTypes, clientMic);
    expect(protection.sign(mechTypes)).toEqual(serverMic);
  });
});
