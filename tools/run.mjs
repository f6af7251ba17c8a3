#!/usr/bin/env node
// The tasks behind the scripts in package.json. It needs Node and npm only: every task but `pnpm` installs first.
import { join } from 'node:path';
import { root } from './tasks/src/environment.mjs';
import { install, pnpm } from './tasks/src/install.mjs';
import { runApp, runNode } from './tasks/src/spawn.mjs';

const nx = (...args) => ({ run: (options) => runNode([join(root, 'node_modules/nx/dist/bin/nx.js'), ...args], options) });
const program = (file, ...args) => ({ run: (options) => runNode([join(root, file), ...args], options) });
/** Data goes to stdout: what comes before an app's answer is shown on stderr. */
const onStderr = { stdio: ['ignore', 2, 2] };

const tasks = {
  install: () => [],
  build: (args) => [nx('run-many', '-t', 'build', ...args)],
};
const [task, ...args] = process.argv.slice(2);
if (task === 'pnpm') process.exit(pnpm(args));
const code = install();
if (code !== 0) process.exit(code);
for (const step of tasks[task](args)) { const c = step.run(); if (c) process.exit(c); }
