import type { Parameter, ParameterTable } from '@slipline/core';

/** Where a secret can be read from. It is never a flag's own value, which everybody on the machine could see. */
export type SecretSource = 'stdin' | 'file' | 'env';

/** One flag of the command line. Parsing, help and completion know parameters by it. */
export interface Flag {
  /** As it is typed, without its dashes: `user-name`. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly short?: string | undefined;
  /** The parameter's name in its table. */
  readonly key: string;
  readonly parameter: Parameter;
  readonly takesValue: boolean;
  /** A secret parameter has three flags, one for each source. */
  readonly source?: SecretSource | undefined;
}

const SECRET_SOURCES: readonly SecretSource[] = ['stdin', 'file', 'env'];

/** Parameters that have a letter as well, wherever a command has them. */
const LETTERS: Readonly<Record<string, string>> = {
  output: 'o',
  help: 'h',
  verbose: 'v',
  whatIf: 'n',
  yes: 'y',
};

/** `userName` as `user-name`, `ApplianceConnection` as `appliance-connection`, `useSSL` as `use-ssl`. */
export function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** The flags of a command or of Slipline itself. */
export function flagsOf(table: ParameterTable): readonly Flag[] {
  return Object.entries(table).flatMap(([key, parameter]) => flagsFor(key, parameter, kebab(key)));
}

/**
 * The flags of a provider's table. A name that Slipline itself uses (`taken`) gets the provider's in front:
 * `--tmux-timeout`.
 */
export function providerFlags(
  provider: string,
  table: ParameterTable,
  taken: readonly Flag[],
): readonly Flag[] {
  const names = new Set(taken.flatMap((flag) => [flag.name, ...flag.aliases]));
  const free = (name: string): string => (names.has(name) ? `${provider}-${name}` : name);
  return Object.entries(table).flatMap(([key, parameter]) =>
    flagsFor(key, parameter, free(kebab(key))).map((flag) => ({
      ...flag,
      short: undefined,
      aliases: flag.aliases.filter((alias) => !names.has(alias)),
    })),
  );
}

/** `--user-name NAME`. */
export function spelling(flag: Flag): string {
  return flag.takesValue ? `--${flag.name} ${placeholderOf(flag)}` : `--${flag.name}`;
}

/** `password` for the three flags of a secret, else the flag's own name. */
export function baseName({ name, source }: Flag): string {
  return source === undefined ? name : name.slice(0, -source.length - 1);
}

function placeholderOf({ parameter, source, key }: Flag): string {
  if (source === 'file') return 'FILE';
  if (source === 'env') return 'VARIABLE';
  return parameter.placeholder ?? parameter.choices?.join('|') ?? kebab(key).toUpperCase();
}

function flagsFor(key: string, parameter: Parameter, name: string): readonly Flag[] {
  const aliases = (parameter.aliases ?? []).map(kebab).filter((alias) => alias !== name);
  if (parameter.type === 'secret') {
    return SECRET_SOURCES.map((source) => ({
      name: `${name}-${source}`,
      aliases: aliases.map((alias) => `${alias}-${source}`),
      key,
      parameter,
      takesValue: source !== 'stdin',
      source,
    }));
  }
  const short = LETTERS[key];
  return [
    {
      name,
      aliases,
      key,
      parameter,
      takesValue: parameter.type !== 'boolean',
      ...(short !== undefined && { short }),
    },
  ];
}
