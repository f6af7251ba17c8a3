import { randomUUID } from 'node:crypto';
import type { SigningCertificate } from './certificate.ts';
import { IdentityError } from './errors.ts';

/** Seconds that an assertion is good for. */
const LIFETIME = 600;

export interface AssertionOptions {
  readonly clientId: string;
  /** The token endpoint. */
  readonly audience: string;
  readonly certificate: SigningCertificate;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly sendsChain?: boolean | undefined;
}

/**
 * A JWT with which an application proves that it holds the key of its certificate, as Microsoft documents it ("certificate
 * credentials"): PS256, with the SHA-256 thumbprint. Throws `expired-credential` for a certificate that is not valid now.
 */
export async function clientAssertion(options: AssertionOptions): Promise<string> {
  const { clientId, audience, certificate, now, sendsChain = false } = options;
  if (now >= certificate.validTo || now < certificate.validFrom) {
    const state = now < certificate.validFrom ? 'is not valid yet' : 'has expired';
    throw new IdentityError('expired-credential', `the application's certificate ${state}`, {
      next: "get a new certificate, upload it to the application's registration and give it here",
    });
  }
  const header = {
    alg: 'PS256',
    typ: 'JWT',
    'x5t#S256': certificate.sha256.toString('base64url'),
    ...(sendsChain ? { x5c: certificate.chain } : {}),
  };
  const issued = Math.floor(now / 1000);
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: issued,
    exp: issued + LIFETIME,
  };
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = await certificate.sign(Buffer.from(signed));
  return `${signed}.${signature.toString('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
