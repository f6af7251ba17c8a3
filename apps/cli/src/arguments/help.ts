import { plainText, type AnyPlugin } from '@slipline/core';
import type { Catalog } from './arguments.ts';
import { GLOBAL_FLAGS, type Command } from '../command.ts';
import { providerTable } from '../commands.ts';
import { flagsOf, providerFlags, spelling, type Flag } from './flags.ts';
import type { Providers } from '@slipline/config/plugins';
import type { Style } from '../output/style.ts';
import { rows, sections, sentence } from './help-layout.ts';
import { unknownWord, usage } from './usage.ts';

export interface HelpParts {
  readonly catalog: Catalog;
  readonly style: Style;
  readonly providers: () => Promise<Providers>;
}

/** Help about nothing in particular, a command, or a command with a provider. */
export async function helpText(topic: readonly string[], parts: HelpParts): Promise<string> {
  const [name, provider, ...more] = topic;
  if (name === undefined) return overview(parts);
  if (more.length > 0)
    throw usage('help is about a command, and perhaps a provider', 'slipline help connect hpe-oneview');
  const { commandNames } = parts.catalog;
  const found = commandNames.includes(name) ? undefined : await parts.catalog.cmdlet(name);
  if (found !== undefined) {
    const { cmdletHelp } = await import('../cmdlets/cmdlet-help.ts');
    return cmdletHelp(found, parts.style);
  }
  if (!commandNames.includes(name))
    throw await unknownWord(`there is no command "${name.slice(0, 80)}"`, name, commandNames);
  const command = await parts.catalog.command(name);
  const id = provider?.split(':')[0];
  if (id === undefined || command.provider === undefined) return commandHelp(command, parts);
  return providerHelp(command, await parts.catalog.plugin(id), parts);
}

async function overview({ catalog, style, providers }: HelpParts): Promise<string> {
  const commands = await Promise.all(catalog.commandNames.map((name) => catalog.command(name)));
  const { installed } = await providers();
  const ids = installed.map(({ id }) => id);
  return sections(style, [
    ['', ['Slipline disconnects sessions on management systems, and proves that they are gone.']],
    [
      'A first session',
      [
        '  slipline connect hpe-oneview ov1.example --user-name Administrator',
        '  slipline ls',
        '  slipline disconnect hpe-oneview --what-if',
        '  slipline disconnect hpe-oneview',
        '  slipline history',
        '',
        'No system at hand? "slipline lab" starts one on this machine.',
      ],
    ],
    ['Commands', rows(commands.map(({ name, summary }) => [`  ${name}`, summary]))],
    ['Flags of every command', flagRows(flagsOf(GLOBAL_FLAGS))],
    ['Providers', [ids.length === 0 ? 'None is installed: slipline providers' : ids.join(', ')]],
    ['Exit codes', rows(EXIT_CODES)],
    ['More', ['slipline help COMMAND, slipline help COMMAND PROVIDER']],
  ]);
}

function commandHelp(command: Command, { style }: HelpParts): Promise<string> {
  return Promise.resolve(
    sections(style, [
      ['', [`slipline ${command.name} ${command.usage}`.trim(), '', sentence(command.summary)]],
      ['Flags', flagRows(flagsOf(command.flags))],
      ...(command.provider === undefined
        ? []
        : [['Flags of a provider', [`slipline help ${command.name} PROVIDER`]] as const]),
      ['Examples', command.examples.map((example) => `  ${example}`)],
      ['Flags of every command', flagRows(flagsOf(GLOBAL_FLAGS))],
    ]),
  );
}

async function providerHelp(command: Command, plugin: AnyPlugin, { style }: HelpParts): Promise<string> {
  const own = flagsOf(command.flags);
  const table = providerTable(command, plugin);
  const flags = providerFlags(plugin.id, table, [...flagsOf(GLOBAL_FLAGS), ...own]);
  const words = Object.entries(table)
    .filter(([, parameter]) => parameter.position !== undefined)
    .sort(([, one], [, other]) => (one.position ?? 0) - (other.position ?? 0))
    .map(([key, { many, required, placeholder = key.toUpperCase() }]) => {
      const text = many === true ? `${placeholder}…` : placeholder;
      return required === true ? text : `[${text}]`;
    });
  return sections(style, [
    [
      '',
      [
        ['slipline', command.name, plugin.id, ...words].join(' '),
        '',
        `${sentence(command.summary)} ${plainText(plugin.title)}:`,
      ],
    ],
    [plainText(plugin.title), flagRows(flags)],
    ['Flags', flagRows(own)],
    ['Examples', command.examples.filter((line) => line.includes(plugin.id)).map((line) => `  ${line}`)],
    ['Flags of every command', flagRows(flagsOf(GLOBAL_FLAGS))],
  ]);
}

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['  0', 'every session reached the effect asked for'],
  ['  1', 'an unexpected fault'],
  ['  2', 'wrong usage, or a confirmation is needed'],
  ['  3', 'some sessions failed, in different ways'],
  ['  4', 'what was named does not exist'],
  ['  5', 'not signed in, or not allowed'],
  ['  6', 'unreachable, timed out, or not to be trusted'],
  ['  7', 'disconnected, not verified, and --require-verified'],
  ['  130, 143', 'interrupted, after clean-up'],
];

function flagRows(flags: readonly Flag[]): readonly string[] {
  return rows(flags.map((flag) => [flagTerm(flag), plainText(flagSummary(flag))]));
}

function flagTerm(flag: Flag): string {
  return `  ${flag.short === undefined ? '    ' : `-${flag.short}, `}${spelling(flag)}`;
}

function flagSummary({ parameter, source, aliases }: Flag): string {
  const from = { stdin: 'from stdin', file: 'from a file', env: 'from an environment variable' };
  return [
    parameter.summary + (source === undefined ? '' : `, ${from[source]}`),
    ...(parameter.required === true ? ['(required)'] : []),
    ...(parameter.choices === undefined ? [] : [`(${parameter.choices.join(', ')})`]),
    ...(aliases.length === 0 ? [] : [`(also ${aliases.map((alias) => `--${alias}`).join(', ')})`]),
  ].join(' ');
}
