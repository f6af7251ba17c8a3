import { DisconnectError } from '../errors.ts';

/** `SHA256:AB:CD…`, with or without prefix and colons, as 64 lower-case hexadecimal digits; else `invalid-request`. */
export function parsePin(text: string): string {
  const digits = text
    .replace(/^sha-?256[:/=]?/i, '')
    .replace(/[:\s]/g, '')
    .toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  throw new DisconnectError(
    'invalid-request',
    'a pin is the SHA-256 of the certificate: 64 hexadecimal digits',
    {
      next: 'openssl s_client -connect HOST:443 </dev/null | openssl x509 -noout -fingerprint -sha256',
    },
  );
}
