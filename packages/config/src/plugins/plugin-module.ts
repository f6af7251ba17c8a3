import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DisconnectError } from '@slipline/core';
import { exports as resolveExports, type Package } from 'resolve.exports';
import { checkPath, isMissing, readOwnFile } from '../own-files.ts';

/** A plugin's code, found and not run. */
export interface PluginModule {
  /** URL of what it exports as plugin. */
  readonly main: string;
  /** URL of its `./testing` export, where it has one. */
  readonly testing?: string | undefined;
  /** The package's version; absent for a single file. */
  readonly version?: string | undefined;
  /** What its package.json says of its cmdlets. */
  readonly cmdletNames?: readonly string[] | undefined;
}

const LARGEST_MANIFEST = 1_048_576;
const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

export function isPackageName(name: string): boolean {
  return PACKAGE_NAME.test(name) && name.length <= 214;
}

/**
 * Finds a module that config.json names: a package in `node_modules` of the config folder and nowhere else, or a file in
 * that folder. `undefined` where it is not there. Throws `invalid-request` for a name that is neither, and where others
 * than this user could have written the code.
 */
export async function findModule(folder: string, module: string): Promise<PluginModule | undefined> {
  try {
    if (module.startsWith('./')) return { main: await codeFile(folder, module) };
    if (isPackageName(module)) return await findPackage(join(folder, 'node_modules', module));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  throw new DisconnectError(
    'invalid-request',
    `config.json names the plugin "${module.slice(0, 80)}", which is neither a package nor a file beside it`,
    { next: 'name a package, or a file as in "./my-provider.mjs"' },
  );
}

async function findPackage(folder: string): Promise<PluginModule | undefined> {
  const text = await readOwnFile(join(folder, 'package.json'), LARGEST_MANIFEST);
  if (text === undefined) return undefined;
  const manifest = JSON.parse(text) as Package;
  await checkPath(folder);
  const main = entryOf(manifest, '.');
  const testing = entryOf(manifest, './testing');
  return {
    main: await codeFile(folder, main ?? './index.js'),
    ...(testing !== undefined && { testing: await codeFile(folder, testing) }),
    version: String(manifest.version),
    cmdletNames: cmdletNamesIn(manifest),
  };
}

/** `"slipline": { "cmdlets": [...] }` of a package.json: all names and aliases. `undefined` where it is not said. */
export function cmdletNamesIn(manifest: unknown): readonly string[] | undefined {
  const { slipline } = manifest as { readonly slipline?: { readonly cmdlets?: unknown } };
  const names = slipline?.cmdlets;
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
}

/** What an ES module import of a package's entry means; without `exports` a package has its main file only. */
function entryOf(manifest: Package, entry: '.' | './testing'): string | undefined {
  if (manifest.exports === undefined) return entry === '.' ? manifest.main : undefined;
  try {
    return resolveExports(manifest, entry)?.[0];
  } catch {
    // The library throws for an entry that is not there.
    return undefined;
  }
}

async function codeFile(folder: string, path: string): Promise<string> {
  const file = resolve(folder, path);
  const inside = relative(folder, file);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new DisconnectError('invalid-request', `"${path.slice(0, 80)}" leaves ${folder}`, {
      next: 'a plugin is a package, or a file, beside config.json',
    });
  }
  // A link is its maker's choice, and lies in a folder of this user; what it leads to must be as safe.
  const real = await realpath(file);
  await checkPath(real);
  return pathToFileURL(real).href;
}
