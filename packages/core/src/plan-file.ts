import { isEffect } from './effect.ts';
import { DisconnectError, ERROR_CODES, type ErrorCode } from './errors.ts';
import type { JsonObject } from './json.ts';
import { boundedDetails } from './ledger-records.ts';
import type { Problem } from './outcome.ts';
import type { Plan, PlanStep } from './plan.ts';
import { OWNERSHIPS, SESSION_STATES, sessionKey, type Session, type SessionRef } from './session.ts';

const MOST_SESSIONS = 100_000;
const LONGEST_TEXT = 4096;

type Fields = Readonly<Record<string, unknown>>;

/**
 * A plan from JSON that anybody may have written. Its form is checked here, and nothing it claims is believed: `apply`
 * reads every session again. Throws `invalid-request` naming the place.
 */
export function parsePlan(value: unknown): Plan {
  const plan = object(value, 'the plan');
  if (plan['version'] !== 1) throw invalid('the plan', 'has a version other than 1');
  return {
    version: 1,
    createdAt: text(plan['createdAt'], 'createdAt'),
    steps: parseSteps(list(plan['steps'], 'steps')),
    problems: list(plan['problems'] ?? [], 'problems').map((problem, place) =>
      parseProblem(problem, `problems[${place}]`),
    ),
    isEverything: plan['isEverything'] === true,
  };
}

/**
 * References to sessions from JSON: sessions as `ls -o json` prints them, outcomes, or bare references; one or a list.
 * Throws `invalid-request` naming the place.
 */
export function parseSessionRefs(
  value: unknown,
): readonly (SessionRef & { readonly fingerprint?: string })[] {
  const values = Array.isArray(value) ? list(value, 'the input') : [value];
  return values.map((one, place) => {
    const fields = object(one, `session ${place + 1}`);
    const session =
      typeof fields['session'] === 'object' && fields['session'] !== null
        ? (fields['session'] as Fields)
        : fields;
    return parseRef(session, `session ${place + 1}`);
  });
}

function parseRef(fields: Fields, where: string): SessionRef & { readonly fingerprint?: string } {
  const { fingerprint, id } = fields;
  return {
    provider: text(fields['provider'], `${where}.provider`),
    endpoint: text(fields['endpoint'], `${where}.endpoint`),
    id: typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : text(id, `${where}.id`),
    ...(fingerprint !== undefined && { fingerprint: text(fingerprint, `${where}.fingerprint`) }),
  };
}

function parseSteps(values: readonly unknown[]): readonly PlanStep[] {
  const known = new Set<string>();
  return values.map((value, place) => {
    const where = `steps[${place}]`;
    const step = parseStep(value, where);
    const key = sessionKey(step.session);
    if (known.has(key)) throw invalid(where, 'is about a session that an earlier step is about');
    known.add(key);
    return step;
  });
}

function parseStep(value: unknown, where: string): PlanStep {
  const step = object(value, where);
  const { effect } = step;
  if (!isEffect(effect)) throw invalid(`${where}.effect`, 'is not an effect');
  return {
    session: parseSession(step['session'], `${where}.session`),
    effect,
    isNamed: step['isNamed'] === true,
  };
}

function parseSession(value: unknown, where: string): Session {
  const fields = object(value, where);
  const ref = parseRef(fields, where);
  const { state, ownership, effects, details } = fields;
  return {
    provider: ref.provider,
    endpoint: ref.endpoint,
    id: ref.id,
    kind: text(fields['kind'] ?? 'session', `${where}.kind`),
    label: text(fields['label'] ?? ref.id, `${where}.label`),
    ...optionalTexts(fields, ['principal'], where),
    state: SESSION_STATES.find((known) => known === state) ?? 'unknown',
    ownership: OWNERSHIPS.find((known) => known === ownership) ?? 'foreign',
    effects: Array.isArray(effects) ? effects.filter(isEffect) : [],
    fingerprint: text(ref.fingerprint, `${where}.fingerprint`),
    ...optionalTexts(fields, ['openedAt', 'expiresAt'], where),
    details:
      typeof details === 'object' && details !== null && !Array.isArray(details)
        ? boundedDetails(details as JsonObject)
        : {},
  };
}

function parseProblem(value: unknown, where: string): Problem {
  const fields = object(value, where);
  const error = object(fields['error'], `${where}.error`);
  const code: ErrorCode = ERROR_CODES.find((known) => known === error['code']) ?? 'internal';
  return {
    provider: text(fields['provider'], `${where}.provider`),
    ...optionalTexts(fields, ['endpoint'], where),
    ...(fields['session'] !== undefined && { session: parseSession(fields['session'], `${where}.session`) }),
    error: new DisconnectError(
      code,
      text(error['message'], `${where}.error.message`),
      optionalTexts(error, ['system', 'next'], `${where}.error`),
    ),
  };
}

function optionalTexts<const Names extends readonly string[]>(
  fields: Fields,
  names: Names,
  where: string,
): { readonly [name in Names[number]]?: string } {
  const given = names.filter((name) => fields[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, text(fields[name], `${where}.${name}`)])) as {
    [name in Names[number]]?: string;
  };
}

function object(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalid(where, 'is not an object');
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(where, 'is not a list');
  if (value.length > MOST_SESSIONS) throw invalid(where, `has more than ${MOST_SESSIONS} entries`);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT) return value;
  throw invalid(where, `is not a text of 1 to ${LONGEST_TEXT} characters`);
}

function invalid(where: string, what: string): DisconnectError {
  return new DisconnectError('invalid-request', `${where} ${what}`, {
    next: 'make it anew: slipline disconnect … --plan FILE',
  });
}
