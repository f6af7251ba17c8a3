import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';

/** The program that uses providers, whose dependencies the first-party ones are. */
export interface Program {
  /** Where its `import` finds a module, as `import.meta.resolve` says it. Throws where there is none. */
  resolve(specifier: string): string;
  /** Its `import`. */
  import(specifier: string): Promise<unknown>;
  /** The command that installs a first-party package for it. */
  installCommand(name: string): string;
}

/**
 * The command that installs a first-party package beside a program, in the same version: for the whole machine where the
 * program is installed so, which shows in that the `node_modules` its `file` is in belongs to no project.
 */
export function installCommand(name: string, version: string, file: string): string {
  const [root = '', inside] = file.split(`${sep}node_modules${sep}`);
  const isGlobal = inside !== undefined && !existsSync(join(root, 'package.json'));
  return `npm install ${isGlobal ? '--global ' : ''}${name}@${version}`;
}
