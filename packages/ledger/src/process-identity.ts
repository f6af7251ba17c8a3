import { readFileSync } from 'node:fs';
import type { Opener } from '@slipline/core';
import { childProcesses } from './builtin.ts';

let current: Opener | undefined;

/** This process, as later ones can tell it from others. Looked up once. */
export function thisProcess(): Opener {
  current ??= { pid: process.pid, startedAt: startOf(process.pid) ?? '', bootId: bootId() };
  return current;
}

/**
 * Whether the process is no longer there, or cannot be seen from here, as in another container. Where the platform does
 * not say when a process started, a later one with the same id is taken for it.
 */
export function isGone(opener: Opener): boolean {
  const here = thisProcess();
  if (opener.bootId !== here.bootId) return true;
  if (opener.pid === here.pid) return opener.startedAt !== here.startedAt;
  if (!isRunning(opener.pid)) return true;
  return opener.startedAt !== '' && startOf(opener.pid) !== opener.startedAt;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started: ticks since boot on Linux, local time elsewhere; nothing where it is gone or nobody says. */
function startOf(pid: number): string | undefined {
  switch (process.platform) {
    case 'linux':
      return startTicks(pid);
    case 'win32':
      return undefined;
    default:
      return answerOf('ps', '-o', 'lstart=', '-p', String(pid));
  }
}

/** Field 22 of proc_pid_stat(5); the name in field 2 may hold spaces and parentheses. A zombie counts as gone. */
function startTicks(pid: number): string | undefined {
  const text = contentOf(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function bootId(): string {
  switch (process.platform) {
    case 'linux':
      return contentOf('/proc/sys/kernel/random/boot_id') ?? '';
    case 'darwin':
      return answerOf('sysctl', '-n', 'kern.bootsessionuuid') ?? '';
    default:
      return '';
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function answerOf(program: string, ...rest: readonly string[]): string | undefined {
  const { status, stdout } = childProcesses().spawnSync(program, rest, {
    encoding: 'utf8',
    timeout: 2000,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  const text = status === 0 ? stdout.trim() : '';
  return text === '' ? undefined : text;
}
