import { constants, createHmac, timingSafeEqual, verify } from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

export interface Jwt {
  readonly header: Claims;
  readonly claims: Claims;
  readonly signed: string;
  readonly signature: Buffer;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed with a key that only the fake has. */
export function signJwt(claims: Claims, key: Buffer): string {
  const signed = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** The parts of a token, whoever signed it; `undefined` for anything else. */
export function parseJwt(token: string): Jwt | undefined {
  const parts = token.split('.');
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || header === undefined || claims === undefined || signature === undefined)
    return undefined;
  try {
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
    return {
      header: decode(header),
      claims: decode(claims),
      signed: `${header}.${claims}`,
      signature: Buffer.from(signature, 'base64url'),
    };
  } catch {
    return undefined;
  }
}

export function isSignedWith({ signed, signature }: Jwt, key: Buffer): boolean {
  const expected = createHmac('sha256', key).update(signed).digest();
  return expected.length === signature.length && timingSafeEqual(expected, signature);
}

/** Whether the owner of a certificate or public key (PEM) signed it, with RS256 or PS256 as its header says. */
export function isSignedBy({ header, signed, signature }: Jwt, key: string): boolean {
  const { alg } = header;
  if (alg !== 'RS256' && alg !== 'PS256') return false;
  const padding = alg === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const options = alg === 'PS256' ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  return verify('sha256', Buffer.from(signed), { key, padding, ...options }, signature);
}
