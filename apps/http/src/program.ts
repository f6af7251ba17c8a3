import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from '@slipline/config/plugins';
import { VERSION } from './version.ts';

/** First-party providers are found as this program's own dependencies are. */
export const PROGRAM: Program = {
  resolve: (specifier) => import.meta.resolve(specifier),
  import: (specifier) => import(specifier) as Promise<unknown>,
  installCommand: (name) => {
    const [root = '', inside] = fileURLToPath(new URL('../package.json', import.meta.url)).split(
      `${sep}node_modules${sep}`,
    );
    const isGlobal = inside !== undefined && !existsSync(join(root, 'package.json'));
    return `npm install ${isGlobal ? '--global ' : ''}${name}@${VERSION}`;
  },
};
