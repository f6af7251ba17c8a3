import { join, resolve } from 'node:path';
import {
  DisconnectError,
  parseParameters,
  type JsonObject,
  type ParameterTable,
  type Values,
} from '@slipline/core';
import { FORMATS } from './settings.ts';
import { checkFolder, readOwnFile, writeOwnFile } from './own-files.ts';

/** A plugin that config.json names. */
export interface PluginEntry {
  /** A package's name, found in `node_modules` beside the file, or a file in its folder: `./my-provider.mjs`. */
  readonly module: string;
  /** The provider's id, so that it is known without importing the module; where absent, the module is imported for it. */
  readonly id?: string | undefined;
  /** What the module's factory is called with. */
  readonly options?: JsonObject | undefined;
}

/** What is not a plugin: defaults for flags of the same name. */
const SETTINGS = {
  output: {
    type: 'string',
    choices: FORMATS,
    summary: 'how data is printed',
  },
  resolve: { type: 'string', many: true, summary: 'names that are dialled elsewhere: name:address:port' },
  caFile: { type: 'string', many: true, summary: 'PEM files of CAs that are trusted as well' },
  timeout: { type: 'integer', minimum: 1, maximum: 86_400, summary: 'seconds for one system' },
} as const satisfies ParameterTable;

export interface Config {
  /** Where config.json is, or would be; plugins are resolved beside it. */
  readonly folder: string;
  readonly plugins: readonly PluginEntry[];
  /** Relative names in `caFile` are made absolute against the folder. */
  readonly settings: Values<typeof SETTINGS>;
}

const LARGEST_FILE = 1_048_576;
const MOST_PLUGINS = 100;
const LONGEST_MODULE = 1024;
const DEEPEST_OPTIONS = 20;
const ID = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Reads config.json; an empty configuration where there is none. Throws `invalid-request`, naming place and next step,
 * where it is malformed, or where somebody else could have written it, since it names code to be run.
 */
export async function readConfig(folder: string): Promise<Config> {
  const fields = await readFields(folder);
  const { plugins, ...rest } = fields;
  const entries = list(folder, plugins ?? []).map((entry, place) => parseEntry(folder, entry, place));
  checkTwice(folder, entries);
  return { folder, plugins: entries, settings: parseSettings(folder, rest) };
}

/** Replaces the list of plugins, whole or not at all, and keeps the rest of the file. */
export async function writePlugins(folder: string, plugins: readonly PluginEntry[]): Promise<void> {
  const fields = await readFields(folder);
  await writeOwnFile(configFile(folder), `${JSON.stringify({ ...fields, plugins }, null, 2)}\n`);
}

function configFile(folder: string): string {
  return join(folder, 'config.json');
}

/** Whether this can be a provider's id. */
export function isProviderId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

async function readFields(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const file = configFile(folder);
  await checkFolder(folder);
  const text = await readOwnFile(file, LARGEST_FILE);
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    const where = cause instanceof Error ? cause.message : '';
    throw invalid(folder, `it is not JSON (${where.slice(0, 200)})`, cause);
  }
  return object(folder, value, 'it');
}

function parseEntry(folder: string, value: unknown, place: number): PluginEntry {
  const where = `plugins[${place}]`;
  const { module, id, options, ...unknown } = object(folder, value, where);
  const [extra] = Object.keys(unknown);
  if (extra !== undefined)
    throw invalid(folder, `${where} has "${extra.slice(0, 80)}": it takes "module", "id" and "options"`);
  if (typeof module !== 'string' || module === '' || module.length > LONGEST_MODULE)
    throw invalid(folder, `${where}.module is not the name of a package or a file`);
  if (id !== undefined && !isProviderId(id))
    throw invalid(folder, `${where}.id is not a provider's id: lower-case letters, digits and hyphens`);
  if (options !== undefined)
    checkDepth(folder, object(folder, options, `${where}.options`), `${where}.options`);
  return {
    module,
    ...(id !== undefined && { id }),
    ...(options !== undefined && { options: options as JsonObject }),
  };
}

function parseSettings(folder: string, input: Readonly<Record<string, unknown>>): Config['settings'] {
  try {
    const settings = parseParameters(SETTINGS, input);
    const { caFile } = settings;
    return {
      ...settings,
      ...(caFile !== undefined && { caFile: caFile.map((file) => resolve(folder, file)) }),
    };
  } catch (error) {
    throw invalid(folder, DisconnectError.from(error).message, error);
  }
}

function checkTwice(folder: string, entries: readonly PluginEntry[]): void {
  const seen = new Set<string>();
  for (const { module } of entries) {
    if (seen.has(module)) throw invalid(folder, `it names the plugin "${module.slice(0, 80)}" twice`);
    seen.add(module);
  }
}

function list(folder: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(folder, '"plugins" is not a list');
  if (value.length > MOST_PLUGINS) throw invalid(folder, `"plugins" has more than ${MOST_PLUGINS} entries`);
  return value;
}

function object(folder: string, value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalid(folder, `${where} is not an object`);
}

function checkDepth(folder: string, value: unknown, where: string): void {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST_OPTIONS)
      throw invalid(folder, `${where} is nested more than ${DEEPEST_OPTIONS} deep`);
    level = level.flatMap((one): readonly unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
  }
}

function invalid(folder: string, what: string, cause?: unknown): DisconnectError {
  const file = configFile(folder);
  return new DisconnectError('invalid-request', `${file} cannot be used: ${what}`, {
    next: `edit ${file}`,
    cause,
  });
}
