import {
  EFFECTS,
  ERROR_CODES,
  isEffect,
  ledgerRecords,
  OWNERSHIPS,
  SESSION_STATES,
  type Effect,
  type JsonObject,
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

const NOBODY: Opener = Object.freeze({ pid: 0, startedAt: '', bootId: '' });

type Writable<T> = { -readonly [K in keyof T]: T[K] };
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
  #lastOpener: { readonly text: unknown; readonly opener: Opener } = { text: undefined, opener: NOBODY };

  constructor(file: string) {
    this.#file = file;
  }

  session(text: unknown): Session {
    return this.#session(parseObject(text, this.#file));
  }

  /** Most entries of a ledger have one of few openers. */
  opener(text: unknown): Opener {
    if (text !== this.#lastOpener.text) this.#lastOpener = { text, opener: this.#opener(text) };
    return this.#lastOpener.opener;
  }

  effect(text: unknown): Effect | undefined {
    return text === null ? undefined : this.oneOf(text, EFFECTS);
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
      ...(effect !== undefined && { effect: this.oneOf(effect, EFFECTS) }),
      ...this.#texts({ action, reason }),
      user: this.#text(user),
    };
  }

  /** What came of it. */
  result(text: unknown): Pick<Receipt, 'status' | 'verification' | 'skipped' | 'residual' | 'error'> {
    const { status, verification, skipped, residual, error } = parseObject(text, this.#file);
    return {
      status: this.oneOf(status, STATUSES),
      ...(verification !== undefined && { verification: this.oneOf(verification, VERIFICATIONS) }),
      ...(skipped !== undefined && { skipped: this.oneOf(skipped, SKIPS) }),
      ...(residual !== undefined && { residual: this.#residuals(residual) }),
      ...(error !== undefined && { error: this.#error(error) }),
    };
  }

  #opener(text: unknown): Opener {
    const { pid, startedAt, bootId, space } = parseObject(text, this.#file);
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) throw damaged(this.#file);
    return Object.freeze({
      pid,
      startedAt: this.#text(startedAt),
      bootId: this.#text(bootId),
      ...this.#texts({ space }),
    });
  }

  #session(fields: Fields): Session {
    const { effects } = fields;
    if (!Array.isArray(effects) || !effects.every(isEffect)) throw damaged(this.#file);
    const session: Writable<Session> = {
      provider: this.#text(fields['provider']),
      endpoint: this.#text(fields['endpoint']),
      id: this.#text(fields['id']),
      kind: this.#text(fields['kind']),
      label: this.#text(fields['label']),
      state: this.oneOf(fields['state'], SESSION_STATES),
      ownership: this.oneOf(fields['ownership'], OWNERSHIPS),
      effects,
      fingerprint: this.#text(fields['fingerprint']),
      details: this.#details(fields['details']),
    };
    // Assigned, not spread: a list has thousands of these.
    for (const name of ['principal', 'openedAt', 'expiresAt'] as const)
      if (fields[name] !== undefined) session[name] = this.#text(fields[name]);
    for (const name of ['isDefault', 'isCaller'] as const) if (fields[name] === true) session[name] = true;
    return session;
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
      code: this.oneOf(code, ERROR_CODES),
      message: this.#text(message),
      ...this.#texts({ system, next }),
      ...(details !== undefined && { details: this.#details(details) }),
    };
  }

  #details(value: unknown): JsonObject {
    if (!isObject(value) || !ledgerRecords.isWithin(value, DEEPEST)) throw damaged(this.#file);
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

  /** One of the words that a ledger writes there. */
  oneOf<T>(value: unknown, values: readonly T[]): T {
    if (values.includes(value as T)) return value as T;
    throw damaged(this.#file);
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
