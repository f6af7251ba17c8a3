import { lstat, mkdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DisconnectError } from '@slipline/core';
import { readConfig, writePlugins, type Config, type Environment, type PluginEntry } from '@slipline/config';
import { runNpm } from './npm.ts';
import { orUndo } from './plugin-undo.ts';
import { findProviders, isPackageName, type InstalledProvider } from '@slipline/config/plugins';
import { usage } from '../arguments/usage.ts';
import { PROGRAM } from '../own-program.ts';

/** What is to be installed, in npm's words. */
export interface Wanted {
  /** `name@1.2.3`, or the absolute path of a tarball. */
  readonly spec: string;
  /** Absent for a tarball, which says it itself. */
  readonly name?: string | undefined;
}

const VERSION = /^\d+\.\d+\.\d+(-[0-9a-z.-]+)?(\+[0-9a-z.-]+)?$/i;

/** One exact version of a package, or a tarball: what is run with full trust must not change by itself. Throws `invalid-request`. */
export async function parseWanted(text: string): Promise<Wanted> {
  if (/\.(tgz|tar\.gz)$/.test(text)) {
    const spec = resolve(text);
    const stats = await stat(spec).catch(() => undefined);
    if (stats?.isFile() === true) return { spec };
    throw usage(
      `there is no tarball ${spec}`,
      'slipline plugins add NAME@VERSION, or the path of a .tgz file',
    );
  }
  const at = text.lastIndexOf('@');
  const name = at > 0 ? text.slice(0, at) : text;
  if (!isPackageName(name)) {
    throw usage(`"${text.slice(0, 200)}" is not the name of a package`, 'slipline plugins add NAME@VERSION');
  }
  if (at > 0 && VERSION.test(text.slice(at + 1))) return { spec: text, name };
  throw usage(
    `"${text.slice(0, 200)}" does not say one exact version, and plugins are run with full trust`,
    `npm view ${name} version, then: slipline plugins add ${name}@VERSION`,
  );
}

/** Installs a plugin beside config.json and names it there, once it has been seen to load. Undone where anything fails. */
export function addPlugin(
  { folder }: Config,
  wanted: Wanted,
  environment: Environment,
  signal: AbortSignal,
): Promise<InstalledProvider> {
  return orUndo(folder, async () => {
    // Also refuses a folder that others can write to, before anything is put there.
    const config = await readConfig(folder);
    await runNpm(folder, ['install', '--save-exact', wanted.spec], environment, signal);
    await lendPackages(folder);
    const module = wanted.name ?? (await nameOf(folder, wanted.spec));
    const others = config.plugins.filter((entry) => entry.module !== module);
    const options = config.plugins.find((entry) => entry.module === module)?.options;
    const found = await loaded({ ...config, plugins: [...others, { module, options }] }, module);
    const entry: PluginEntry = { module, id: found.id, ...(options !== undefined && { options }) };
    await writePlugins(folder, [...others, entry]);
    return found;
  });
}

/** Takes a plugin out of config.json, then its package away. */
export function removePlugin(
  { folder }: Config,
  module: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  return orUndo(folder, async () => {
    const { plugins } = await readConfig(folder);
    await writePlugins(
      folder,
      plugins.filter((entry) => entry.module !== module),
    );
    if (!isPackageName(module)) return;
    await runNpm(folder, ['uninstall', module], environment, signal);
    await lendPackages(folder);
  });
}

async function loaded(config: Config, module: string): Promise<InstalledProvider> {
  const { installed, broken } = await findProviders(config, PROGRAM);
  const found = installed.find((one) => one.module === module);
  if (found !== undefined) return found;
  throw broken.find((one) => one.module === module)?.error ?? new Error(`${module} is not there`);
}

/**
 * Lets plugins import core and testkit from this very program: they are peers, of which there should be one copy. npm takes
 * away what it has not installed itself, so this follows every run of it.
 */
async function lendPackages(folder: string): Promise<void> {
  for (const name of ['@slipline/core', '@slipline/testkit']) {
    const place = join(folder, 'node_modules', name);
    const there = await lstat(place).catch(() => undefined);
    // A plugin that has it among its own dependencies gets what it asked for.
    if (there !== undefined && !there.isSymbolicLink()) continue;
    await rm(place, { force: true });
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    await symlink(dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`))), place, 'junction');
  }
}

/** The name of the package that npm noted for a tarball. */
async function nameOf(folder: string, tarball: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  const found = Object.entries(manifest.dependencies ?? {}).find(
    ([, spec]) => spec.startsWith('file:') && resolve(folder, spec.slice('file:'.length)) === tarball,
  );
  if (found !== undefined) return found[0];
  throw new DisconnectError('internal', `npm installed ${tarball} under a name that it did not note`);
}
