import type { DisconnectError } from '@slipline/core';
import { usage } from '../arguments/usage.ts';
import { elementsOf, textOf, truthOf } from './argument-text.ts';
import type { CmdletParameter } from './cmdlet-parameter.ts';
import type { Token } from './tokens.ts';

/** A value for one parameter: texts, or the truth of a switch. */
type BoundValue = readonly string[] | boolean;

/** What a command line gives to which parameter. */
export type Bound = ReadonlyMap<CmdletParameter, BoundValue>;

/**
 * Gives the words of a command line to parameters, by PowerShell's rules (about_Parameters): names in any case and
 * unambiguously shortened, aliases, `-Name:value`, lists with commas, then the rest by position. Throws `invalid-request`.
 */
export function bind(words: readonly Token[], parameters: readonly CmdletParameter[]): Bound {
  const bound = new Map<CmdletParameter, BoundValue>();
  const loose: string[] = [];
  const queue = [...words];
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    if (token.kind === 'argument') {
      loose.push(joined(token.text, queue));
      continue;
    }
    const parameter = named(token, parameters);
    if (bound.has(parameter))
      throw usage(`-${parameter.name} is given twice`, 'give it once, with commas between its values');
    bound.set(
      parameter,
      parameter.takesValue ? valueOf(token, parameter, queue) : switchOf(token, parameter, queue),
    );
  }
  placed(loose, parameters, bound);
  return bound;
}

/** The parameter that a name, or the beginning of one, stands for. */
function named(
  { name, spelled }: Extract<Token, { kind: 'parameter' }>,
  parameters: readonly CmdletParameter[],
): CmdletParameter {
  const wanted = name.toLowerCase();
  const shown = spelled.slice(0, 80);
  const names = (parameter: CmdletParameter) =>
    [parameter.name, ...parameter.aliases].map((one) => one.toLowerCase());
  const exact = parameters.find((parameter) => names(parameter).includes(wanted));
  if (exact !== undefined) return exact;
  const candidates = parameters.filter(
    (parameter) => parameter.kind !== 'added' && names(parameter).some((one) => one.startsWith(wanted)),
  );
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  if (only?.flag?.source !== undefined && candidates.every(({ key }) => key === only.key)) {
    throw usage(
      `${shown} takes no value on the command line, where everybody could read it`,
      `use one of: ${spell(candidates)}`,
    );
  }
  if (only !== undefined)
    throw usage(`${shown} could be any of several parameters`, `write one of: ${spell(candidates)}`);
  throw usage(
    `there is no parameter ${shown}`,
    `there are: ${spell(parameters.filter(({ kind }) => kind === 'own'))}`,
  );
}

function spell(parameters: readonly CmdletParameter[]): string {
  return parameters.map(({ name }) => `-${name}`).join(' ');
}

function switchOf(
  { attached }: Extract<Token, { kind: 'parameter' }>,
  { name }: CmdletParameter,
  queue: Token[],
): boolean {
  if (attached === undefined) return true;
  const [next] = queue;
  const follows = attached === '' && next?.kind === 'argument' ? truthOf(next.text) : undefined;
  if (follows !== undefined) queue.shift();
  const truth = follows ?? truthOf(attached);
  if (truth !== undefined) return truth;
  if (attached === '')
    throw usage(
      `there is nothing behind -${name}:, perhaps since the shell took $false for a variable of its own`,
      `quote it, as in -${name}:'$false', or write -${name}:false`,
    );
  throw usage(
    `-${name} is a switch: "${attached.slice(0, 80)}" is neither true nor false`,
    `write -${name}, -${name}:'$true' or -${name}:'$false'`,
  );
}

function valueOf(
  { attached, spelled }: Extract<Token, { kind: 'parameter' }>,
  parameter: CmdletParameter,
  queue: Token[],
): readonly string[] {
  const [next] = queue;
  let text = attached;
  if (text === undefined || text === '') {
    if (parameter.flag?.takesValue === false) return [];
    if (next?.kind !== 'argument') throw missingArgument(spelled, next);
    queue.shift();
    text = next.text;
  }
  return valuesIn(parameter.isMany ? joined(text, queue) : text, parameter);
}

function valuesIn(text: string, { isMany, name }: CmdletParameter): readonly string[] {
  if (isJson(text)) return [text];
  const values = isMany ? elementsOf(text) : [textOf(text)];
  if (values.length === 0 || values.includes('$null'))
    throw usage(`-${name} cannot be empty`, `write -${name} VALUE, or leave -${name} out`);
  return values;
}

function missingArgument(spelled: string, next: Token | undefined): DisconnectError {
  const value = (next?.kind === 'parameter' ? next.spelled : next?.text)?.slice(0, 80);
  const how = value === undefined ? '' : `, or ${spelled}:${value} where it begins with a dash`;
  return usage(`${spelled} needs a value`, `write ${spelled} VALUE${how}`);
}

/** `a, b` and `a ,b` are one list in PowerShell, and several words in other shells. */
function joined(text: string, queue: Token[]): string {
  let whole = text;
  for (let next = queue[0]; next?.kind === 'argument'; next = queue[0]) {
    if (!whole.endsWith(',') && !next.text.startsWith(',')) break;
    whole += next.text;
    queue.shift();
  }
  return whole;
}

/** Gives words without a name to the parameters that have a position and none yet. */
function placed(
  words: readonly string[],
  parameters: readonly CmdletParameter[],
  bound: Map<CmdletParameter, BoundValue>,
): void {
  const free = parameters
    .filter((parameter) => parameter.position !== undefined && !bound.has(parameter))
    .sort((one, other) => (one.position ?? 0) - (other.position ?? 0));
  for (const word of words) {
    const parameter = free.shift();
    if (parameter === undefined) {
      const lists = [...bound.keys()].some(({ isMany, position }) => isMany && position !== undefined);
      throw usage(
        `there is no parameter for "${word.slice(0, 80)}"`,
        lists
          ? 'put commas between the values of one parameter'
          : `there are: ${spell(parameters.filter(({ kind }) => kind === 'own'))}`,
      );
    }
    bound.set(parameter, valuesIn(word, parameter));
  }
}

/** An object or a list of objects, in the place of a value. */
export function isJson(text: string): boolean {
  return /^\s*(?:\{|\[\s*\{)/.test(text);
}
