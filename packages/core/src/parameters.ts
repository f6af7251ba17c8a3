import { DisconnectError } from './errors.ts';
import { Secret } from './secret.ts';

/**
 * One parameter, as data: CLI flags, PowerShell-style parameters, HTTP validation, forms and help come from it.
 * `excludes` and `requires` are PowerShell's parameter sets.
 */
export interface Parameter {
  readonly type: 'string' | 'integer' | 'boolean' | 'secret';
  /** One line, for help. */
  readonly summary: string;
  /** What stands for the value in help: `HOST`. */
  readonly placeholder?: string | undefined;
  readonly many?: boolean | undefined;
  /** Names the system; core fans out `many`, and keeps credentials and trust by it. */
  readonly endpoint?: boolean | undefined;
  /** Names single sessions: what matches nothing is `not-found`, and naming is as good as asking for it. */
  readonly names?: boolean | undefined;
  /** Only for listing, not for choosing what to disconnect. */
  readonly listing?: boolean | undefined;
  /** Which half of a credential this is; core answers `CallContext.credential` from it. */
  readonly credential?: 'userName' | 'password' | undefined;
  readonly required?: boolean | undefined;
  readonly position?: number | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly choices?: readonly string[] | undefined;
  /** Of an integer. */
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  /** Of an integer of an action: seconds that it waits by itself, by which its deadline is later. */
  readonly waits?: boolean | undefined;
  /** Of a string, as a regular expression's source, for the whole value. */
  readonly pattern?: string | undefined;
  /** An empty string is a value too, which the pattern need not allow. */
  readonly mayBeEmpty?: boolean | undefined;
  readonly excludes?: readonly string[] | undefined;
  readonly requires?: readonly string[] | undefined;
  /** A path is completed as a file name. Of several lines each is given by itself: commas are part of it. */
  readonly format?: 'path' | 'line' | undefined;
}

export type ParameterTable = Readonly<Record<string, Parameter>>;

type One<P extends Parameter> = P['type'] extends 'integer'
  ? number
  : P['type'] extends 'boolean'
    ? boolean
    : P['type'] extends 'secret'
      ? Secret
      : P extends { readonly choices: readonly (infer C extends string)[] }
        ? C
        : string;
type Value<P extends Parameter> = P extends { readonly many: true } ? readonly One<P>[] : One<P>;
type RequiredNames<T extends ParameterTable> = {
  [K in keyof T]: T[K] extends { readonly required: true } ? K : never;
}[keyof T];

/** The values that a table describes. */
export type Values<T extends ParameterTable> = { readonly [K in RequiredNames<T>]: Value<T[K]> } & {
  readonly [K in Exclude<keyof T, RequiredNames<T>>]?: Value<T[K]> | undefined;
};

const LONGEST_VALUE = 65_536;
const MOST_VALUES = 10_000;

/**
 * Checks values from outside against a table: unknown names, types, choices, bounds, sets. Strings stand for integers
 * and booleans, a single value for a list. Throws `invalid-request` naming the parameter and what it takes.
 */
export function parseParameters<T extends ParameterTable>(
  table: T,
  input: Readonly<Record<string, unknown>>,
): Values<T> {
  const values: Record<string, unknown> = {};
  for (const [name, raw] of Object.entries(input)) {
    if (raw === undefined) continue;
    const parameter = Object.hasOwn(table, name) ? table[name] : undefined;
    if (parameter === undefined) throw unknownParameter(name, Object.keys(table));
    values[name] = parseValue(name, parameter, raw);
  }
  checkSets(table, values);
  return values as Values<T>;
}

function unknownParameter(name: string, known: readonly string[]): DisconnectError {
  const next =
    known.length === 0 ? 'leave it out: nothing can be given here' : `use one of: ${known.join(', ')}`;
  return new DisconnectError('invalid-request', `unknown parameter "${name.slice(0, 80)}"`, { next });
}

function checkSets(table: ParameterTable, values: Readonly<Record<string, unknown>>): void {
  const isGiven = (name: string): boolean => Object.hasOwn(values, name);
  for (const [name, parameter] of Object.entries(table)) {
    if (!isGiven(name)) {
      if (parameter.required === true)
        throw new DisconnectError('invalid-request', `${name} is required: ${parameter.summary}`);
      continue;
    }
    const excluded = parameter.excludes?.find(isGiven);
    if (excluded !== undefined) {
      throw new DisconnectError('invalid-request', `${name} and ${excluded} exclude each other`, {
        next: `give only one of them`,
      });
    }
    const missing = parameter.requires?.find((other) => !isGiven(other));
    if (missing !== undefined) {
      throw new DisconnectError('invalid-request', `${name} needs ${missing}`, {
        next: `give ${missing} as well`,
      });
    }
  }
}

function parseValue(name: string, parameter: Parameter, raw: unknown): unknown {
  if (parameter.many !== true) {
    if (Array.isArray(raw)) throw invalid(name, parameter, 'takes one value');
    return parseOne(name, parameter, raw);
  }
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  if (list.length === 0) throw invalid(name, parameter, 'needs at least one value');
  if (list.length > MOST_VALUES) throw invalid(name, parameter, `takes at most ${MOST_VALUES} values`);
  return list.map((value) => parseOne(name, parameter, value));
}

function parseOne(name: string, parameter: Parameter, raw: unknown): unknown {
  switch (parameter.type) {
    case 'string':
      return parseString(name, parameter, raw);
    case 'secret':
      if (raw instanceof Secret) return raw;
      throw invalid(name, parameter, 'must come as a Secret');
    case 'boolean':
      if (raw === true || raw === 'true') return true;
      if (raw === false || raw === 'false') return false;
      throw invalid(name, parameter, 'is true or false');
    case 'integer':
      return parseInteger(name, parameter, raw);
    default:
      return parameter.type satisfies never;
  }
}

function parseString(name: string, parameter: Parameter, raw: unknown): string {
  if (raw === '' && parameter.mayBeEmpty === true) return raw;
  if (typeof raw !== 'string' || raw === '') throw invalid(name, parameter, 'is a text that is not empty');
  if (raw.length > LONGEST_VALUE || raw.includes('\0'))
    throw invalid(name, parameter, 'is too long or holds a zero byte');
  if (parameter.choices !== undefined) {
    const choice = parameter.choices.find((one) => one.toLowerCase() === raw.toLowerCase());
    if (choice === undefined) throw invalid(name, parameter, `is one of: ${parameter.choices.join(', ')}`);
    return choice;
  }
  if (parameter.pattern !== undefined && !new RegExp(`^(?:${parameter.pattern})$`, 'u').test(raw)) {
    throw invalid(name, parameter, 'does not have the right form');
  }
  return raw;
}

function parseInteger(name: string, parameter: Parameter, raw: unknown): number {
  const value = typeof raw === 'string' && /^[+-]?\d{1,15}$/.test(raw) ? Number(raw) : raw;
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = parameter;
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw invalid(name, parameter, 'is a whole number');
  if (value < minimum) throw invalid(name, parameter, `is at least ${minimum}`);
  if (value > maximum) throw invalid(name, parameter, `is at most ${maximum}`);
  return value;
}

function invalid(name: string, parameter: Parameter, what: string): DisconnectError {
  return new DisconnectError('invalid-request', `${name} ${what}`, { next: `${name}: ${parameter.summary}` });
}
