import { constants, createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { IdentityError } from './errors.ts';

/** Where the application's certificate and its key are. */
export type CertificateSource =
  | {
      /** What is in the file: PEM with certificate and key, or PFX (PKCS #12). */
      readonly content: string | Uint8Array;
      /** Of the PFX, or of the encrypted key. */
      readonly password?: string | undefined;
      /** PEM of the key, where it is in a file of its own. */
      readonly privateKey?: string | undefined;
    }
  | {
      /** SHA-1, in hexadecimal digits, of a certificate in the Windows store of this user or computer. */
      readonly thumbprint: string;
    };

/** What people want to know of a certificate. */
export interface CertificateFacts {
  /** SHA-1, in capital hexadecimal digits, as Microsoft's tools print it. */
  readonly thumbprint: string;
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** A certificate that can sign. */
export interface SigningCertificate extends CertificateFacts {
  /** SHA-256 of the certificate. */
  readonly sha256: Buffer;
  /** The chain, the certificate first, each as base64 of its DER. */
  readonly chain: readonly string[];
  /** RSASSA-PSS with SHA-256. */
  sign(data: Buffer): Promise<Buffer>;
}

/** Bytes. */
export const LARGEST_FILE = 256 * 1024;

/** Reads certificate and key. Throws `invalid-settings` for what cannot be read, a wrong password, or a key that is not RSA. */
export async function readCertificate(source: CertificateSource): Promise<SigningCertificate> {
  if ('thumbprint' in source) {
    const { windowsCertificate } = await import('./windows-store.ts');
    return windowsCertificate(source.thumbprint);
  }
  const { content, password, privateKey } = source;
  if (content.length > LARGEST_FILE) throw unreadable('the certificate file is too large');
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
  if (text.includes('-----BEGIN ')) return readPem(text, privateKey ?? text, password);
  const { readPfx } = await import('./pfx.ts');
  const { certificates, key } = await readPfx(Buffer.from(content as Uint8Array), password ?? '');
  return signing(certificates, key);
}

/** What a certificate says of itself; `sign` is the caller's. */
export function describe(certificates: readonly X509Certificate[]): Omit<SigningCertificate, 'sign'> {
  const [certificate] = certificates;
  if (certificate === undefined) throw unreadable('there is no certificate in the file');
  return {
    thumbprint: certificate.fingerprint.replaceAll(':', ''),
    subject: certificate.subject.split('\n').reverse().join(', '),
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    sha256: Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex'),
    chain: certificates.map(({ raw }) => raw.toString('base64')),
  };
}

export function unreadable(
  what: string,
  next = 'give a PEM or PFX file with certificate and private key',
): IdentityError {
  return new IdentityError('invalid-settings', what, { next });
}

function readPem(text: string, keyText: string, password: string | undefined): SigningCertificate {
  const [key] = blocksOf(keyText, 'PRIVATE KEY');
  if (key === undefined) throw unreadable('there is no private key in the file');
  return signing(blocksOf(text, 'CERTIFICATE').map(certificateOf), keyOf(key, password));
}

/** The PEM blocks whose label ends so: `RSA PRIVATE KEY` is a `PRIVATE KEY` too. */
function blocksOf(text: string, ending: string): readonly string[] {
  return [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----/g)].flatMap(({ index, 1: label = '' }) => {
    const end = `-----END ${label}-----`;
    const until = label.endsWith(ending) ? text.indexOf(end, index) : -1;
    return until === -1 ? [] : [text.slice(index, until + end.length)];
  });
}

function certificateOf(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw unreadable('the certificate cannot be read');
  }
}

function keyOf(pem: string, password: string | undefined): KeyObject {
  try {
    return createPrivateKey({
      key: pem,
      format: 'pem',
      ...(password === undefined ? {} : { passphrase: password }),
    });
  } catch {
    // OpenSSL's own words are not for people, and differ from version to version.
    throw unreadable('the private key cannot be read', 'check the password and the file');
  }
}

/** The certificate of the key comes first, whatever the order in the file. */
function signing(certificates: readonly X509Certificate[], key: KeyObject): SigningCertificate {
  if (key.asymmetricKeyType !== 'rsa') {
    throw unreadable('the private key is not RSA', 'Microsoft Entra takes RSA certificates only: give one');
  }
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw unreadable('the private key does not belong to a certificate in the file');
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return {
    ...describe([own, ...certificates.filter((certificate) => certificate !== own)]),
    sign: async (data) => sign('sha256', data, pss),
  };
}
