const MOST_COOKIES = 20;
const LONGEST_COOKIE = 4096;
const LONGEST_CLAIMS = 8192;

/** Cookies by which the service keeps a client at one server. Each goes back to the origin that it came from. */
export class Cookies {
  readonly #jars = new Map<string, Map<string, string>>();

  take(origin: string, headers: Headers): void {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    for (const line of headers.getSetCookie()) {
      const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]{1,256})=([\x21-\x3a\x3c-\x7e]*)/.exec(line) ?? [];
      if (name === undefined || value === undefined || value.length > LONGEST_COOKIE) continue;
      if (jar.has(name) || jar.size < MOST_COOKIES) jar.set(name, value);
    }
    if (jar.size > 0) this.#jars.set(origin, jar);
  }

  for(origin: string): string | undefined {
    const jar = this.#jars.get(origin);
    return jar === undefined ? undefined : [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * The same request at the host that `location` names. Where Security & Compliance names the door of another protocol, port 446, its
 * REST service is at 443 of a sibling host.
 */
export function withRegion(url: URL, location: string | null): URL | undefined {
  if (location === null || !URL.canParse(location, url.href)) return undefined;
  const { protocol, hostname, port } = new URL(location, url);
  if (protocol !== 'https:') return undefined;
  const isOtherDoor = port === '446';
  const region = isOtherDoor
    ? hostname.replace('.admin.protection.', '.ps.compliance.protection.')
    : hostname;
  const host = isOtherDoor || port === '' ? region : `${region}:${port}`;
  return new URL(`${url.pathname}${url.search}`, `https://${host}`);
}

/** The claims that a token must have, as JSON, in a challenge (RFC 9470, and Microsoft's `claims` in base64). */
export function claimsIn(challenge: string | null): string | undefined {
  if (challenge === null || challenge.length > LONGEST_CLAIMS * 2) return undefined;
  const [, value] = /\bclaims="([^"]+)"/.exec(challenge) ?? [];
  if (value === undefined) return undefined;
  const claims = Buffer.from(value, 'base64').toString('utf8');
  return claims.length <= LONGEST_CLAIMS && isJsonObject(claims) ? claims : undefined;
}

/** Milliseconds, where the answer says so in seconds. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}

function isJsonObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
