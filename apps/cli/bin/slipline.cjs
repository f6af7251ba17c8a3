#!/usr/bin/env node
// The command's entry, the same in a checkout and in the published package. It answers `--version` before anything is loaded.
'use strict';

if (process.argv[2] === '--version') {
  process.stdout.write(`${require('../package.json').version}\n`);
} else {
  require('node:module').enableCompileCache?.();
  // A checkout has tsc's output, the published package has the bundle only.
  const inCheckout = require('node:fs').existsSync(`${__dirname}/../dist/main.js`);
  import(inCheckout ? '../dist/main.js' : '../bundle/main.js');
}
