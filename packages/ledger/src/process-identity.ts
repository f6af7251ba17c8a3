import { readFileSync, readlinkSync } from 'node:fs';
import type { Opener } from '@slipline/core';
import { childProcesses } from './builtin.ts';

let current: Opener | undefined;

/** This process, as later ones can tell it from others. Looked up once. */
export function thisProcess(): Opener {
  current ??= { pid: process.pid, startedAt: startOf(process.pid) ?? '', bootId: bootId(), ...space() };
  return current;
}

/** Another process of this machine, as it is now. */
export function processOf(pid: number): Opener {
  return pid === process.pid ? thisProcess() : { ...thisProcess(), pid, startedAt: startOf(pid) ?? '' };
}

let line: ReadonlyMap<number, string> | undefined;

/** Whether it is this process, or one that this one descends from. Looked up once. */
export function isOurs(owner: Opener): boolean {
  const here = thisProcess();
  if (owner.bootId !== here.bootId || owner.space !== here.space) return false;
  if (owner.pid === here.pid) return owner.startedAt === here.startedAt;
  line ??= ancestors();
  return line.get(owner.pid) === owner.startedAt;
}

/**
 * Whether the process is no longer there, or cannot be seen from here, as in another container. Where the platform does
 * not say when a process started, a later one with the same id is taken for it.
 */
export function isGone(opener: Opener): boolean {
  const here = thisProcess();
  if (opener.bootId !== here.bootId || opener.space !== here.space) return true;
  if (opener.pid === here.pid) return opener.startedAt !== here.startedAt;
  if (!isRunning(opener.pid)) return true;
  return opener.startedAt !== '' && startOf(opener.pid) !== opener.startedAt;
}

/** Whether it is certain that the process has ended: one in another container cannot be seen, and may run. */
export function hasEnded(opener: Opener): boolean {
  const here = thisProcess();
  if (opener.bootId === here.bootId && opener.space !== here.space) return false;
  return isGone(opener);
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

/** Field 22 of proc_pid_stat(5). A zombie counts as gone. */
function startTicks(pid: number): string | undefined {
  const [state, , start] = statOf(pid);
  return state === 'Z' || state === 'X' ? undefined : start;
}

/** State, parent and start: fields 3, 4 and 22; the name in field 2 may hold spaces and parentheses. */
function statOf(pid: number): readonly [state?: string, parent?: string, start?: string] {
  const text = contentOf(`/proc/${pid}/stat`);
  if (text === undefined) return [];
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return [fields[0] ?? '', fields[1] ?? '', fields[19] ?? ''];
}

const LONGEST_LINE = 64;

/** Those that this process descends from, and when they started. */
function ancestors(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const parents = parentsOf();
  for (let pid = process.ppid; pid > 0 && found.size < LONGEST_LINE && !found.has(pid); pid = parents(pid))
    found.set(pid, startOf(pid) ?? '');
  return found;
}

/** Of each process its parent; 0 where there is none, or nobody says. */
function parentsOf(): (pid: number) => number {
  switch (process.platform) {
    case 'linux':
      return (pid) => Number(statOf(pid)[1] ?? 0);
    case 'win32':
      return () => 0;
    default: {
      const lines = (answerOf('ps', '-axo', 'pid=,ppid=') ?? '').split('\n');
      const pairs = new Map(lines.map((text) => text.trim().split(/\s+/).map(Number) as [number, number]));
      return (pid) => pairs.get(pid) ?? 0;
    }
  }
}

/** Containers see processes by ids of their own. */
function space(): Pick<Opener, 'space'> {
  if (process.platform !== 'linux') return {};
  try {
    return { space: readlinkSync('/proc/self/ns/pid') };
  } catch {
    return {};
  }
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
