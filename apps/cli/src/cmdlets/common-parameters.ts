import type { CmdletParameter } from './cmdlet-parameter.ts';

/** What a person wants done about one stream: `Continue` and so on (about_Preference_Variables). */
export const ACTIONS = [
  'Continue',
  'SilentlyContinue',
  'Ignore',
  'Stop',
  'Inquire',
  'Break',
  'Suspend',
] as const;

const SWITCHES: readonly (readonly [string, string])[] = [
  ['Verbose', 'vb'],
  ['Debug', 'db'],
];
const PREFERENCES: readonly (readonly [string, string])[] = [
  ['ErrorAction', 'ea'],
  ['WarningAction', 'wa'],
  ['InformationAction', 'infa'],
  ['ProgressAction', 'proga'],
];
/** They name variables of a PowerShell session, which a process has none of. */
const WITHOUT_MEANING: readonly (readonly [string, string])[] = [
  ['ErrorVariable', 'ev'],
  ['WarningVariable', 'wv'],
  ['InformationVariable', 'iv'],
  ['OutVariable', 'ov'],
  ['OutBuffer', 'ob'],
  ['PipelineVariable', 'pv'],
];
const RISK: readonly (readonly [string, string])[] = [
  ['Confirm', 'cf'],
  ['WhatIf', 'wi'],
];

export const MEANINGLESS: ReadonlySet<string> = new Set(WITHOUT_MEANING.map(([name]) => name));

const make =
  (takesValue: boolean) =>
  ([name, alias]: readonly [string, string]): CmdletParameter => ({
    name,
    aliases: [alias],
    takesValue,
    isMany: false,
    key: name,
    kind: 'common',
  });

/** What PowerShell adds to every cmdlet (about_CommonParameters); `Confirm` and `WhatIf` where something is changed. */
export function commonParameters(changes: boolean): readonly CmdletParameter[] {
  return [
    ...[...SWITCHES, ...(changes ? RISK : [])].map(make(false)),
    ...[...PREFERENCES, ...WITHOUT_MEANING].map(make(true)),
  ];
}
