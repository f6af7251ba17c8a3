// What importing a bundled file loads at once, as opposed to later, through `import()`.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Static imports of files beside it, in minified code as well: `from"./a.js"`, `import"./a.js"`. */
const STATIC_IMPORT = /(?:\bfrom|(?:^|[;}])import)\s*["'](\.[^"']+)["']/gm;

/** The files that are loaded at once, as a map from path to text. */
export function staticClosure(file, loaded = new Map()) {
  if (loaded.has(file)) return loaded;
  const text = readFileSync(file, 'utf8');
  loaded.set(file, text);
  for (const [, path] of text.matchAll(STATIC_IMPORT)) staticClosure(join(dirname(file), path), loaded);
  return loaded;
}
