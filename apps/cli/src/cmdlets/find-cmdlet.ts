import type { AnyPlugin, Cmdlet } from '@slipline/core';
import type { Providers } from '@slipline/config/plugins';

export interface FoundCmdlet {
  readonly cmdlet: Cmdlet;
  readonly plugin: AnyPlugin;
}

/** The cmdlets of every provider that can be loaded. */
export async function cmdletsOf({
  installed,
}: Pick<Providers, 'installed'>): Promise<readonly FoundCmdlet[]> {
  const plugins = await Promise.all(installed.map((one) => one.load().catch(() => undefined)));
  return plugins.flatMap((plugin) =>
    plugin === undefined ? [] : (plugin.cmdlets ?? []).map((cmdlet) => ({ cmdlet, plugin })),
  );
}

/**
 * The cmdlet of that name or alias, in any case. Loads the provider whose package names it, and besides that only those
 * whose packages say nothing of cmdlets.
 */
export async function findCmdlet(name: string, { installed }: Providers): Promise<FoundCmdlet | undefined> {
  const wanted = name.toLowerCase();
  const said = installed.map((one) => ({ one, names: one.cmdletNames?.() }));
  const naming = said.filter(({ names }) => names?.some((text) => text.toLowerCase() === wanted) === true);
  const silent = said.filter(({ names }) => names === undefined);
  for (const { one } of [...naming, ...silent]) {
    const found = cmdletNamed(name, await cmdletsOf({ installed: [one] }));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The cmdlet of that name or alias, in any case. */
export function cmdletNamed(name: string, cmdlets: readonly FoundCmdlet[]): FoundCmdlet | undefined {
  const wanted = name.toLowerCase();
  return cmdlets.find(({ cmdlet }) =>
    [cmdlet.name, ...(cmdlet.aliases ?? [])].some((one) => one.toLowerCase() === wanted),
  );
}
