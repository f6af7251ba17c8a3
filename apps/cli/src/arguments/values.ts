import {
  DisconnectError,
  parseParameters,
  type Parameter,
  type ParameterTable,
  type Secret,
} from '@slipline/core';
import { baseName, kebab, type Flag, type SecretSource } from './flags.ts';
import type { Given } from './scan.ts';
import { usage } from './usage.ts';

/** Reads a secret from where a flag says; `value` is the file or the variable. */
export type ReadSecret = (source: SecretSource, flag: string, value: string) => Promise<Secret>;

/** A table and its flags. */
export interface FlagGroup {
  readonly table: ParameterTable;
  readonly flags: readonly Flag[];
}

/**
 * The values of one table, from its flags and from positional words, checked by core's rules. `next` is what to type where
 * something is missing.
 */
export async function valuesOf(
  group: FlagGroup,
  given: readonly Given[],
  words: readonly string[],
  next: string,
  readSecret: ReadSecret,
): Promise<Record<string, unknown>> {
  const values = new Map<string, readonly unknown[]>();
  for (const one of given) {
    if (!group.flags.includes(one.flag)) continue;
    const { key, parameter } = one.flag;
    const known = values.get(key) ?? [];
    if (known.length > 0 && parameter.many !== true && parameter.type !== 'boolean')
      throw usage(`${one.spelled} is given twice`, 'give it once');
    values.set(key, [...known, ...(await valuesIn(one, readSecret))]);
  }
  place(group.table, words, values, next);
  return checked(group, values, next);
}

async function valuesIn({ flag, value }: Given, readSecret: ReadSecret): Promise<readonly unknown[]> {
  const { source, parameter, name } = flag;
  if (source !== undefined) return [await readSecret(source, name, value ?? '')];
  return value === undefined ? [true] : listed(parameter, value);
}

/** `a,b` are two values where there can be several. */
function listed(parameter: Parameter, text: string): readonly string[] {
  if (parameter.many !== true || parameter.format === 'line') return [text];
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Gives words to the parameters that have a position; one that can have several values takes all that follow. */
function place(
  table: ParameterTable,
  words: readonly string[],
  values: Map<string, readonly unknown[]>,
  next: string,
): void {
  const places = Object.entries(table)
    .filter(([, parameter]) => parameter.position !== undefined)
    .sort(([, one], [, other]) => (one.position ?? 0) - (other.position ?? 0));
  let left = words;
  for (const [key, parameter] of places) {
    const taken = parameter.many === true ? left : left.slice(0, 1);
    if (taken.length === 0) break;
    const known = values.get(key) ?? [];
    if (known.length > 0 && parameter.many !== true)
      throw usage(`--${kebab(key)} is given twice`, 'give it once');
    values.set(key, [...known, ...taken.flatMap((word) => listed(parameter, word))]);
    left = left.slice(taken.length);
  }
  const [extra] = left;
  if (extra !== undefined) throw usage(`"${extra.slice(0, 80)}" is one argument too many`, next);
}

/** The values as their flags spell them. */
function checked(
  { table, flags }: FlagGroup,
  values: ReadonlyMap<string, readonly unknown[]>,
  next: string,
): Record<string, unknown> {
  const spelled = new Map(flags.map((flag) => [flag.key, `--${baseName(flag)}`]));
  const input = [...values].map(([key, list]) => [key, table[key]?.many === true ? list : list.at(-1)]);
  return checkedValues(
    table,
    Object.fromEntries(input) as Record<string, unknown>,
    (key) => spelled.get(key) ?? key,
    next,
  );
}

/** Core's own check, which names parameters here as they are typed. `next` is what to type where something is missing. */
export function checkedValues(
  table: ParameterTable,
  values: Readonly<Record<string, unknown>>,
  spell: (key: string) => string,
  next: string,
): Record<string, unknown> {
  const renamed = Object.entries(table).map(([key, parameter]): [string, Parameter] => [
    spell(key),
    { ...parameter, excludes: parameter.excludes?.map(spell), requires: parameter.requires?.map(spell) },
  ]);
  const input = Object.entries(values).map(([key, value]) => [spell(key), value]);
  try {
    const parsed: Record<string, unknown> = parseParameters(
      Object.fromEntries(renamed),
      Object.fromEntries(input) as Record<string, unknown>,
    );
    const named = Object.keys(table).map((key) => [key, parsed[spell(key)]] as const);
    return Object.fromEntries(named.filter(([, value]) => value !== undefined));
  } catch (error) {
    const known = DisconnectError.from(error);
    throw known.next === undefined ? usage(known.message, next) : known;
  }
}
