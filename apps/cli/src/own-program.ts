import { existsSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from '@slipline/config/plugins';

/** The file that starts this program, for processes of its own. */
export const ENTRY = fileURLToPath(new URL('../bin/slipline.cjs', import.meta.url));

/** The running version; first-party packages share it. */
export function ownVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

/**
 * The command that installs a first-party package beside this program, in the same version: for the whole machine where this
 * program is installed so, which shows in that its `node_modules` belongs to no project.
 */
export function installCommand(name: string, entry = ENTRY): string {
  const [root = '', inside] = entry.split(`${sep}node_modules${sep}`);
  const isGlobal = inside !== undefined && !existsSync(join(root, 'package.json'));
  return `npm install ${isGlobal ? '--global ' : ''}${name}@${ownVersion()}`;
}

/** First-party providers are found as this program's own dependencies are. */
export const PROGRAM: Program = {
  resolve: (specifier) => import.meta.resolve(specifier),
  import: (specifier) => import(specifier) as Promise<unknown>,
  installCommand: (name) => installCommand(name),
};
