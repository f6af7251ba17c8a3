import { createHash, X509Certificate } from 'node:crypto';
import { readDerValue, readDerValues } from './der.ts';

/** Signature algorithms, as DER in hex, whose certificates are hashed with something else than SHA-256. */
const HASHES: Readonly<Record<string, string>> = {
  '2a864886f70d01010c': 'sha384', // sha384WithRSAEncryption
  '2a864886f70d01010d': 'sha512', // sha512WithRSAEncryption
  '2a8648ce3d040303': 'sha384', // ecdsa-with-SHA384
  '2a8648ce3d040304': 'sha512', // ecdsa-with-SHA512
};

/** The octets of AV pair 10 for a server's certificate, PEM or DER (RFC 5929 section 4, RFC 4121 4.1.1.2). */
export function channelBindingOf(certificate: string | Buffer): Buffer {
  const { raw } = new X509Certificate(certificate);
  const [, algorithm] = readDerValues(readDerValue(raw, 0x30).content);
  const oid = readDerValue(algorithm?.content ?? Buffer.alloc(0), 0x06).content.toString('hex');
  const hash = createHash(HASHES[oid] ?? 'sha256')
    .update(raw)
    .digest();
  const data = Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), hash]);
  const addressesAndLength = Buffer.alloc(20);
  addressesAndLength.writeUInt32LE(data.length, 16);
  return createHash('md5').update(addressesAndLength).update(data).digest();
}
