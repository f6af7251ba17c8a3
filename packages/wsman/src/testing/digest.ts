import { createHash, randomBytes } from 'node:crypto';

/** What a request with Digest says of itself. */
export interface DigestRequest {
  readonly method: string;
  /** The path that was asked for. */
  readonly path: string;
  /** What follows the scheme in `Authorization`. */
  readonly parameters: string;
}

export interface DigestUser {
  readonly password: string;
}

const REALM = 'WSMAN';
const ALGORITHMS: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };
const PARAMETER = /(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g;

/** Digest with `qop="auth"` (RFC 7616). WinRM has none; other services of WS-Management do. */
export class Digest {
  /** Nonces that were given out, and the highest count that came with each. */
  readonly #nonces = new Map<string, number>();

  /** The values of `WWW-Authenticate`, the strongest first. */
  challenges(): readonly string[] {
    const nonce = randomBytes(16).toString('base64url');
    this.#nonces.set(nonce, 0);
    return ['SHA-256', 'MD5'].map(
      (algorithm) =>
        `Digest realm="${REALM}", qop="auth", algorithm=${algorithm}, nonce="${nonce}", charset=UTF-8`,
    );
  }

  /** The user that the request proves to be from; `find` knows users by name. */
  verify<User extends DigestUser>(
    { method, path, parameters }: DigestRequest,
    find: (userName: string) => User | undefined,
  ): User | undefined {
    const given = new Map(
      [...parameters.matchAll(PARAMETER)].map(([, name = '', quoted, bare = '']) => [
        name.toLowerCase(),
        quoted?.replaceAll(/\\(.)/g, '$1') ?? bare,
      ]),
    );
    const value = (name: string): string => given.get(name) ?? '';
    const user = find(value('username'));
    const hashName = ALGORITHMS[given.get('algorithm') ?? 'MD5'];
    if (user === undefined || hashName === undefined) return undefined;
    if (value('realm') !== REALM || value('uri') !== path || value('qop') !== 'auth') return undefined;
    const hash = (...parts: readonly string[]): string =>
      createHash(hashName).update(parts.join(':')).digest('hex');
    const secret = hash(value('username'), REALM, user.password);
    const [nonce, count, clientNonce] = [value('nonce'), value('nc'), value('cnonce')];
    const expected = hash(secret, nonce, count, clientNonce, 'auth', hash(method, path));
    if (value('response') !== expected || !this.#use(nonce, count)) return undefined;
    return user;
  }

  /** Whether the nonce is this server's, and the count higher than any before: nothing is taken twice. */
  #use(nonce: string, count: string): boolean {
    const before = this.#nonces.get(nonce);
    const now = Number.parseInt(count, 16);
    if (before === undefined || !/^[\da-f]{8}$/i.test(count) || now <= before) return false;
    this.#nonces.set(nonce, now);
    return true;
  }
}
