import type { AnyPlugin, ParameterTable } from '@slipline/core';
import { GLOBAL_FLAGS, type Command, type GlobalValues, type Invocation } from '../command.ts';
import type { FoundCmdlet } from '../cmdlets/find-cmdlet.ts';
import { providerTable } from '../commands.ts';
import { baseName, flagsOf, providerFlags, spelling, type Flag } from './flags.ts';
import { scan, type Scan } from './scan.ts';
import { unknownWord, usage } from './usage.ts';
import { valuesOf, type FlagGroup, type ReadSecret } from './values.ts';

/** What the command line can name. */
export interface Catalog {
  readonly commandNames: readonly string[];
  command(name: string): Promise<Command>;
  plugin(id: string): Promise<AnyPlugin>;
  /** The cmdlet of an installed provider, by its name or an alias. */
  cmdlet(name: string): Promise<FoundCmdlet | undefined>;
}

export type Parsed =
  | { readonly kind: 'help'; readonly topic: readonly string[] }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly globals: GlobalValues;
      readonly invocation: Invocation;
      readonly hidesWarnings?: boolean | undefined;
    };

/** A command line sorted, its values not read yet. */
interface Sorted {
  readonly scan: Scan;
  readonly added: FlagGroup;
  readonly provider?: string | undefined;
  /** Without the provider. */
  readonly words: readonly string[];
}

const GLOBALS = groupOf(GLOBAL_FLAGS);
const NOTHING: FlagGroup = { table: {}, flags: [] };

/** Reads a command line. Throws `invalid-request` saying what is wrong, what may have been meant, and what there is. */
export async function parseArguments(
  argv: readonly string[],
  catalog: Catalog,
  readSecret: ReadSecret,
): Promise<Parsed> {
  const topic = helpTopic(argv, catalog.commandNames);
  if (topic !== undefined) return { kind: 'help', topic };
  const { name, args } = await commandIn(argv, catalog.commandNames);
  const command = await catalog.command(name);
  const own = groupOf(command.flags);
  const base = [...GLOBALS.flags, ...own.flags];
  const sorted = await sort(command, args, base, catalog);
  await refuseUnknown(command, sorted, base);
  const { given, rest } = sorted.scan;
  refuseStdin(sorted);
  const next = `slipline help ${[name, sorted.provider].filter(Boolean).join(' ')}`;
  const isPlaced = sorted.provider !== undefined;
  const placed = isPlaced ? [...sorted.words, ...rest] : [];
  return {
    kind: 'run',
    command,
    globals: await valuesOf(GLOBALS, given, [], next, readSecret),
    invocation: {
      provider: sorted.provider,
      positionals: isPlaced ? [] : sorted.words,
      rest: isPlaced ? [] : rest,
      flags: (await valuesOf(own, given, [], next, readSecret)) as Invocation['flags'],
      values: await valuesOf(sorted.added, given, placed, next, readSecret),
    },
  };
}

function groupOf(table: ParameterTable): FlagGroup {
  return { table, flags: flagsOf(table) };
}

/** What help is asked about, where it is. */
function helpTopic(argv: readonly string[], commands: readonly string[]): readonly string[] | undefined {
  const end = argv.indexOf('--');
  const before = end === -1 ? argv : argv.slice(0, end);
  if (before.length === 0 && end === -1) return [];
  if (before[0] === 'help') return before.slice(1).filter((word) => !word.startsWith('-'));
  if (!before.includes('--help') && !before.includes('-h')) return undefined;
  const words = before.filter((word) => !word.startsWith('-'));
  const place = words.findIndex((word) => commands.includes(word));
  return place === -1 ? [] : words.slice(place, place + 2);
}

