import type { AnyPlugin, DisconnectError, JsonObject } from '@slipline/core';
import type { Command } from '../command.ts';
import { presentable } from '../output/errors.ts';
import { exitCodeOfAll } from '../exit-codes.ts';
import type { Column } from '../output/output.ts';
import type { InstalledProvider } from '@slipline/config/plugins';
import { listOf, textColumn } from '../output/text-column.ts';
import { usage } from '../arguments/usage.ts';

const COLUMNS: readonly Column[] = [
  textColumn('provider', 'id'),
  textColumn('title', 'title'),
  textColumn('version', 'version', 1),
  { heading: 'can', value: (row) => listOf(row, 'can'), rank: 2 },
  textColumn('module', 'module', 3),
];

/** The kinds of systems that can be used here. */
export const providers: Command = {
  name: 'providers',
  summary: 'list the kinds of systems that can be used here',
  usage: '',
  flags: {},
  examples: ['slipline providers'],
  async run({ positionals, rest }, context) {
    if (positionals.length + rest.length > 0)
      throw usage('providers takes no arguments', 'slipline providers');
    const { installed, broken } = await context.providers();
    const loaded = await Promise.all(installed.map(describe));
    const errors = [
      ...loaded.flatMap((one) => ('error' in one ? [one.error] : [])),
      ...broken.map(({ error }) => error),
    ];
    await context.output.list(
      loaded.flatMap((one) => ('row' in one ? [one.row] : [])),
      COLUMNS,
    );
    if (installed.length === 0) {
      context.messages.note(
        'No provider is installed. "slipline connect hpe-oneview" says how to install one.',
      );
    }
    context.messages.problems(errors);
    return exitCodeOfAll(errors);
  },
};

async function describe(
  provider: InstalledProvider,
): Promise<{ readonly row: JsonObject } | { readonly error: DisconnectError }> {
  try {
    const plugin = await provider.load();
    const { id, module, origin } = provider;
    const version = provider.version === undefined ? {} : { version: provider.version };
    return {
      row: {
        id,
        title: plugin.title,
        module,
        origin,
        impact: plugin.impact,
        ...version,
        can: verbsOf(plugin),
      },
    };
  } catch (error) {
    return { error: presentable(error) };
  }
}

function verbsOf({ connect, actions = {} }: AnyPlugin): readonly string[] {
  return [...(connect === undefined ? [] : ['connect']), 'ls', 'disconnect', ...Object.keys(actions)];
}
