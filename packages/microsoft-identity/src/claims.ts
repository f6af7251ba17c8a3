import { parseObject, type JsonObject } from './json.ts';

/** No token of Microsoft's comes near it. */
export const LONGEST_TOKEN = 64 * 1024;

const DEEPEST_CLAIMS = 16;

/**
 * What a JWT says, unchecked: nobody's signature is verified, so it is only as good as the channel it came by. `undefined` for
 * everything that is not a JWT of at most 64 KiB, such as the opaque tokens of personal accounts.
 */
export function decodeClaims(token: string): JsonObject | undefined {
  if (token.length > LONGEST_TOKEN) return undefined;
  const parts = token.split('.');
  const [header = '', payload = ''] = parts;
  if (parts.length !== 3 || !isBase64Url(header) || !isBase64Url(payload)) return undefined;
  const limits = { length: LONGEST_TOKEN, depth: DEEPEST_CLAIMS };
  const decode = (part: string) => parseObject(Buffer.from(part, 'base64url').toString('utf8'), limits);
  return decode(header) === undefined ? undefined : decode(payload);
}

function isBase64Url(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text);
}

/** A claim that is a text of a sensible length. */
export function textClaim(claims: JsonObject | undefined, name: string): string | undefined {
  const value = claims?.[name];
  return typeof value === 'string' && value !== '' && value.length <= 1024 ? value : undefined;
}

/** A claim that is a moment, in milliseconds since 1970. */
export function timeClaim(claims: JsonObject | undefined, name: string): number | undefined {
  const value = claims?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value * 1000 : undefined;
}
