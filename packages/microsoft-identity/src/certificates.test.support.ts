import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import forge from 'node-forge';
import type { Identity } from './testing/index.ts';

export interface CertificateOptions {
  readonly commonName?: string;
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

const DAY = 86_400_000;
let shared: Identity | undefined;

/** What the fakes of one test file present, and what vouches for it: it is its own authority. */
export function serverIdentity(): Identity {
  shared ??= selfSigned({ commonName: 'localhost' });
  return shared;
}

/** An RSA certificate that nobody else vouches for, for `localhost` and as good for an application. */
export function selfSigned(options: CertificateOptions = {}): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = pem(privateKey, 'pkcs8');
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pem(publicKey, 'spki'));
  certificate.serialNumber = '01';
  certificate.validity.notBefore = options.validFrom ?? new Date(Date.now() - DAY);
  certificate.validity.notAfter = options.validTo ?? new Date(Date.now() + 30 * DAY);
  const name = [{ name: 'commonName', value: options.commonName ?? 'Lab application' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'localhost' },
        { type: 7, ip: '127.0.0.1' },
      ],
    },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), privateKey: key };
}

function pem(key: KeyObject, type: 'pkcs8' | 'spki'): string {
  return key.export({ type, format: 'pem' }).toString();
}
