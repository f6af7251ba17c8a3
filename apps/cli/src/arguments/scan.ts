import type { ParseArgsConfig } from 'node:util';
import type { Flag } from './flags.ts';
import { usage } from './usage.ts';

/** A flag as it was typed. `value` is absent where none was given. */
export interface Given {
  readonly flag: Flag;
  readonly spelled: string;
  readonly value: string | undefined;
}

/** Arguments sorted by what they are. */
export interface Scan {
  readonly given: readonly Given[];
  readonly positionals: readonly string[];
  /** Where the first of them stands. */
  readonly firstPlace?: number | undefined;
  /** Everything behind `--`. */
  readonly rest: readonly string[];
  /** Flags that are not known, by name; nothing that could be a value. */
  readonly unknown: readonly Unknown[];
}

interface Unknown {
  readonly name: string;
  readonly isBeforePositionals: boolean;
}

// Importing `node:util` makes Node load all that it offers, which takes longer than most commands.
const { parseArgs } = process.getBuiltinModule('node:util');

type Option = NonNullable<ParseArgsConfig['options']>[string];

/** Sorts arguments. Of a flag that is not known nobody can say whether it takes a value: what follows it counts as positional. */
export function scan(argv: readonly string[], flags: readonly Flag[]): Scan {
  const byName = new Map(flags.flatMap((flag) => [flag.name, ...flag.aliases].map((name) => [name, flag])));
  const { tokens } = parseArgs({
    args: [...argv],
    options: optionsOf(flags),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const end = tokens.find((token) => token.kind === 'option-terminator')?.index ?? argv.length;
  const given: Given[] = [];
  const unknown = new Map<number, Unknown>();
  const positionals = tokens.flatMap((token) =>
    token.kind === 'positional' && token.index < end ? [token] : [],
  );
  const firstPlace = positionals[0]?.index;
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const flag = byName.get(token.name);
    if (flag === undefined) {
      const name = unknownName(argv[token.index] ?? '', token.name, byName);
      unknown.set(token.index, {
        name,
        isBeforePositionals: firstPlace === undefined || token.index < firstPlace,
      });
    } else if (!unknown.has(token.index)) {
      given.push({ flag, spelled: token.rawName, value: checkedValue(flag, token) });
    }
  }
  return {
    given,
    positionals: positionals.map((token) => token.value),
    firstPlace,
    rest: argv.slice(end + 1),
    unknown: [...unknown.values()],
  };
}

function optionsOf(flags: readonly Flag[]): Record<string, Option> {
  const options: [string, Option][] = flags.flatMap((flag) => {
    const type = flag.takesValue ? 'string' : 'boolean';
    const main: Option = flag.short === undefined ? { type } : { type, short: flag.short };
    return [[flag.name, main], ...flag.aliases.map((alias): [string, Option] => [alias, { type }])];
  });
  return Object.fromEntries(options);
}

type Token = Extract<
  NonNullable<ReturnType<typeof parseArgs>['tokens']>[number],
  { readonly kind: 'option' }
>;

/** The next argument counts as a value only if it does not look like a flag: that is a value forgotten. */
function checkedValue(flag: Flag, { rawName, value, inlineValue }: Token): string | undefined {
  if (!flag.takesValue || value === undefined) return flag.takesValue ? forgotten(flag, rawName) : value;
  // `-o=json` is `-o` with `=json` to the parser.
  if (inlineValue) return rawName.startsWith('--') ? value : value.replace(/^=/, '');
  const isNumber = flag.parameter.type === 'integer' && /^-\d+$/.test(value);
  return /^-./.test(value) && !isNumber ? forgotten(flag, rawName) : value;
}

function forgotten(flag: Flag, spelled: string): never {
  throw usage(
    `${spelled} needs a value`,
    `write ${spelled} VALUE, or --${flag.name}=VALUE where it begins with a dash`,
  );
}

/** A word behind a single dash is several letters to the parser; where it is a flag's name, that was meant. */
function unknownName(argument: string, name: string, known: ReadonlyMap<string, Flag>): string {
  const [, word] = /^-([a-z][\w-]+)/i.exec(argument) ?? [];
  if (argument.startsWith('--') || word === undefined) return name;
  const isName = [...known.keys()].some((one) => one === word || one.startsWith(`${word}-`));
  return isName ? word : name;
}
