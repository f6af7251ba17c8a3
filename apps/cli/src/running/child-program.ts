import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { DisconnectError } from '@slipline/core';
import type { Environment } from '@slipline/config';

/** What a terminal or a supervisor may send; each is the program's to answer. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ProgramOptions {
  readonly environment: Environment;
  /** Whether Ctrl-C reaches the program from the terminal itself, so that it must not get it twice. */
  readonly hasTerminal: boolean;
  readonly onStart?: ((program: ChildProcess) => void) | undefined;
  /** How it is called: `slipline run --with SESSION -- PROGRAM`. */
  readonly usage: string;
}

/**
 * Runs a program to its end on this process's own input and output, passing signals on. Answers its exit code, or 128 and
 * the number of the signal that ended it. It does not outlive this process.
 */
export async function runProgram(
  [name = '', ...args]: readonly string[],
  { environment, hasTerminal, onStart, usage }: ProgramOptions,
): Promise<number> {
  const program = spawn(name, args, { stdio: 'inherit', env: environment });
  const passOn = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !hasTerminal) program.kill(signal);
  };
  const end = (): void => void program.kill('SIGKILL');
  for (const signal of PASSED_ON) process.on(signal, passOn);
  process.once('exit', end);
  try {
    return await new Promise((resolve, reject) => {
      program.once('error', (cause) => reject(cannotRun(name, usage, cause)));
      program.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
      onStart?.(program);
    });
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn);
    process.off('exit', end);
  }
}

function cannotRun(name: string, next: string, cause: Error): DisconnectError {
  const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const what = isMissing ? 'there is no such program' : cause.message;
  return new DisconnectError('invalid-request', `"${name}" cannot be run: ${what}`, {
    next,
    cause,
  });
}
