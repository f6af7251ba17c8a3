import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { ENTRY } from '../own-program.ts';

/** A process beside the lab that outlives it where it is killed, ends what ran in it and removes its folder. */
export interface Guard {
  /** Makes it end this process too. */
  watch(pid: number): void;
  /** The lab has cleared up itself. */
  dismiss(): void;
}

const DISMISSED = 'dismissed';
/** Milliseconds a program has to end by itself. */
const PATIENCE = 2000;

export function startGuard(home: string): Guard {
  const guard = spawn(process.execPath, [ENTRY, '__guard', home], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A Ctrl-C at the terminal is none of its business.
    detached: true,
    windowsHide: true,
  });
  // It is a precaution: the lab works without it, and does not wait for it.
  guard.on('error', () => undefined).unref();
  guard.stdin.on('error', () => undefined);
  return {
    watch: (pid) => void guard.stdin.write(`${pid}\n`),
    dismiss: () => void guard.stdin.end(`${DISMISSED}\n`),
  };
}

/** What that process does: reads process ids until the lab says that all is well, or is gone. */
export async function guardLab(home: string, input: NodeJS.ReadableStream): Promise<number> {
  const pids: number[] = [];
  for await (const line of createInterface({ input })) {
    if (line === DISMISSED) return 0;
    if (/^\d{1,10}$/.test(line)) pids.push(Number(line));
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const running = pids.filter((pid) => tell(pid, signal));
    if (running.length > 0 && signal === 'SIGTERM') await untilEnded(running);
  }
  const isLab = dirname(home) === tmpdir() && basename(home).startsWith('slipline-lab-');
  if (isLab) await rm(home, { recursive: true, force: true });
  return 0;
}

async function untilEnded(pids: readonly number[]): Promise<void> {
  for (let waited = 0; waited < PATIENCE && pids.some((pid) => tell(pid, 0)); waited += 50) await wait(50);
}

function tell(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
