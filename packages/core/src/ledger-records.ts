import { isEffect } from './effect.ts';
import { DisconnectError, ERROR_CODES, type ErrorJson } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { OperationIntent, OperationResult, Receipt, ReceiptFilter, TrustEntry } from './ledger.ts';
import type { Credential } from './provider.ts';
import type { Secret } from './secret.ts';
import { OWNERSHIPS, SESSION_STATES } from './session.ts';

const LONGEST_NAME = 256;
const LONGEST_PLACE = 2048;
const LONGEST_TEXT = 1000;
const LONGEST_DETAILS = 16_384;
const DEEPEST_DETAILS = 64;
const LONGEST_SECRET = 1_048_576;
const LONGEST_PASSWORD = 16_384;
const LONGEST_PEM = 65_536;
const MOST_RESIDUALS = 32;
const LONGEST_RESIDUAL = 400;
const LONGEST_TIME = 64;
const MOST_RECEIPTS = 100_000;

// eslint-disable-next-line no-control-regex -- a name that has one is no name
const CONTROL = /[\u0000-\u001f\u007f]/;

/** An intent as it is written down. It may come from a hostile server, so that what is too long is cut, not refused. */
export function notedIntent(intent: OperationIntent): OperationIntent {
  const { session } = intent;
  return {
    kind: intent.kind,
    session: {
      provider: cut(session.provider, LONGEST_NAME),
      endpoint: cut(session.endpoint, LONGEST_PLACE),
      id: cut(session.id, LONGEST_PLACE),
      kind: cut(session.kind),
      label: cut(session.label),
      principal: optional(session.principal),
      state: SESSION_STATES.find((state) => state === session.state) ?? 'unknown',
      ownership: OWNERSHIPS.find((ownership) => ownership === session.ownership) ?? 'foreign',
      effects: session.effects.filter(isEffect).slice(0, 4),
      fingerprint: cut(session.fingerprint),
      openedAt: optional(session.openedAt),
      expiresAt: optional(session.expiresAt),
      isDefault: session.isDefault,
      isCaller: session.isCaller,
      details: boundedDetails(session.details),
    },
    effect: intent.effect,
    action: optional(intent.action),
    reason: optional(intent.reason),
    user: optional(intent.user),
  };
}

/** A result as it is written down. */
export function notedResult(result: OperationResult): Omit<OperationResult, 'operation' | 'entry'> {
  return {
    status: result.status,
    verification: result.verification,
    skipped: result.skipped,
    residual: result.residual?.slice(0, MOST_RESIDUALS).map(({ what, until }) => ({
      what: cut(what, LONGEST_RESIDUAL),
      ...(until !== undefined && { until: cut(until, LONGEST_TIME) }),
    })),
    error: result.error === undefined ? undefined : notedError(result.error),
  };
}

export function notedError(error: ErrorJson): ErrorJson {
  return {
    code: ERROR_CODES.find((code) => code === error.code) ?? 'internal',
    message: cut(error.message),
    ...(error.system !== undefined && { system: cut(error.system) }),
    ...(error.next !== undefined && { next: cut(error.next) }),
    ...(error.details !== undefined && { details: boundedDetails(error.details) }),
  };
}

export function optional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(text);
}

export function checkSecret(secret: Secret): void {
  if (secret.reveal().length > LONGEST_SECRET)
    throw invalid('the secret', `is longer than ${LONGEST_SECRET} characters`);
}

/** Where a credential belongs, in the spelling it is looked up by. Throws `invalid-request`. */
export function credentialPlace(provider: string, endpoint: string): string {
  return JSON.stringify([name(provider, 'the provider'), place(endpoint, 'the endpoint').toLowerCase()]);
}

export function checkCredential(credential: Credential): void {
  place(credential.userName, 'the user name');
  if (credential.password.reveal().length > LONGEST_PASSWORD)
    throw invalid('the password', `is longer than ${LONGEST_PASSWORD} characters`);
}

/** `name:port` in the spelling it is looked up by. */
export function trustHost(host: string): string {
  return place(host, 'the host').toLowerCase();
}

