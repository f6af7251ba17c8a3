import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The file that starts this program, for processes of its own. */
export const ENTRY = fileURLToPath(new URL('../bin/slipline.cjs', import.meta.url));

/** The running version; first-party packages share it. */
export function ownVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
