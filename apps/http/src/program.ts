import { fileURLToPath } from 'node:url';
import { installCommand, type Program } from '@slipline/config/plugins';
import { VERSION } from './version.ts';

/** First-party providers are found as this program's own dependencies are. */
export const PROGRAM: Program = {
  resolve: (specifier) => import.meta.resolve(specifier),
  import: (specifier) => import(specifier) as Promise<unknown>,
  installCommand: (name) =>
    installCommand(name, VERSION, fileURLToPath(new URL('../package.json', import.meta.url))),
};
