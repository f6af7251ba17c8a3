import { readFileSync } from 'node:fs';
import { DisconnectError, type LazyPlugin } from '@slipline/core';
import type { Config, PluginEntry } from '../config.ts';
import { loadPlugin, type PluginSource } from './plugin-load.ts';
import { cmdletNamesIn, findModule, type PluginModule } from './plugin-module.ts';
import type { Program } from './program.ts';

/** First-party providers by id. They are packages of their own: people install those they need. */
const FIRST_PARTY: Readonly<Record<string, string>> = {
  'exchange-online': '@slipline/exchange-online',
  entra: '@slipline/entra',
  'hpe-oneview': '@slipline/hpe-oneview',
  wsman: '@slipline/wsman',
  'terminal-sessions': '@slipline/terminal-sessions',
  'smb-sessions': '@slipline/smb-sessions',
};

/** A provider that can be used here. Its plugin is imported by `load`. */
export interface InstalledProvider extends LazyPlugin {
  /** What it is imported as: `@slipline/wsman`. */
  readonly module: string;
  readonly origin: 'first-party' | 'config';
  /** Of the package, where it was found beside config.json. */
  readonly version?: string | undefined;
  /** Every name and alias of its cmdlets, as its package.json has them; nothing where only the plugin can say. */
  cmdletNames?(): readonly string[] | undefined;
  /** What its package exports as `./testing`, its fake system among it; `undefined` where that is not there. */
  importTesting(): Promise<unknown>;
}

/** An entry of config.json that cannot be used, and why. */
export interface BrokenPlugin {
  readonly module: string;
  readonly id?: string | undefined;
  readonly error: DisconnectError;
}

export interface Providers {
  readonly installed: readonly InstalledProvider[];
  /** They stand in nobody's way: whoever names one is told what is wrong with it. */
  readonly broken: readonly BrokenPlugin[];
}

/**
 * First-party providers that are installed, then the plugins of config.json. Imports nothing but entries whose id the file
 * does not say. Never throws for one plugin.
 */
export async function findProviders(config: Config, program: Program): Promise<Providers> {
  const entries = await Promise.all(config.plugins.map((entry) => locate(config.folder, entry, program)));
  const broken = entries.filter((entry): entry is BrokenPlugin => 'error' in entry);
  const configured = entries.filter((entry): entry is InstalledProvider => !('error' in entry));
  const inConfig = new Set(config.plugins.map((entry) => entry.module));
  const installed = Object.entries(FIRST_PARTY)
    .filter(([, module]) => !inConfig.has(module) && isInstalled(module, program))
    .map(([id, module]) => firstParty(id, module, program));
  for (const candidate of configured) {
    const clash = clashOf(candidate, installed);
    if (clash === undefined) installed.push(candidate);
    else broken.push({ module: candidate.module, id: candidate.id, error: clash });
  }
  return { installed, broken };
}

/** What to tell somebody who names a provider that is not among the installed ones. */
export function missingProvider(
  id: string,
  { installed, broken }: Providers,
  { installCommand }: Pick<Program, 'installCommand'>,
): DisconnectError {
  const known = broken.find((plugin) => plugin.id === id || plugin.module === id);
  if (known !== undefined) return known.error;
  const name = Object.hasOwn(FIRST_PARTY, id) ? FIRST_PARTY[id] : undefined;
  if (name !== undefined) {
    return new DisconnectError('unknown-provider', `provider "${id}" is not installed`, {
      next: installCommand(name),
    });
  }
  const ids = installed.map((one) => one.id);
  return new DisconnectError('unknown-provider', `there is no provider "${id.slice(0, 80)}"`, {
    next:
      ids.length === 0
        ? `for example: ${installCommand('@slipline/hpe-oneview')}`
        : `use one of: ${ids.join(', ')}`,
  });
}

async function locate(
  folder: string,
  entry: PluginEntry,
  program: Program,
): Promise<InstalledProvider | BrokenPlugin> {
  const { module, options } = entry;
  try {
    const found = await findModule(folder, module);
    const isOurs = Object.values(FIRST_PARTY).includes(module) && isInstalled(module, program);
    const code = found === undefined ? (isOurs ? codeHere(module, program) : undefined) : codeOf(found);
    if (code === undefined) throw notThere(module);
    const remedy = `install another version with "slipline plugins add", or: slipline plugins remove ${module}`;
    const source = { module, options, remedy, importModule: code.main };
    const id = entry.id ?? (await loadPlugin(source)).id;
    return { ...provider(id, 'config', source, code), version: found?.version };
  } catch (error) {
    return { module, id: entry.id, error: DisconnectError.is(error) ? error : unreadable(module, error) };
  }
}

/** How the modules of one provider are imported. */
interface Code {
  readonly main: () => Promise<unknown>;
  readonly testing: () => Promise<unknown>;
  readonly cmdletNames: () => readonly string[] | undefined;
}

function provider(
  id: string,
  origin: InstalledProvider['origin'],
  source: PluginSource,
  { testing, cmdletNames }: Code,
): InstalledProvider {
  const { module } = source;
  return {
    id,
    module,
    origin,
    cmdletNames,
    load: async () => {
      const plugin = await loadPlugin(source);
      if (plugin.id === id) return plugin;
      throw new DisconnectError('unsupported', `plugin "${module}" is provider "${plugin.id}", not "${id}"`, {
        next: `say "id": "${plugin.id}" in config.json, or leave it out`,
      });
    },
    importTesting: testing,
  };
}

function firstParty(id: string, module: string, program: Program): InstalledProvider {
  const code = codeHere(module, program);
  const remedy = program.installCommand(module);
  return provider(id, 'first-party', { module, remedy, importModule: code.main }, code);
}

function codeOf({ main, testing, cmdletNames }: PluginModule): Code {
  return {
    cmdletNames: () => cmdletNames,
    main: () => import(main) as Promise<unknown>,
    testing: async () => (testing === undefined ? undefined : ((await import(testing)) as unknown)),
  };
}

/** First-party packages are found as this program's own dependencies are; all of them have a fake server. */
function codeHere(name: string, program: Program): Code {
  return {
    main: () => program.import(name),
    testing: () => program.import(`${name}/testing`),
    cmdletNames: () =>
      cmdletNamesIn(JSON.parse(readFileSync(new URL(program.resolve(`${name}/package.json`)), 'utf8'))),
  };
}

function isInstalled(name: string, program: Program): boolean {
  try {
    program.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function clashOf(
  { id, module }: InstalledProvider,
  others: readonly InstalledProvider[],
): DisconnectError | undefined {
  const other = others.find((one) => one.id === id)?.module ?? FIRST_PARTY[id];
  if (other === undefined || other === module) return undefined;
  return new DisconnectError(
    'invalid-request',
    `plugin "${module}" calls itself "${id}", which is ${other}`,
    {
      next: `slipline plugins remove ${module}`,
    },
  );
}

function notThere(module: string): DisconnectError {
  return new DisconnectError(
    'invalid-request',
    `plugin "${module}" is named in config.json and not installed`,
    {
      next: module.startsWith('./')
        ? `put the file there, or: slipline plugins remove ${module}`
        : `slipline plugins add ${module}@VERSION, or: slipline plugins remove ${module}`,
    },
  );
}

function unreadable(module: string, cause: unknown): DisconnectError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new DisconnectError('invalid-request', `plugin "${module}" cannot be read: ${words}`, {
    next: `slipline plugins remove ${module}`,
    cause,
  });
}
