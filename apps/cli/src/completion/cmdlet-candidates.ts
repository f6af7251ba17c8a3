import type { AnyPlugin } from '@slipline/core';
import { counterpartOf } from '../cmdlets/cmdlet-command.ts';
import { parametersOf } from '../cmdlets/cmdlet-line.ts';
import type { CmdletParameter } from '../cmdlets/cmdlet-parameter.ts';
import { ACTIONS, MEANINGLESS } from '../cmdlets/common-parameters.ts';
import { cmdletNamed, type FoundCmdlet } from '../cmdlets/find-cmdlet.ts';
import type { Candidate, Candidates } from './completion-candidates.ts';

/** The values that a parameter of a plugin can have here. */
export type ParameterValues = (
  parameter: CmdletParameter,
  plugin: AnyPlugin,
) => Promise<readonly Candidate[]>;

/** Whether a word begins as a cmdlet does: in upper case, or with its dash. */
export function beginsCmdlet(word: string): boolean {
  return /^[A-Z]|^[a-z]+-/.test(word);
}

export function cmdletNames(cmdlets: readonly FoundCmdlet[]): readonly Candidate[] {
  return cmdlets.flatMap(({ cmdlet, plugin }) =>
    [cmdlet.name, ...(cmdlet.aliases ?? [])].map((text) => ({ text, hint: plugin.title })),
  );
}

/** What the word under the cursor can become behind a cmdlet's name; `undefined` where there is no such cmdlet. */
export async function cmdletCandidates(
  before: readonly string[],
  current: string,
  cmdlets: readonly FoundCmdlet[],
  values: ParameterValues,
): Promise<Candidates | undefined> {
  const [name = '', ...words] = before;
  const found = cmdletNamed(name, cmdlets);
  if (found === undefined) return undefined;
  const parameters = parametersOf(found, await counterpartOf(found));
  const [, spelled, typed] = /^(-[a-z]+):(.*)$/is.exec(current) ?? [];
  const attached = spelled === undefined ? undefined : parameterNamed(spelled, parameters);
  if (attached !== undefined) return valuesOf(attached, typed ?? '', `${spelled}:`, found, values);
  const pending = parameterNamed(words.at(-1) ?? '', parameters);
  if (pending?.takesValue === true) return valuesOf(pending, current, '', found, values);
  if (current.startsWith('-')) return names(words, parameters);
  const taken = new Set(words.map((word) => parameterNamed(word, parameters)));
  const next = parameters
    .filter((parameter) => parameter.position !== undefined && !taken.has(parameter))
    .sort((one, other) => (one.position ?? 0) - (other.position ?? 0))[0];
  return next === undefined ? { words: [], files: false } : valuesOf(next, current, '', found, values);
}

function names(words: readonly string[], parameters: readonly CmdletParameter[]): Candidates {
  const used = new Set(words.map((word) => parameterNamed(word, parameters)));
  const free = parameters.filter((parameter) => !used.has(parameter) && !MEANINGLESS.has(parameter.name));
  return {
    words: free.map(({ name, flag }) => ({ text: `-${name}`, hint: flag?.parameter.summary })),
    files: false,
  };
}

function parameterNamed(word: string, parameters: readonly CmdletParameter[]): CmdletParameter | undefined {
  const wanted = /^-([a-z]+)/i.exec(word)?.[1]?.toLowerCase();
  return parameters.find(({ name, aliases }) =>
    [name, ...aliases].some((one) => one.toLowerCase() === wanted),
  );
}

async function valuesOf(
  parameter: CmdletParameter,
  typed: string,
  prefix: string,
  { plugin }: FoundCmdlet,
  values: ParameterValues,
): Promise<Candidates> {
  const { flag, name, takesValue } = parameter;
  if (flag?.parameter.format === 'path' || flag?.source === 'file') return { words: [], files: true };
  // Of several values the last one is being typed.
  const earlier = parameter.isMany ? typed.slice(0, typed.lastIndexOf(',') + 1) : '';
  const offered = takesValue
    ? await valuesFor(parameter, plugin, values)
    : [{ text: '$true' }, { text: '$false' }];
  const words = name.endsWith('Action') && flag === undefined ? ACTIONS.map((text) => ({ text })) : offered;
  return {
    words: words.map(({ text, ...more }) => ({ text: `${prefix}${earlier}${text}`, ...more })),
    files: false,
  };
}

function valuesFor(
  parameter: CmdletParameter,
  plugin: AnyPlugin,
  values: ParameterValues,
): Promise<readonly Candidate[]> {
  return parameter.flag === undefined ? Promise.resolve([]) : values(parameter, plugin);
}