/** Throws `invalid-request` for one that would recognise nothing, or everything. */
export function trustEntry(entry: Omit<TrustEntry, 'savedAt'>, now: number): TrustEntry {
  const { pin, authority } = entry;
  if (pin === undefined && authority === undefined) throw invalid('trust', 'needs a pin or an authority');
  if (pin !== undefined && !/^[0-9a-f]{64}$/.test(pin))
    throw invalid('a pin', 'is 64 lower-case hexadecimal digits');
  if (authority !== undefined && authority.length > LONGEST_PEM)
    throw invalid('the authority', `is longer than ${LONGEST_PEM} characters`);
  return plain({ host: trustHost(entry.host), pin, authority, savedAt: new Date(now).toISOString() });
}

/** Times in milliseconds and `limit`, as numbers to go by. Throws `invalid-request`. */
export function receiptWindow(filter: ReceiptFilter): {
  readonly since: number;
  readonly until: number;
  readonly limit: number;
} {
  const { limit = 1000 } = filter;
  const time = (which: 'since' | 'until', otherwise: number): number => {
    const text = filter[which];
    const value = text === undefined ? otherwise : Date.parse(text);
    if (Number.isNaN(value)) throw invalid(which, 'is not a time such as 2025-01-31T12:00:00Z');
    return value;
  };
  const since = time('since', Number.MIN_SAFE_INTEGER);
  const until = time('until', Number.MAX_SAFE_INTEGER);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_RECEIPTS)
    throw invalid('limit', `is not a whole number from 1 to ${MOST_RECEIPTS}`);
  return { since, until, limit };
}

/** Whether a receipt is one of those that a filter means, but for its times. */
export function isWanted(
  receipt: Receipt,
  { kind, provider, user, endpoint, status }: ReceiptFilter,
): boolean {
  const { session } = receipt;
  return (
    (kind === undefined || receipt.kind === kind) &&
    (provider === undefined || session.provider === provider) &&
    (user === undefined || receipt.user === user) &&
    (endpoint === undefined || session.endpoint.toLowerCase() === endpoint.toLowerCase()) &&
    (status === undefined || (receipt.status ?? 'running') === status)
  );
}

/** Text that things are looked up by: refused, not cut, where it does not fit. */
export function name(text: string, what: string): string {
  return bounded(text, what, LONGEST_NAME);
}

/** The same for what may be a URL. */
export function place(text: string, what: string): string {
  return bounded(text, what, LONGEST_PLACE);
}

function bounded(text: string, what: string, longest: number): string {
  if (text === '') throw invalid(what, 'is empty');
  if (text.length > longest) throw invalid(what, `is longer than ${longest} characters`);
  if (CONTROL.test(text)) throw invalid(what, 'has control characters in it');
  return text;
}

/** Text that is only shown. */
export function cut(value: string, longest = LONGEST_TEXT): string {
  // A plugin in plain JavaScript may hand over a number.
  const text = String(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** Facts that fit, in their order; those that are no JSON, or too deep to be read back, are left out. */
export function boundedDetails(details: JsonObject): JsonObject {
  const kept: [string, JsonObject[string]][] = [];
  let room = LONGEST_DETAILS;
  for (const [key, value] of Object.entries(details)) {
    const text = jsonOf(value);
    const size = (text?.length ?? 0) + JSON.stringify(key).length;
    if (text === undefined || size > room) continue;
    const plainValue = JSON.parse(text) as JsonObject[string];
    if (!isWithin(plainValue, DEEPEST_DETAILS - 1)) continue;
    room -= size;
    kept.push([key, plainValue]);
  }
  return Object.fromEntries(kept);
}

/** Whether lists and objects in it are nested at most so deep. */
export function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((one) => isWithin(one, depth - 1));
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The value as JSON keeps it, so that what is returned now and what is read later are the same. */
export function plain<T>(value: unknown): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

export function invalid(what: string, why: string): DisconnectError {
  return new DisconnectError('invalid-request', `${what} ${why}`);
}
