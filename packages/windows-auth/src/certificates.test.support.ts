import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { context, der, derInteger, derOid, Tag } from './der.ts';

export interface TestCertificate {
  readonly certificate: Buffer;
  readonly key: KeyObject;
}

type Kind = 'rsa' | 'pss' | 'ec' | 'ed25519';

const OIDS = {
  rsa: {
    sha1: '1.2.840.113549.1.1.5',
    sha256: '1.2.840.113549.1.1.11',
    sha384: '1.2.840.113549.1.1.12',
    sha512: '1.2.840.113549.1.1.13',
  },
  ec: {
    sha1: '1.2.840.10045.4.1',
    sha256: '1.2.840.10045.4.3.2',
    sha384: '1.2.840.10045.4.3.3',
    sha512: '1.2.840.10045.4.3.4',
  },
  hash: {
    sha1: '1.3.14.3.2.26',
    sha256: '2.16.840.1.101.3.4.2.1',
    sha384: '2.16.840.1.101.3.4.2.2',
    sha512: '2.16.840.1.101.3.4.2.3',
  },
} as const;

export type Hash = keyof typeof OIDS.hash;

/** A certificate that signs itself, in DER. */
export function selfSigned(kind: Kind = 'ec', hash: Hash = 'sha256'): TestCertificate {
  const { publicKey, privateKey: key } = keyPair(kind);
  const algorithm = algorithmOf(kind, hash);
  const name = der(
    Tag.SEQUENCE,
    der(0x31, der(Tag.SEQUENCE, derOid('2.5.4.3'), der(0x0c, Buffer.from('localhost')))),
  );
  const time = (text: string) => der(0x17, Buffer.from(text));
  const body = der(
    Tag.SEQUENCE,
    der(context(0), derInteger(2)),
    derInteger(1),
    algorithm,
    name,
    der(Tag.SEQUENCE, time('200101000000Z'), time('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const padding = kind === 'pss' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 } : {};
  const signature = sign(kind === 'ed25519' ? null : hash, body, { key, ...padding });
  return {
    certificate: der(Tag.SEQUENCE, body, algorithm, der(Tag.BIT_STRING, Buffer.alloc(1), signature)),
    key,
  };
}

function keyPair(kind: Kind): { publicKey: KeyObject; privateKey: KeyObject } {
  if (kind === 'ec') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function algorithmOf(kind: Kind, hash: Hash): Buffer {
  if (kind === 'ed25519') return der(Tag.SEQUENCE, derOid('1.3.101.112'));
  if (kind !== 'pss') return der(Tag.SEQUENCE, derOid(OIDS[kind][hash]));
  const own = der(Tag.SEQUENCE, derOid(OIDS.hash[hash]));
  const mask = der(Tag.SEQUENCE, derOid('1.2.840.113549.1.1.8'), own);
  // What is left out means SHA-1, and 20 octets of salt.
  const parameters = hash === 'sha1' ? [] : [der(context(0), own), der(context(1), mask)];
  return der(Tag.SEQUENCE, derOid('1.2.840.113549.1.1.10'), der(Tag.SEQUENCE, ...parameters));
}
