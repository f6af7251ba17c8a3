import { KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and the key that belongs to it, both PEM: what a TLS server or client presents. */
export interface Identity {
  readonly certificate: string;
  /** PKCS #8, not encrypted. */
  readonly privateKey: string;
}

export interface IdentityOptions {
  readonly commonName: string;
  /** DNS names and IP addresses that the certificate is for (its subject alternative names). */
  readonly names: readonly string[];
  /** Valid from here on; a day ago when absent, so that a clock that is a little slow does no harm. */
  readonly validFrom?: Date | undefined;
  /** Valid until here; 30 days from now when absent. */
  readonly validTo?: Date | undefined;
}

/** A certificate authority that exists for one run: its key is in memory only and cannot be had. */
export interface Authority {
  /** PEM; what a client must trust to accept what `issue` makes. */
  readonly certificate: string;
  /** A certificate signed by this authority, for servers and clients alike. */
  readonly issue: (options: IdentityOptions) => Promise<Identity>;
  /** A certificate that nobody vouches for, such as the one an appliance leaves the factory with. */
  readonly selfSigned: (options: IdentityOptions) => Promise<Identity>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;

/** Makes a new authority with a P-256 key of its own. */
export async function createAuthority(options: { readonly commonName?: string } = {}): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await generateKeys(false);
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: subject(options.commonName ?? 'Test authority'),
      ...validity({}),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );

  async function identity(wanted: IdentityOptions, signer: 'authority' | 'itself'): Promise<Identity> {
    const own = await generateKeys(true);
    const isSelfSigned = signer === 'itself';
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject: subject(wanted.commonName),
        issuer: isSelfSigned ? subject(wanted.commonName) : root.subjectName,
        ...validity(wanted),
        publicKey: own.publicKey,
        signingKey: isSelfSigned ? own.privateKey : keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([
            x509.ExtendedKeyUsage.serverAuth,
            x509.ExtendedKeyUsage.clientAuth,
          ]),
          new x509.SubjectAlternativeNameExtension(
            wanted.names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
          ),
          await x509.SubjectKeyIdentifierExtension.create(own.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(isSelfSigned ? own.publicKey : keys.publicKey),
        ],
      },
      webcrypto,
    );
    const privateKey = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' });
    return { certificate: certificate.toString('pem'), privateKey: privateKey.toString() };
  }

  return {
    certificate: root.toString('pem'),
    issue: (wanted) => identity(wanted, 'authority'),
    selfSigned: (wanted) => identity(wanted, 'itself'),
  };
}

/** Loaded on first use, since it is large; it needs the metadata polyfill, which core's container brings, to be there first. */
async function loadX509() {
  await import('@slipline/core/container');
  return import('./x509.ts');
}

function generateKeys(extractable: boolean): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, extractable, ['sign', 'verify']);
}

/** A distinguished name in its structured form, in which no character of the name has a meaning of its own. */
function subject(commonName: string) {
  return [{ CN: [commonName] }];
}

function validity({ validFrom, validTo }: Pick<IdentityOptions, 'validFrom' | 'validTo'>) {
  return {
    notBefore: validFrom ?? new Date(Date.now() - DAY),
    notAfter: validTo ?? new Date(Date.now() + 30 * DAY),
  };
}
