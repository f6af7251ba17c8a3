// The page is built into apps/http/page/, which the service serves and the package publishes.
import { join } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  // Of core the page takes types, which are gone by now, and this one file: the rest is for Node.
  resolve: { alias: { '@slipline/core': join(import.meta.dirname, '../../../packages/core/src/text.ts') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../page',
    emptyOutDir: true,
    // The content security policy knows no data: but for images.
    assetsInlineLimit: 0,
    license: { fileName: 'THIRD-PARTY-NOTICES.md' },
    modulePreload: false,
  },
});
