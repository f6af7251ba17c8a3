import { readFileSync } from 'node:fs';

/** Of this package; the same place from sources, tsc's output and the bundle. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  }
).version;
