import { createHash } from 'node:crypto';
import { DerReader, Tag } from './der.ts';
import { AuthError } from './errors.ts';

const PREFIX = Buffer.from('tls-server-end-point:', 'latin1');

/** The hash that RFC 5929 takes for a signature algorithm: its own, but SHA-256 in place of MD5 and SHA-1. */
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.4': 'sha256',
  '1.2.840.113549.1.1.5': 'sha256',
  '1.2.840.10040.4.3': 'sha256',
  '1.2.840.10045.4.1': 'sha256',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const PSS_HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha256',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
};

/**
 * What binds a sign-in to the TLS channel it happens in: the application data of type `tls-server-end-point` (RFC 5929 section 4) for
 * the server's certificate, in DER. Nothing where the RFC defines none for its kind of signature, as for Ed25519.
 */
export function channelBindingOf(certificate: Uint8Array): Uint8Array | undefined {
  const hash = signatureHash(certificate);
  if (hash === undefined) return undefined;
  return Buffer.concat([PREFIX, createHash(hash).update(certificate).digest()]);
}

function signatureHash(certificate: Uint8Array): string | undefined {
  const outer = new DerReader(certificate, "The server's certificate").into(Tag.SEQUENCE);
  outer.read(Tag.SEQUENCE);
  const algorithm = outer.into(Tag.SEQUENCE);
  const oid = dotted(algorithm.read(Tag.OID));
  if (oid !== RSASSA_PSS) return HASHES[oid];
  // RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] AlgorithmIdentifier DEFAULT sha1, … }
  const given = algorithm.optionalInto(Tag.SEQUENCE)?.optionalInto(0xa0);
  return given === undefined ? 'sha256' : PSS_HASHES[dotted(given.into(Tag.SEQUENCE).read(Tag.OID))];
}

function dotted(oid: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of oid) {
    arc = arc * 128 + (octet & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128)
      throw new AuthError('bad-token', 'An object identifier is malformed.');
    if (octet & 0x80) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/**
 * MD5 of the gss_channel_bindings_struct without addresses around `applicationData` (MS-NLMP 2.2.2.1, RFC 4121 4.1.1.2);
 * zeros, as Windows sends them, where there is no channel to bind to.
 */
export function bindingHash(applicationData: Uint8Array | undefined): Buffer {
  if (applicationData === undefined) return Buffer.alloc(16);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(applicationData.length, 16);
  return createHash('md5').update(head).update(applicationData).digest();
}
