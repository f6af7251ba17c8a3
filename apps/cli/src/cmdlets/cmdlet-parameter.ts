import type { Cmdlet, ParameterTable } from '@slipline/core';
import { providerFlags, type Flag } from '../arguments/flags.ts';

/** A parameter as the binder knows it. */
export interface CmdletParameter {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly takesValue: boolean;
  readonly isMany: boolean;
  readonly position?: number | undefined;
  /** Where its values go: a parameter of the plugin, or one that every cmdlet has. */
  readonly key: string;
  /** The cmdlet's own, what PowerShell adds to every one, or what Slipline adds. Only exact names find the last. */
  readonly kind: 'own' | 'common' | 'added';
  /** The flag that its value is read as, where it is one of the plugin's or of Slipline. */
  readonly flag?: Flag | undefined;
}

/** `useSsl` as `UseSsl`, `password-file` as `PasswordFile`. Case is of no account in a cmdlet. */
export function pascal(name: string): string {
  return name.replace(/(?:^|-)([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

/** The parameters of a plugin's table that a cmdlet has: those of its sets and those in no set, but none that its name gives. */
export function ownParameters(cmdlet: Cmdlet, table: ParameterTable): readonly CmdletParameter[] {
  const flags = providerFlags('', table, []).filter(({ key }) => cmdlet.values?.[key] === undefined);
  const own = flags.map((flag) =>
    fromFlag(flag, 'own', flag.source === undefined ? pascal(flag.key) : undefined),
  );
  const credential = flags.find(({ parameter }) => parameter.credential === 'userName');
  // What is asked for by `-Credential NAME` is the password, at the terminal.
  const hasCredential = own.some(({ name }) => name.toLowerCase() === 'credential');
  const named = own.map((parameter) =>
    parameter.flag === credential && !hasCredential
      ? { ...parameter, aliases: [...parameter.aliases, 'Credential'] }
      : parameter,
  );
  const { input } = cmdlet;
  if (input === undefined) return named;
  const known = named.find(({ name }) => name.toLowerCase() === input.name.toLowerCase());
  if (known !== undefined) return named;
  return [
    ...named,
    {
      name: input.name,
      aliases: [],
      takesValue: true,
      isMany: true,
      position: input.position,
      key: input.name,
      kind: 'own',
    },
  ];
}

/** What Slipline's own flags add to a cmdlet, by their exact names. */
export function addedParameters(flags: readonly Flag[]): readonly CmdletParameter[] {
  return flags.map((flag) => fromFlag(flag, 'added'));
}

function fromFlag(flag: Flag, kind: CmdletParameter['kind'], name = pascal(flag.name)): CmdletParameter {
  const { aliases, parameter, takesValue, key, short } = flag;
  return {
    name,
    aliases: [...aliases.map(pascal), ...(short === undefined ? [] : [short])],
    takesValue,
    isMany: parameter.many === true,
    ...(flag.source === undefined && { position: parameter.position }),
    key,
    kind,
    flag,
  };
}
