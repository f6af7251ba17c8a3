import { IdentityError } from './errors.ts';
import { isObject, parseObject, type JsonObject } from './json.ts';
import type { Account, SignInKind } from './sign-in.ts';

/**
 * Where one session's tokens live, and nothing else's. The caller keeps the text sealed; this package puts nothing anywhere
 * else.
 */
export interface TokenPartition {
  /** What was stored last. */
  read(): Promise<string | undefined>;
  /**
   * Stores what `change` makes of the current text, unless another `replace` of this partition, also of another process, has
   * stored something meanwhile: then `change` is called again with that, so that nothing is lost. A lock that lets one in at a
   * time will do as well. Stores nothing where `change` rejects.
   */
  replace(change: (current: string | undefined) => Promise<string | undefined>): Promise<void>;
}

/** What a partition tells without a network and without MSAL; no secret among it. */
export interface PartitionFacts {
  readonly kind: SignInKind;
  readonly clientId: string | undefined;
  readonly tenantId: string | undefined;
  readonly account: Account | undefined;
  /** Granted scopes of the access tokens that are kept. */
  readonly scopes: readonly string[];
  /** When the last of the access tokens that are kept ends (milliseconds since 1970), also where that is past. */
  readonly expiresAt: number | undefined;
  /** Whether access can be renewed without a person. */
  readonly hasRefreshToken: boolean;
}

export interface StoredToken {
  /** As they were asked for: what the service grants may be spelt otherwise. */
  readonly wanted: readonly string[];
  readonly scopes: readonly string[];
  readonly accessToken: string;
  readonly expiresAt: number | undefined;
}

/** The text of a partition, parsed. */
export interface PartitionContent {
  readonly kind: SignInKind;
  readonly login: string;
  readonly clientId: string | undefined;
  readonly tenantId: string | undefined;
  readonly account: Account | undefined;
  readonly tokens: readonly StoredToken[];
  /** MSAL's own cache, without access tokens: it serves them by rules of its own and leaves some behind. */
  readonly msal: string | undefined;
}

const FORMAT = 1;
const LIMITS = { length: 4 * 1024 * 1024, depth: 12 };
const KINDS: readonly string[] = [
  'interactive',
  'device-code',
  'client-secret',
  'certificate',
  'federated',
  'managed-identity',
  'access-token',
] satisfies SignInKind[];

/** Reads what a session's partition tells about it; throws `unreadable-partition` for what is not one. */
export function readPartition(text: string): PartitionFacts {
  const { kind, clientId, tenantId, account, tokens, msal } = parsePartition(text);
  const ends = tokens.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]));
  return {
    kind,
    clientId,
    tenantId,
    account,
    scopes: [...new Set(tokens.flatMap(({ scopes }) => scopes))],
    expiresAt: ends.length === 0 ? undefined : Math.max(...ends),
    hasRefreshToken: msal !== undefined && refreshTokenIn(msal) !== undefined,
  };
}

export function writePartition(content: PartitionContent): string {
  return JSON.stringify({ format: FORMAT, ...content });
}

export function parsePartition(text: string): PartitionContent {
  const value = parseObject(text, LIMITS);
  if (value?.['format'] !== FORMAT || !isContent(value)) throw unreadable();
  return value;
}

/** The refresh token in MSAL's cache, of which a partition has at most one. */
export function refreshTokenIn(msal: string): string | undefined {
  const entries = Object.values(section(msal, 'RefreshToken'));
  const secrets = entries.flatMap((entry) =>
    isObject(entry) && isText(entry['secret']) ? [entry['secret']] : [],
  );
  return secrets[0];
}

/** MSAL's cache without its access tokens; `undefined` when nothing else is in it. */
export function withoutAccessTokens(msal: string): string | undefined {
  if (Object.keys(section(msal, 'RefreshToken')).length === 0) return undefined;
  const cache = parseObject(msal, LIMITS) ?? {};
  return JSON.stringify({ ...cache, AccessToken: {} });
}

function section(msal: string, name: string): JsonObject {
  const found = parseObject(msal, LIMITS)?.[name];
  return isObject(found) ? found : {};
}

function isContent(value: JsonObject): value is JsonObject & PartitionContent {
  const { kind, login, clientId, tenantId, account, tokens, msal } = value;
  return (
    isText(kind) &&
    KINDS.includes(kind) &&
    isText(login) &&
    [clientId, tenantId, msal].every(isTextOrAbsent) &&
    (account === undefined || isAccount(account)) &&
    Array.isArray(tokens) &&
    tokens.every(isStoredToken)
  );
}

function isAccount(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { id, objectId, tenantId, userName, name } = value;
  return [id, objectId, tenantId].every(isText) && [userName, name].every(isTextOrAbsent);
}

function isStoredToken(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { wanted, scopes, accessToken, expiresAt } = value;
  const areTexts = (list: unknown) => Array.isArray(list) && list.every(isText);
  return (
    areTexts(wanted) &&
    areTexts(scopes) &&
    isText(accessToken) &&
    accessToken !== '' &&
    (expiresAt === undefined || Number.isFinite(expiresAt))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || isText(value);
}

function unreadable(): IdentityError {
  return new IdentityError('unreadable-partition', 'what is kept of this sign-in cannot be read', {
    next: 'disconnect the session and sign in again',
  });
}
