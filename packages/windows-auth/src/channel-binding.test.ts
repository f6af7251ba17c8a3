import { describe, expect, it } from '@jest/globals';
import { createHash, X509Certificate } from 'node:crypto';
import { selfSigned, type Hash } from './certificates.test.support.ts';
import { bindingHash } from './channel-binding.ts';
import { channelBindingOf } from './index.ts';

describe('channelBindingOf (RFC 5929 section 4)', () => {
  it.each([
    ['rsa', 'sha1', 'sha256'],
    ['rsa', 'sha256', 'sha256'],
    ['rsa', 'sha384', 'sha384'],
    ['rsa', 'sha512', 'sha512'],
    ['ec', 'sha1', 'sha256'],
    ['ec', 'sha256', 'sha256'],
    ['ec', 'sha384', 'sha384'],
    ['ec', 'sha512', 'sha512'],
    ['pss', 'sha1', 'sha256'],
    ['pss', 'sha384', 'sha384'],
  ] as const)('of a certificate signed with %s and %s has %s', (kind, signedWith: Hash, hash) => {
    const { certificate } = selfSigned(kind, signedWith);
    // What Node reads is a certificate, signed by the key in it.
    const read = new X509Certificate(certificate);
    expect(read.verify(read.publicKey)).toBe(true);
    const digest = createHash(hash).update(certificate).digest();
    expect(channelBindingOf(certificate)).toEqual(
      Buffer.concat([Buffer.from('tls-server-end-point:'), digest]),
    );
  });

  it('is undefined where the RFC defines none', () => {
    expect(channelBindingOf(selfSigned('ed25519').certificate)).toBeUndefined();
  });

  it.each(['', '30', '3003020101', '3080'])('refuses what is no certificate: %p', (hex) => {
    expect(() => channelBindingOf(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'bad-token' }),
    );
  });
});

describe('bindingHash (RFC 4121 4.1.1.2)', () => {
  it('is that of the structure without addresses', () => {
    const data = Buffer.from('tls-server-end-point:x');
    const structure = Buffer.concat([Buffer.alloc(16), Buffer.from([data.length, 0, 0, 0]), data]);
    expect(bindingHash(data)).toEqual(createHash('md5').update(structure).digest());
    expect(bindingHash(undefined)).toEqual(Buffer.alloc(16));
  });
});
