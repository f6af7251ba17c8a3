// Child processes: steps that run to their end, and the app that a person talks to.
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { childEnvironment, npmProgram, root } from './environment.mjs';
import { readManifest } from './projects.mjs';

const MUCH_OUTPUT = 64 * 1024 * 1024;

/**
 * Runs a Node program to its end and answers its exit code. `node` is the binary to run it with; `environment` is added
 * to the one that children get; `stdio` is as in node:child_process; `isQuiet` shows what it said only if it failed.
 */
export function runNode(args, options = {}) {
  const { node = process.execPath, cwd = root, environment = {}, isQuiet = false } = options;
  const { status, signal, error, output } = spawnSync(node, args, {
    cwd,
    stdio: isQuiet ? 'pipe' : (options.stdio ?? 'inherit'),
    maxBuffer: MUCH_OUTPUT,
    env: { ...childEnvironment(process.env, node), ...environment },
  });
  if (error) throw error;
  const code = status ?? 128 + constants.signals[signal];
  if (isQuiet && code !== 0) process.stderr.write(Buffer.concat(output.filter(Boolean)));
  return code;
}

/** Packages whose program has another name than they have. */
const PACKAGES = { tsc: 'typescript', attw: '@arethetypeswrong/cli' };

/** Runs a program of one of the root's development dependencies, and answers its exit code. */
export function runTool(program, args, options) {
  const folder = join(root, 'node_modules', PACKAGES[program] ?? program);
  const { bin } = readManifest(folder);
  return runNode([join(folder, typeof bin === 'string' ? bin : bin[program]), ...args], options);
}

export function runNpm(args, options) {
  return runNode([npmProgram(), ...args], options);
}

/**
 * Runs a Node program that handles signals itself. A terminal delivers Ctrl-C to the program directly, so here it is
 * ignored; SIGTERM is passed on. Answers the program's exit code, or 128 + the signal's number.
 */
export function runApp(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: 'inherit' });
    const ignore = () => {};
    const passOn = (signal) => child.kill(signal);
    process.on('SIGINT', ignore).on('SIGTERM', passOn);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', ignore).off('SIGTERM', passOn);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}
