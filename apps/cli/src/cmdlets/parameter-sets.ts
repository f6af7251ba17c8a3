import type { Cmdlet } from '@slipline/core';
import { usage } from '../arguments/usage.ts';
import type { CmdletParameter } from './cmdlet-parameter.ts';

type Sets = Pick<Cmdlet, 'sets' | 'mandatory'>;

/**
 * Checks what was given against the cmdlet's parameter sets (about_Parameter_Sets): all of it is in one set, which is the
 * default one or the only one left, and nothing that this set insists on is missing. Throws `invalid-request`.
 */
export function checkParameterSets(
  { sets = {}, mandatory = {} }: Sets,
  given: readonly CmdletParameter[],
): void {
  const members = Object.entries(sets);
  if (members.length === 0) return;
  const inSome = new Set(members.flatMap(([, names]) => names));
  const deciding = given.filter(({ key, kind }) => kind === 'own' && inSome.has(key));
  const missingIn = (set: string): readonly string[] =>
    (mandatory[set] ?? []).filter((name) => !given.some(({ key }) => key === name));
  const candidates = members.filter(([, names]) => deciding.every(({ key }) => names.includes(key)));
  if (candidates.length === 0) {
    const together = deciding.map(({ name }) => `-${name}`).join(' and ');
    throw usage(
      `${together} do not go together: they are of different parameter sets`,
      'give only one of them',
    );
  }
  const complete = candidates.filter(([set]) => missingIn(set).length === 0);
  const [first] = complete;
  const isDefault = first !== undefined && first[0] === members[0]?.[0];
  if (complete.length === 1 || isDefault) return;
  if (first !== undefined) {
    const names = deciding.map(({ name }) => `-${name}`).join(' and ');
    throw usage(
      `${names} could be of several parameter sets: ${complete.map(([set]) => set).join(', ')}`,
      'give more',
    );
  }
  const missing = missingIn(candidates[0]?.[0] ?? '');
  throw usage(
    `${missing.map(dashed).join(', ')} is missing`,
    `write ${missing.map((name) => `${dashed(name)} VALUE`).join(' ')}`,
  );
}

function dashed(name: string): string {
  return `-${name.replace(/^./, (letter) => letter.toUpperCase())}`;
}