async function commandIn(
  argv: readonly string[],
  commands: readonly string[],
): Promise<{ readonly name: string; readonly args: readonly string[] }> {
  const { positionals, firstPlace = 0, unknown } = scan(argv, GLOBALS.flags);
  const [name] = positionals;
  const [stray] = unknown;
  if (stray?.isBeforePositionals === true) {
    const names = GLOBALS.flags.map((flag) => flag.name);
    throw await unknownWord(
      `there is no flag --${stray.name} in front of a command`,
      stray.name,
      names,
      dashed,
    );
  }
  if (name === undefined) throw usage('there is no command', 'slipline help');
  if (!commands.includes(name))
    throw await unknownWord(`there is no command "${name.slice(0, 80)}"`, name, commands);
  return { name, args: [...argv.slice(0, firstPlace), ...argv.slice(firstPlace + 1)] };
}

/** Finds the provider, which says what further flags there are, and sorts the arguments by all of them. */
async function sort(
  command: Command,
  args: readonly string[],
  base: readonly Flag[],
  catalog: Catalog,
): Promise<Sorted> {
  const first = scan(args, base);
  const [word] = first.positionals;
  const [stray] = first.unknown;
  const isProvider =
    command.provider !== undefined && word !== undefined && stray?.isBeforePositionals !== true;
  if (!isProvider) return { scan: first, added: NOTHING, words: first.positionals };
  if (word === '-' && command.piped !== undefined) {
    const added = groupOf(command.piped);
    const second = scan(args, [...base, ...added.flags]);
    return { scan: second, added, words: second.positionals };
  }
  const [, provider = word, name] = /^([a-z][a-z0-9-]*):(.+)$/s.exec(word) ?? [];
  const isLedgerOnly = command.provider === 'find' && first.unknown.length === 0 && first.rest.length === 0;
  if (isLedgerOnly && first.positionals.length === 1 && name === undefined)
    return { scan: first, added: NOTHING, provider, words: [] };
  const table = providerTable(command, await catalog.plugin(provider));
  const added = { table, flags: providerFlags(provider, table, base) };
  const second = scan(args, [...base, ...added.flags]);
  const words = second.positionals.slice(1).map((one) => withoutPrefix(one, provider));
  return { scan: second, added, provider, words: name === undefined ? words : [name, ...words] };
}

/** `hpe-oneview:1` is the session `1` of that provider. */
function withoutPrefix(word: string, provider: string): string {
  return word.startsWith(`${provider}:`) ? word.slice(provider.length + 1) : word;
}

async function refuseUnknown(command: Command, sorted: Sorted, base: readonly Flag[]): Promise<void> {
  const [stray] = sorted.scan.unknown;
  if (stray === undefined) return;
  const flags = [...sorted.added.flags, ...base];
  const secret = flags.filter(({ source, name, aliases }) =>
    source === undefined ? false : [name, ...aliases].includes(`${stray.name}-${source}`),
  );
  if (secret.length > 0) {
    const ways = secret.map(spelling).join(', ');
    throw usage(
      `--${stray.name} takes no value on the command line, where everybody could read it`,
      `use one of: ${ways}`,
    );
  }
  const names = flags.map((flag) => flag.name);
  const aliases = flags.flatMap((flag) => flag.aliases);
  const where = [command.name, sorted.provider].filter(Boolean).join(' ');
  const what = `there is no flag --${stray.name} for "slipline ${where}"`;
  const error = await unknownWord(what, stray.name, names, dashed, aliases);
  if (command.provider === undefined || sorted.provider !== undefined) throw error;
  throw usage(
    error.message,
    `${error.next}; flags of a provider follow its name: slipline ${command.name} ${command.usage}`,
  );
}

/** Stdin can be read once: for one secret, or for sessions. */
function refuseStdin({ scan: { given }, words }: Sorted): void {
  const [first, second] = given.filter(({ flag }) => flag.source === 'stdin');
  if (first === undefined) return;
  const name = baseName(first.flag);
  const next = `use --${name}-file FILE or --${name}-env VARIABLE instead`;
  if (words.includes('-')) throw usage(`--${first.flag.name} cannot be used with "-": both read stdin`, next);
  if (second !== undefined)
    throw usage(`--${first.flag.name} and --${second.flag.name} cannot both read stdin`, next);
}

function dashed(name: string): string {
  return `--${name}`;
}
