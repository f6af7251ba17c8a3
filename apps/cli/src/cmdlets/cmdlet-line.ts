import { parseParameters, type JsonObject, type ParameterTable } from '@slipline/core';
import { flagsOf } from '../arguments/flags.ts';
import { usage } from '../arguments/usage.ts';
import { checkedValues, type ReadSecret } from '../arguments/values.ts';
import { GLOBAL_FLAGS, type Command, type GlobalValues } from '../command.ts';
import { bind, isJson, type Bound } from './binder.ts';
import { addedParameters, ownParameters, pascal, type CmdletParameter } from './cmdlet-parameter.ts';
import { ACTIONS, commonParameters, MEANINGLESS } from './common-parameters.ts';
import type { FoundCmdlet } from './find-cmdlet.ts';
import { checkParameterSets } from './parameter-sets.ts';
import { tokens } from './tokens.ts';

type Action = (typeof ACTIONS)[number];

/** The command line of a cmdlet, read and checked. */
export interface CmdletLine extends FoundCmdlet {
  /** The plugin's parameters: those of `connect`, of `find`, and of the action. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Sessions that were given as objects. */
  readonly objects: readonly JsonObject[];
  /** Flags of the Slipline command that does the same. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly globals: GlobalValues;
  /** As `-Confirm` and `-WhatIf` were given. */
  readonly confirm?: boolean | undefined;
  readonly isWhatIf: boolean;
  readonly preferences: Preferences;
  /** Parameters that were given and mean nothing outside PowerShell. */
  readonly meaningless: readonly string[];
}

/** What is wanted of each stream; PowerShell's default where absent. */
interface Preferences {
  readonly error?: Action | undefined;
  readonly warning?: Action | undefined;
  readonly information?: Action | undefined;
  readonly progress?: Action | undefined;
}

/** What PowerShell does itself, or a cmdlet in its own way. */
const REPLACED = new Set([
  'verbose',
  'debug',
  'help',
  'whatIf',
  'yes',
  'confirmName',
  'all',
  'plan',
  'live',
  'effect',
]);
const ADDED = (table: ParameterTable): readonly CmdletParameter[] =>
  addedParameters(flagsOf(table).filter(({ key }) => !REPLACED.has(key)));

/** The parameters of a cmdlet: its own, PowerShell's, and those of `command`, which does the same in Slipline's words. */
export function parametersOf({ cmdlet, plugin }: FoundCmdlet, command: Command): readonly CmdletParameter[] {
  const changes = cmdlet.verb === 'disconnect' || cmdlet.verb === 'act';
  return [
    ...ownParameters(cmdlet, tableOf({ cmdlet, plugin })),
    ...commonParameters(changes),
    ...ADDED(command.flags),
    ...ADDED(GLOBAL_FLAGS),
  ];
}

/** The plugin's parameters that a cmdlet takes. */
export function tableOf({ cmdlet, plugin }: FoundCmdlet): ParameterTable {
  const chosen = Object.entries(plugin.find).filter(([, parameter]) => parameter.listing !== true);
  switch (cmdlet.verb) {
    case 'connect':
      return plugin.connect ?? {};
    case 'list':
      return plugin.find;
    case 'disconnect':
      return Object.fromEntries(chosen);
    case 'act':
      return { ...Object.fromEntries(chosen), ...plugin.actions?.[cmdlet.action ?? '']?.parameters };
    default:
      return cmdlet.verb satisfies never;
  }
}

/** Reads a cmdlet's command line. Throws `invalid-request`, with the correct form as the next step. */
export async function readCmdletLine(
  found: FoundCmdlet,
  command: Command,
  words: readonly string[],
  readSecret: ReadSecret,
): Promise<CmdletLine> {
  const bound = bind(tokens(words), parametersOf(found, command));
  checkParameterSets(found.cmdlet, [...bound.keys()]);
  const next = `slipline help ${found.cmdlet.name}`;
  const { values, objects } = await ownValues(found, bound, next, readSecret);
  const common = new Map(
    [...bound].flatMap(([{ kind, name }, value]) => (kind === 'common' ? [[name, value]] : [])),
  );
  return {
    ...found,
    values,
    objects,
    flags: addedValues(command.flags, bound, next),
    globals: {
      ...(addedValues(GLOBAL_FLAGS, bound, next) as GlobalValues),
      ...(common.get('Verbose') === true && { verbose: true }),
      ...(common.get('Debug') === true && { debug: true }),
    },
    confirm: common.get('Confirm') as boolean | undefined,
    isWhatIf: common.get('WhatIf') === true,
    preferences: {
      error: actionOf('ErrorAction', common),
      warning: actionOf('WarningAction', common),
      information: actionOf('InformationAction', common),
      progress: actionOf('ProgressAction', common),
    },
    meaningless: [...common.keys()].filter((name) => MEANINGLESS.has(name)),
  };
}

async function ownValues(
  found: FoundCmdlet,
  bound: Bound,
  next: string,
  readSecret: ReadSecret,
): Promise<Pick<CmdletLine, 'values' | 'objects'>> {
  const table = tableOf(found);
  const values: Record<string, unknown> = {};
  const objects: JsonObject[] = [];
  for (const [parameter, value] of bound) {
    const { kind, key, flag, name, isMany } = parameter;
    if (kind !== 'own') continue;
    const texts = typeof value === 'boolean' ? [] : value;
    if (flag === undefined || (flag.parameter.names === true && texts.some(isJson)))
      objects.push(...objectsIn(name, texts));
    else if (flag.source !== undefined)
      values[key] = await readSecret(flag.source, flag.name, texts[0] ?? '');
    else values[key] = typeof value === 'boolean' ? value : isMany ? texts : texts[0];
  }
  const given = { ...values, ...found.cmdlet.values };
  return { values: checkedValues(table, given, (key) => `-${pascal(key)}`, next), objects };
}

function objectsIn(name: string, texts: readonly string[]): readonly JsonObject[] {
  return texts.flatMap((text) => {
    try {
      const parsed: unknown = JSON.parse(text);
      if (isJson(text)) return (Array.isArray(parsed) ? parsed : [parsed]) as JsonObject[];
    } catch {
      // Said below.
    }
    throw usage(`-${name} takes sessions as objects`, `write -${name} "$(slipline … -o json)", or pipe them`);
  });
}

function addedValues<T extends ParameterTable>(
  table: T,
  bound: Bound,
  next: string,
): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [{ kind, key, isMany }, value] of bound) {
    if (kind !== 'added' || !Object.hasOwn(table, key)) continue;
    given[key] = typeof value === 'boolean' ? value : isMany ? value : value[0];
  }
  return checkedValues(table, given, (key) => `-${pascal(key)}`, next);
}

function actionOf(name: string, common: ReadonlyMap<string, unknown>): Action | undefined {
  const given = common.get(name) as readonly string[] | undefined;
  if (given === undefined) return undefined;
  const table = {
    [name]: { type: 'string', choices: ACTIONS, summary: `one of: ${ACTIONS.join(', ')}` },
  } as const;
  return parseParameters(table, { [name]: given[0] })[name];
}
