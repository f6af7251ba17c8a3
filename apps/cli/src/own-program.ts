import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installCommand, type Program } from '@slipline/config/plugins';

/** The file that starts this program, for processes of its own. */
export const ENTRY = fileURLToPath(new URL('../bin/slipline.cjs', import.meta.url));

/** The running version; first-party packages share it. */
export function ownVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

/** First-party providers are found as this program's own dependencies are. */
export const PROGRAM: Program = {
  resolve: (specifier) => import.meta.resolve(specifier),
  import: (specifier) => import(specifier) as Promise<unknown>,
  installCommand: (name) => installCommand(name, ownVersion(), ENTRY),
};
