import { plainText } from '@slipline/core';
import { rows, sections, sentence } from '../arguments/help-layout.ts';
import type { Style } from '../output/style.ts';
import { counterpartOf } from './cmdlet-command.ts';
import { parametersOf } from './cmdlet-line.ts';
import type { CmdletParameter } from './cmdlet-parameter.ts';
import type { FoundCmdlet } from './find-cmdlet.ts';

/** What `Get-Help` says of a cmdlet: its syntax by parameter set, and its parameters. */
export async function cmdletHelp(found: FoundCmdlet, style: Style): Promise<string> {
  const { cmdlet, plugin } = found;
  const command = await counterpartOf(found);
  const parameters = parametersOf(found, command);
  const own = parameters.filter(({ kind }) => kind === 'own');
  const of = (kind: CmdletParameter['kind']) => parameters.filter((one) => one.kind === kind);
  const aliases = cmdlet.aliases ?? [];
  return sections(style, [
    ['', [`slipline ${cmdlet.name}`, '', `${sentence(command.summary)} ${plainText(plugin.title)}.`]],
    ['Syntax', syntax(found, own)],
    ['Parameters', rows(own.map(row))],
    [
      'What every cmdlet takes',
      [
        of('common')
          .map(({ name }) => `-${name}`)
          .join(' '),
      ],
    ],
    ['What Slipline adds', rows(of('added').map(row))],
    ['Also called', aliases.length === 0 ? [] : [aliases.join(', ')]],
  ]);
}

function syntax({ cmdlet }: FoundCmdlet, own: readonly CmdletParameter[]): readonly string[] {
  const sets = Object.entries(cmdlet.sets ?? { Default: own.map(({ key }) => key) });
  const inSome = new Set(sets.flatMap(([, names]) => names));
  return sets.map(([set, names]) => {
    const words = own
      .filter(({ key }) => names.includes(key) || !inSome.has(key))
      .map((parameter) => word(parameter, cmdlet.mandatory?.[set]?.includes(parameter.key) ?? false));
    return `  ${[cmdlet.name, ...words].join(' ')}`;
  });
}

function word({ name, takesValue, isMany, position, flag }: CmdletParameter, isMandatory: boolean): string {
  const called = position === undefined ? `-${name}` : `[-${name}]`;
  const whole = takesValue
    ? `${called} <${isMany ? 'string[]' : (flag?.parameter.type ?? 'object')}>`
    : called;
  return isMandatory || flag?.parameter.required === true ? whole : `[${whole}]`;
}

function row({ name, aliases, flag, takesValue }: CmdletParameter): readonly [string, string] {
  const value = takesValue && flag !== undefined ? ` ${flag.parameter.placeholder ?? 'VALUE'}` : '';
  const also = aliases.length === 0 ? '' : ` (also ${aliases.map((alias) => `-${alias}`).join(', ')})`;
  return [`  -${name}${value}`, plainText((flag?.parameter.summary ?? 'sessions as objects') + also)];
}
