import {
  ERROR_CODES,
  isEffect,
  OWNERSHIPS,
  SESSION_STATES,
  type JsonObject,
  type JsonValue,
  type Opener,
  type OperationStatus,
  type Receipt,
  type Session,
  type SkipReason,
  type TrustEntry,
  type Verification,
} from '@slipline/core';
import { damaged } from './store-errors.ts';

const LONGEST_JSON = 131_072;
const LONGEST_TEXT = 65_536;
const DEEPEST = 64;

const STATUSES: readonly OperationStatus[] = ['disconnected', 'already-gone', 'skipped', 'failed', 'done'];
const VERIFICATIONS: readonly Verification[] = ['verified', 'pending', 'not-checked', 'not-possible'];
const SKIPS: readonly SkipReason[] = ['declined', 'adopted', 'own-session'];

type Fields = Readonly<Record<string, unknown>>;

/** JSON out of the database: a bounded object, or the ledger is damaged. */
export function parseObject(text: unknown, file: string): Fields {
  if (typeof text !== 'string' || text.length > LONGEST_JSON) throw damaged(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(file, error);
  }
  if (!isObject(value)) throw damaged(file);
  return value;
}

/** Reads what the tables keep as JSON. Every method throws `internal` for what no ledger writes. */
export class Records {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  session(text: unknown): Session {
    return this.#session(parseObject(text, this.#file));
  }

  opener(text: unknown): Opener {
    const { pid, startedAt, bootId } = parseObject(text, this.#file);
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) throw damaged(this.#file);
    return { pid, startedAt: this.#text(startedAt), bootId: this.#text(bootId) };
  }

  trust(text: unknown): TrustEntry {
    const { host, pin, authority, savedAt } = parseObject(text, this.#file);
    return {
      host: this.#text(host),
      ...(pin !== undefined && { pin: this.#text(pin) }),
      ...(authority !== undefined && { authority: this.#text(authority) }),
      savedAt: this.#text(savedAt),
    };
  }

  /** What was known of an operation when it began. */
  intent(text: unknown): Pick<Receipt, 'session' | 'effect' | 'action' | 'reason' | 'user'> {
    const { session, effect, action, reason, user } = parseObject(text, this.#file);
    if (!isObject(session)) throw damaged(this.#file);
    return {
      session: this.#session(session),
      ...(effect !== undefined && { effect: this.#oneOf(effect, isEffect) }),
      ...this.#texts({ action, reason }),
      user: this.#text(user),
    };
  }

  /** What came of it. */
  result(text: unknown): Pick<Receipt, 'status' | 'verification' | 'skipped' | 'residual' | 'error'> {
    const { status, verification, skipped, residual, error } = parseObject(text, this.#file);
    return {
      status: this.#oneOf(status, among(STATUSES)),
      ...(verification !== undefined && { verification: this.#oneOf(verification, among(VERIFICATIONS)) }),
      ...(skipped !== undefined && { skipped: this.#oneOf(skipped, among(SKIPS)) }),
      ...(residual !== undefined && { residual: this.#residuals(residual) }),
      ...(error !== undefined && { error: this.#error(error) }),
    };
  }

  #session(fields: Fields): Session {
    const { principal, openedAt, expiresAt, isDefault, isCaller, effects } = fields;
    if (!Array.isArray(effects) || !effects.every(isEffect)) throw damaged(this.#file);
    return {
      provider: this.#text(fields['provider']),
      endpoint: this.#text(fields['endpoint']),
      id: this.#text(fields['id']),
      kind: this.#text(fields['kind']),
      label: this.#text(fields['label']),
      state: this.#oneOf(fields['state'], among(SESSION_STATES)),
      ownership: this.#oneOf(fields['ownership'], among(OWNERSHIPS)),
      effects,
      fingerprint: this.#text(fields['fingerprint']),
      ...this.#texts({ principal, openedAt, expiresAt }),
      ...(isDefault === true && { isDefault }),
      ...(isCaller === true && { isCaller }),
      details: this.#details(fields['details']),
    };
  }

  #residuals(value: unknown): NonNullable<Receipt['residual']> {
    if (!Array.isArray(value)) throw damaged(this.#file);
    return value.map((residual: unknown) => {
      if (!isObject(residual)) throw damaged(this.#file);
      return { what: this.#text(residual['what']), ...this.#texts({ until: residual['until'] }) };
    });
  }

  #error(value: unknown): NonNullable<Receipt['error']> {
    if (!isObject(value)) throw damaged(this.#file);
    const { code, message, system, next, details } = value;
    return {
      code: this.#oneOf(code, among(ERROR_CODES)),
      message: this.#text(message),
      ...this.#texts({ system, next }),
      ...(details !== undefined && { details: this.#details(details) }),
    };
  }

  #details(value: unknown): JsonObject {
    if (!isObject(value) || !isWithin(value, DEEPEST)) throw damaged(this.#file);
    return value as JsonObject;
  }

  #text(value: unknown): string {
    if (typeof value === 'string' && value.length <= LONGEST_TEXT) return value;
    throw damaged(this.#file);
  }

  /** Those that are there. */
  #texts<K extends string>(values: Readonly<Record<K, unknown>>): Partial<Record<K, string>> {
    const found: Partial<Record<K, string>> = {};
    for (const name in values) if (values[name] !== undefined) found[name] = this.#text(values[name]);
    return found;
  }

  #oneOf<T>(value: unknown, isOne: (value: unknown) => value is T): T {
    if (isOne(value)) return value;
    throw damaged(this.#file);
  }
}

function among<T>(values: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => values.includes(value as T);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return (
    depth > 0 &&
    Object.values(value as Readonly<Record<string, JsonValue>>).every((one) => isWithin(one, depth - 1))
  );
}
