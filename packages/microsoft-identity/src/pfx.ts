import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import forge from 'node-forge';
import { unreadable } from './certificate.ts';
import { IdentityError } from './errors.ts';

/** Certificates and key of a PFX (PKCS #12) file. The library is large, so this file is imported when there is one to read. */
export async function readPfx(
  content: Buffer,
  password: string,
): Promise<{ certificates: X509Certificate[]; key: KeyObject }> {
  const { asn1, pkcs12, pki } = forge;
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = pki.oids as Record<
    'certBag' | 'keyBag' | 'pkcs8ShroudedKeyBag',
    string
  >;
  try {
    const pfx = pkcs12.pkcs12FromAsn1(asn1.fromDer(content.toString('latin1')), password);
    const bags = (bagType: string) => pfx.getBags({ bagType })[bagType] ?? [];
    const keys = [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)].flatMap(({ key }) => key ?? []);
    const certificates = bags(certBag).flatMap(({ cert }) =>
      cert ? new X509Certificate(pki.certificateToPem(cert)) : [],
    );
    const [key] = keys;
    if (key === undefined) throw unreadable('there is no private key in the file');
    return { certificates, key: createPrivateKey(pki.privateKeyToPem(key)) };
  } catch (error) {
    if (IdentityError.is(error)) throw error;
    throw unreadable('the PFX file cannot be read', 'check the password and the file');
  }
}
