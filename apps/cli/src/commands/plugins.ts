import { DisconnectError, type JsonObject, type ParameterTable } from '@slipline/core';
import type { Command, Context } from '../command.ts';
import { exitCodeOfAll } from '../exit-codes.ts';
import type { Column } from '../output/output.ts';
import { textColumn } from '../output/text-column.ts';
import { usage } from '../arguments/usage.ts';

const FLAGS = {
  whatIf: { type: 'boolean', summary: 'say what would be done, and do nothing', aliases: ['dryRun'] },
} as const satisfies ParameterTable;

const COLUMNS: readonly Column[] = [
  textColumn('provider', 'id'),
  textColumn('module', 'module'),
  textColumn('version', 'version'),
  textColumn('problem', 'problem'),
];

/** Lists, installs and removes the providers that config.json names. */
export const plugins: Command<typeof FLAGS> = {
  name: 'plugins',
  summary: 'list, add or remove providers that others have written',
  usage: 'list | add NAME@VERSION | add FILE.tgz | remove NAME',
  words: ['list', 'add', 'remove'],
  flags: FLAGS,
  examples: ['slipline plugins list', 'slipline plugins add slipline-provider-example@1.0.0 --what-if'],
  async run({ positionals: [verb, subject, ...more], flags: { whatIf = false } }, context) {
    if (more.length === 0) {
      if (verb === 'list' && subject === undefined) return list(context);
      if (verb === 'add' && subject !== undefined) return add(subject, whatIf, context);
      if (verb === 'remove' && subject !== undefined) return remove(subject, whatIf, context);
    }
    throw usage(
      'plugins needs to know what to do, with one plugin at a time',
      `slipline plugins ${plugins.usage}`,
    );
  },
};

async function list(context: Context): Promise<number> {
  const { installed, broken } = await context.providers();
  const rows: readonly JsonObject[] = [
    ...installed
      .filter(({ origin }) => origin === 'config')
      .map(({ id, module, version }) => ({ id, module, ...(version !== undefined && { version }) })),
    ...broken.map(({ id, module, error }) => ({
      ...(id !== undefined && { id }),
      module,
      problem: error.message,
    })),
  ];
  await context.output.list(rows, COLUMNS);
  if (rows.length === 0) context.messages.note('No plugins. Add one: slipline plugins add NAME@VERSION');
  const errors = broken.map(({ error }) => error);
  context.messages.problems(errors);
  return exitCodeOfAll(errors);
}

async function add(subject: string, isDry: boolean, context: Context): Promise<number> {
  const { addPlugin, parseWanted } = await import('../plugins/plugin-install.ts');
  const wanted = await parseWanted(subject);
  const { config, environment, messages, output, signal } = context;
  if (isDry) {
    const value = { action: 'add', spec: wanted.spec, folder: config.folder };
    await output.one(value, `Would install ${wanted.spec} into ${config.folder} and name it in config.json.`);
    return 0;
  }
  messages.doing(`Installing ${wanted.spec}`);
  const { id, module, version = '' } = await addPlugin(config, wanted, environment, signal);
  await output.one({ action: 'add', id, module, version }, `Added provider "${id}" (${module} ${version}).`);
  messages.note(`It runs with all your rights. See what it can do: slipline help disconnect ${id}`);
  return 0;
}

async function remove(subject: string, isDry: boolean, context: Context): Promise<number> {
  const { config, environment, messages, output, signal } = context;
  const entry = config.plugins.find(({ module, id }) => module === subject || id === subject);
  if (entry === undefined) {
    throw new DisconnectError('not-found', `config.json names no plugin "${subject.slice(0, 200)}"`, {
      next: 'slipline plugins list',
    });
  }
  const { module } = entry;
  const value = { action: 'remove', module, folder: config.folder };
  if (isDry) {
    await output.one(value, `Would take ${module} out of config.json and remove it from ${config.folder}.`);
    return 0;
  }
  const { removePlugin } = await import('../plugins/plugin-install.ts');
  messages.doing(`Removing ${module}`);
  await removePlugin(config, module, environment, signal);
  await output.one(value, `Removed ${module}. What is in the ledger stays there.`);
  return 0;
}
