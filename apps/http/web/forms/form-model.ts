import type { Parameter, ParameterTable } from '../api/types.ts';

/** What a form holds: a text per field (`on` for a box that is ticked), many values in lines. */
export type Inputs = Readonly<Record<string, string>>;
export type Value = string | number | boolean | readonly (string | number)[];
/** What is wrong, by field. */
export type Faults = Readonly<Record<string, string>>;

/** What a plugin's parameters make of a form's inputs: values to send, or faults to show. What is empty is not given. */
export function readInputs(
  table: ParameterTable,
  inputs: Inputs,
): { readonly values: Readonly<Record<string, Value>>; readonly faults: Faults } {
  const values: Record<string, Value> = {};
  const faults: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(table)) {
    const text = inputs[name] ?? '';
    // A password may begin or end with a space, and so may nothing else.
    const input = parameter.type === 'secret' ? text : text.trim();
    if (input === '') continue;
    const parts = parameter.many === true ? split(input, parameter) : [input];
    const read = parts.map((part) => readOne(parameter, part));
    const fault = read.find((one) => 'fault' in one);
    if (fault !== undefined && 'fault' in fault) faults[name] = fault.fault;
    else {
      const list = read.flatMap((one) => ('value' in one ? [one.value] : []));
      const [only] = list;
      if (parameter.many === true) values[name] = list as readonly (string | number)[];
      else if (only !== undefined) values[name] = only;
    }
  }
  return { values, faults: { ...setFaults(table, values), ...faults } };
}

/** Values of one field stand in lines of their own, or between commas where a comma is not part of one. */
function split(input: string, { format }: Parameter): readonly string[] {
  return input
    .split(format === 'line' ? /\r?\n/ : /[\r\n,]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function readOne(
  parameter: Parameter,
  input: string,
): { readonly value: string | number | boolean } | { readonly fault: string } {
  switch (parameter.type) {
    case 'boolean':
      return { value: input === 'on' || input === 'true' };
    case 'integer':
      return readInteger(parameter, input);
    case 'secret':
      return { value: input };
    case 'string':
      return readString(parameter, input);
    default:
      return parameter.type satisfies never;
  }
}

function readInteger(
  { minimum, maximum }: Parameter,
  input: string,
): { readonly value: number } | { readonly fault: string } {
  const value = /^[+-]?\d{1,15}$/.test(input) ? Number(input) : Number.NaN;
  if (Number.isNaN(value)) return { fault: `“${input}” is not a whole number` };
  if (minimum !== undefined && value < minimum) return { fault: `at least ${minimum}` };
  if (maximum !== undefined && value > maximum) return { fault: `at most ${maximum}` };
  return { value };
}

function readString(
  { choices, pattern }: Parameter,
  input: string,
): { readonly value: string } | { readonly fault: string } {
  if (choices !== undefined && !choices.includes(input)) return { fault: `one of: ${choices.join(', ')}` };
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(input))
    return { fault: `“${input}” does not have the right form` };
  return { value: input };
}

/** The service says the same; here it is said before anything is sent, at the field. */
function setFaults(table: ParameterTable, values: Readonly<Record<string, Value>>): Faults {
  const faults: Record<string, string> = {};
  const isGiven = (name: string): boolean => Object.hasOwn(values, name);
  for (const [name, { required, excludes, requires }] of Object.entries(table)) {
    if (!isGiven(name)) {
      if (required === true) faults[name] = 'this is needed';
      continue;
    }
    const excluded = excludes?.find(isGiven);
    const missing = requires?.find((other) => !isGiven(other));
    if (excluded !== undefined) faults[name] = `not together with ${wordsOf(excluded)}`;
    else if (missing !== undefined) faults[missing] = `needed together with ${wordsOf(name)}`;
  }
  return faults;
}

/** The field that a problem of the service is about: its text begins with the parameter's name. */
export function faultOf(table: ParameterTable, message: string): Faults | undefined {
  const name = /^["“]?([A-Za-z][\w-]*)/.exec(message)?.[1];
  return name !== undefined && Object.hasOwn(table, name) ? { [name]: message } : undefined;
}

/** `authLoginDomain` as `Auth login domain`. */
export function labelOf(name: string): string {
  const words = wordsOf(name);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const ACRONYMS: Readonly<Record<string, string>> = {
  ad: 'AD',
  id: 'ID',
  uri: 'URI',
  url: 'URL',
  ca: 'CA',
  cn: 'CN',
  api: 'API',
  ssl: 'SSL',
};

function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .trim()
    .split(' ')
    .map((word) => ACRONYMS[word.toLowerCase()] ?? word.toLowerCase())
    .join(' ');
}

export interface Fields {
  readonly main: readonly string[];
  readonly more: readonly string[];
}

/** What most people fill in, the system first; and the rest. */
export function arrangeFields(table: ParameterTable): Fields {
  const unlocks = new Set(Object.values(table).flatMap(({ requires = [] }) => requires));
  const rank = (name: string, { endpoint, position, required, credential }: Parameter): number => {
    if (endpoint === true && position === 0) return 0;
    if (required === true) return 1;
    if (position === 0) return 2;
    if (credential !== undefined || unlocks.has(name)) return 3;
    return 4;
  };
  const ranked = Object.entries(table).map(([name, parameter]) => ({ name, rank: rank(name, parameter) }));
  const main = ranked.filter((one) => one.rank < 4).sort((one, other) => one.rank - other.rank);
  const more = ranked.filter((one) => one.rank === 4);
  // A few fields need no second place to look in.
  if (more.length <= 3) return { main: [...main, ...more].map(({ name }) => name), more: [] };
  return { main: main.map(({ name }) => name), more: more.map(({ name }) => name) };
}
