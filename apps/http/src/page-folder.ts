import { fileURLToPath } from 'node:url';

/** Where the built page is; the same place from sources, tsc's output and the bundle. */
export const PAGE_FOLDER = fileURLToPath(new URL('../page/', import.meta.url));
