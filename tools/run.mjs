#!/usr/bin/env node
// The tasks behind the scripts in package.json. They need Node and npm only: every task but `pnpm` installs first.
import { join } from 'node:path';
import { root } from './tasks/src/environment.mjs';
import { install, pnpm } from './tasks/src/install.mjs';
import { runApp, runTool } from './tasks/src/spawn.mjs';

/** Before an app's answer, everything goes to stderr: stdout carries the app's data only. */
const ON_STDERR = { stdio: ['ignore', 2, 2] };

const ended = ({ failed }) => (failed === 0 ? 0 : 1);

/** Each answers an exit code. What needs an installed package is imported when it is asked for. */
const tasks = {
  install: () => 0,
  build: (...args) => runTool('nx', ['run-many', '-t', 'build', ...args]),
  lint: async (...args) => (await import('./tasks/src/steps.mjs')).lint(...args),
  format: () => runTool('prettier', ['--write', '--log-level=warn', '.']),
  check: async () => ended(await (await import('./tasks/src/check.mjs')).check()),
  test: async () => ended(await (await import('./tasks/src/check.mjs')).test()),
  'test:peers': async () => ended(await (await import('./tasks/src/peers.mjs')).peers()),
  'test:crash': async (...args) => (await import('./tasks/src/steps.mjs')).crashes(...args),
  sync: () => runTool('nx', ['sync']),
  pack: async (folder) => {
    const tarballs = await (await import('./tasks/src/pack.mjs')).pack(folder);
    for (const path of Object.values(tarballs)) console.log(path);
    return 0;
  },
  bench: async (...args) => (await import('./tasks/src/steps.mjs')).tool('bench', ...args),
  nx: (...args) => runTool('nx', args),
  // Both apps, so that either runs from the clone afterwards.
  start: (...args) => run(['cli', 'http'], 'slipline', 'lab', '--tour', ...args),
  cli: (...args) => run(['cli'], 'slipline', ...args),
};

/** Builds `apps`, and runs the command of the first. */
function run(apps, command, ...args) {
  const projects = apps.map((app) => `@slipline/${app}`).join();
  const code = runTool('nx', ['run-many', '-t', 'build', '-p', projects], ON_STDERR);
  if (code !== 0) return code;
  const file = join(root, 'apps', apps[0], 'bin', `${command}.cjs`);
  return runApp([file, ...args], process.env.INIT_CWD ?? process.cwd());
}

async function main([task, ...args]) {
  if (task === 'pnpm') return pnpm(args);
  if (!Object.hasOwn(tasks, task ?? '')) {
    console.error(`No task ${task ?? ''}. There are: ${Object.keys(tasks).join(', ')}, pnpm.`);
    return 2;
  }
  const code = install(ON_STDERR);
  if (code === 0) return tasks[task](...args);
  console.error('The dependencies are not installed, so nothing was run.');
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
