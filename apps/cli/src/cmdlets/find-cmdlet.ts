import type { AnyPlugin, Cmdlet } from '@slipline/core';
import type { Providers } from '../plugins/providers.ts';

export interface FoundCmdlet {
  readonly cmdlet: Cmdlet;
  readonly plugin: AnyPlugin;
}

/** The cmdlets of every provider that can be loaded. */
export async function cmdletsOf({ installed }: Providers): Promise<readonly FoundCmdlet[]> {
  const plugins = await Promise.all(installed.map((one) => one.load().catch(() => undefined)));
  return plugins.flatMap((plugin) =>
    plugin === undefined ? [] : (plugin.cmdlets ?? []).map((cmdlet) => ({ cmdlet, plugin })),
  );
}

/** The cmdlet of that name or alias, in any case. */
export function cmdletNamed(name: string, cmdlets: readonly FoundCmdlet[]): FoundCmdlet | undefined {
  const wanted = name.toLowerCase();
  return cmdlets.find(({ cmdlet }) =>
    [cmdlet.name, ...(cmdlet.aliases ?? [])].some((one) => one.toLowerCase() === wanted),
  );
}
