// Child processes: steps that run to their end, and the app that a person talks to.
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { childEnvironment, root } from './environment.mjs';

/** Runs a Node program to its end and answers its exit code. `stdio` as in node:child_process. */
export function runNode(args, { cwd = root, environment = {}, stdio = 'inherit' } = {}) {
  const { status, signal, error } = spawnSync(process.execPath, args, {
    cwd,
    stdio,
    env: { ...childEnvironment(), ...environment },
  });
  if (error) throw error;
  return status ?? 128 + constants.signals[signal];
}

/**
 * Runs a Node program that handles signals itself, in the caller's folder. A terminal delivers Ctrl-C to the app
 * directly, so it is ignored here; SIGTERM is passed on. Answers the app's exit code, or 128 + the signal's number.
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
