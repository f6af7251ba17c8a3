import { constants, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readCertificate, type CertificateSource } from './certificate.ts';
import { selfSigned } from './certificates.test.support.ts';
import {
  CERTIFICATE,
  ENCRYPTED_KEY,
  KEY,
  LEGACY_PFX,
  MODERN_PFX,
  OLD_ENCRYPTED_KEY,
  OPEN_PFX,
  PASSWORD,
  THUMBPRINT,
} from './pfx-files.test.support.ts';

const bytes = (base64: string) => Buffer.from(base64, 'base64');

describe('a certificate', () => {
  it.each<[string, CertificateSource]>([
    ['a modern PFX', { content: bytes(MODERN_PFX), password: PASSWORD }],
    ['a PFX of older Windows', { content: bytes(LEGACY_PFX), password: PASSWORD }],
    ['a PFX without a password', { content: bytes(OPEN_PFX) }],
    ['PEM, certificate first', { content: CERTIFICATE + KEY }],
    ['PEM, key first, as bytes', { content: Buffer.from(KEY + CERTIFICATE) }],
    ['PEM with an encrypted key', { content: CERTIFICATE + ENCRYPTED_KEY, password: PASSWORD }],
    ['PEM with an old encrypted key', { content: CERTIFICATE + OLD_ENCRYPTED_KEY, password: PASSWORD }],
    ['PEM and a key file', { content: CERTIFICATE, privateKey: KEY }],
  ])('is read from %s, and signs', async (_what, source) => {
    const certificate = await readCertificate(source);
    expect(certificate).toMatchObject({ thumbprint: THUMBPRINT, subject: 'CN=Lab application, O=Contoso' });
    const signature = await certificate.sign(Buffer.from('data'));
    const pss = { key: CERTIFICATE, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    expect(verify('sha256', Buffer.from('data'), pss, signature)).toBe(true);
  });

  it('comes first in its chain, whatever the order in the file', async () => {
    const other = selfSigned();
    const { chain } = await readCertificate({ content: other.certificate + CERTIFICATE + KEY });
    const own = CERTIFICATE.replace(/-----[A-Z ]+-----|\s/g, '');
    expect([chain.length, chain[0]]).toEqual([2, own]);
  });

  it.each<[string, CertificateSource, string]>([
    ['a wrong password', { content: bytes(MODERN_PFX), password: 'wrong' }, 'the PFX file cannot be read'],
    ['no password', { content: bytes(MODERN_PFX) }, 'the PFX file cannot be read'],
    [
      'a wrong password of a key',
      { content: CERTIFICATE + ENCRYPTED_KEY, password: 'wrong' },
      'the private key cannot be read',
    ],
    ['no key', { content: CERTIFICATE }, 'there is no private key in the file'],
    ['no certificate', { content: KEY }, 'the private key does not belong to a certificate in the file'],
    [
      'a key of another certificate',
      { content: selfSigned().certificate + KEY },
      'the private key does not belong to a certificate in the file',
    ],
    [
      'a broken certificate',
      { content: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' + KEY },
      'the certificate cannot be read',
    ],
    ['half a block', { content: CERTIFICATE + KEY.slice(0, 500) }, 'there is no private key in the file'],
    ['rubbish', { content: Buffer.from('rubbish') }, 'the PFX file cannot be read'],
    ['rubbish in words', { content: 'rubbish' }, 'the PFX file cannot be read'],
    ['nothing', { content: '' }, 'the PFX file cannot be read'],
    ['a giant', { content: 'x'.repeat(300_000) }, 'the certificate file is too large'],
    ['a thumbprint that is none', { thumbprint: 'abc' }, 'the thumbprint is not one'],
  ])('is refused with %s', async (_what, source, message) => {
    await expect(readCertificate(source)).rejects.toMatchObject({ code: 'invalid-settings', message });
  });

  it('must have an RSA key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await expect(readCertificate({ content: CERTIFICATE, privateKey: key })).rejects.toMatchObject({
      code: 'invalid-settings',
      message: 'the private key is not RSA',
    });
  });

  it('does not show its password or key when it is refused', async () => {
    const refused: unknown = await readCertificate({ content: bytes(MODERN_PFX), password: 'hunter2' }).catch(
      (error: unknown) => error,
    );
    const { message, stack, cause } = refused as Error;
    expect(JSON.stringify([message, stack, cause ?? null])).not.toContain('hunter2');
    expect(cause).toBeUndefined();
  });
});
