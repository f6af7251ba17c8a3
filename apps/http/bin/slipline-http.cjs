#!/usr/bin/env node
// The command's entry, the same in a checkout and in the published package. It answers `--version` before anything is loaded.
'use strict';

if (process.argv[2] === '--version') {
  process.stdout.write(`${require('../package.json').version}\n`);
} else {
  // Not required: that makes Node read every export of its modules, and some of those load much.
  process.getBuiltinModule('node:module').enableCompileCache?.();
  // A checkout has tsc's output, the published package has the bundle only.
  const inCheckout = process.getBuiltinModule('node:fs').existsSync(`${__dirname}/../dist/main.js`);
  if (inCheckout) import('../dist/main.js');
  else require('../bundle/main.cjs');
}
