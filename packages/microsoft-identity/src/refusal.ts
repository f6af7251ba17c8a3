import { IdentityError } from './errors.ts';
import { MEANINGS, PLAIN_MEANINGS, type Meaning } from './refusal-table.ts';
import type { JsonObject } from './json.ts';

/** Half an hour apart would be a wrong time zone; five minutes is what Microsoft tolerates. */
export const TOLERATED_SKEW = 300_000;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface RefusalContext {
  /** The HTTP status, where the refusal came as an answer. */
  readonly status?: number | undefined;
  /** The server's clock minus ours, in milliseconds. */
  readonly skew?: number | undefined;
  /** Milliseconds, from the answer's `Retry-After`. */
  readonly retryAfter?: number | undefined;
}

/**
 * The error for an OAuth error body. Its words are ours, chosen by the number: the server's own description is never passed on,
 * since nobody knows what it quotes.
 */
export function refusalOf(body: JsonObject, context: RefusalContext = {}): IdentityError {
  const numbers = numbersOf(body);
  const aadsts = numbers.find((number) => Object.hasOwn(MEANINGS, number)) ?? numbers[0];
  const { code, what, next } = meaningOf(body, aadsts, context);
  const skew = context.skew ?? 0;
  // An assertion that is refused for its time is not old where the clock is wrong: it was signed a moment ago.
  if (aadsts === 700024 && Math.abs(skew) > TOLERATED_SKEW) return skewError(skew, { aadsts });
  return new IdentityError(code, aadsts === undefined ? what : `${what} (AADSTS${aadsts})`, {
    next,
    aadsts,
    correlationId: guid(body['correlation_id']),
    retryAfter: context.retryAfter,
  });
}

/** The error for a clock that differs from the service's by `skew` milliseconds. */
export function skewError(
  skew: number,
  options: { readonly aadsts?: number | undefined } = {},
): IdentityError {
  const minutes = Math.round(Math.abs(skew) / 60_000);
  const direction = skew > 0 ? 'behind' : 'ahead of';
  return new IdentityError(
    'clock-skew',
    `this computer's clock is ${minutes} minutes ${direction} the service's`,
    {
      next: 'set the clock, then try again',
      aadsts: options.aadsts,
    },
  );
}

function meaningOf(body: JsonObject, aadsts: number | undefined, { status = 0 }: RefusalContext): Meaning {
  if (aadsts !== undefined && Object.hasOwn(MEANINGS, aadsts)) return MEANINGS[aadsts] as Meaning;
  const { error, suberror } = body;
  for (const name of [suberror, error]) {
    if (typeof name === 'string' && Object.hasOwn(PLAIN_MEANINGS, name)) {
      const meaning = PLAIN_MEANINGS[name] as Meaning;
      if (aadsts === undefined) return meaning;
      // With a number that is not known, a grant may be dead or may only want something more of the person.
      const code = meaning.code === 'grant-expired' ? 'sign-in-required' : meaning.code;
      return { ...meaning, code, next: `${meaning.next}; see ${pageOf(aadsts)}` };
    }
  }
  if (status === 429)
    return { code: 'throttled', what: 'the service is overloaded', next: 'wait a moment, then try again' };
  if (status >= 500) return { code: 'unavailable', what: 'the service failed', next: 'try again later' };
  const next = aadsts === undefined ? 'check the settings of the sign-in' : `see ${pageOf(aadsts)}`;
  return { code: 'refused', what: `the service refused the request${named(error)}`, next };
}

/** From the list, or else from the description, which begins with one. */
function numbersOf({ error_codes: codes, error_description: description }: JsonObject): readonly number[] {
  const listed = Array.isArray(codes) ? codes.slice(0, 16).filter(isNumber) : [];
  if (listed.length > 0 || typeof description !== 'string') return listed;
  const [, number] = /AADSTS(\d{4,9})(?!\d)/.exec(description.slice(0, 2048)) ?? [];
  return number === undefined ? [] : [Number(number)];
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1e9;
}

function pageOf(aadsts: number): string {
  return `https://login.microsoftonline.com/error?code=${aadsts}`;
}

/** OAuth's errors are words; anything else is not repeated. */
function named(error: unknown): string {
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? ` (${error})` : '';
}

function guid(value: unknown): string | undefined {
  return typeof value === 'string' && GUID.test(value) ? value.toLowerCase() : undefined;
}
