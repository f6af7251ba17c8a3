import { randomUUID } from 'node:crypto';
import type { CommandResult } from './command-runner.ts';
import { RESOURCES } from './namespaces.ts';

/** Why a shell is no more. */
export type ShellEnding = 'deleted' | 'idle' | 'run-time' | 'removed';

export interface ShellCommand {
  readonly id: string;
  readonly line: string;
  /** Absent while it runs. */
  readonly result: CommandResult | undefined;
  /** Its output has been fetched. */
  isReceived: boolean;
}

/** A shell as the server knows it. Times in milliseconds, those with `At` since 1970. */
export interface Shell {
  readonly id: string;
  readonly resourceUri: string;
  /** `DOMAIN\user`. */
  readonly owner: string;
  readonly clientAddress: string;
  /** The client session that created it. */
  readonly sessionId: string | undefined;
  readonly name: string | undefined;
  /** The client chose the id: only then can it be disconnected. */
  readonly hasClientId: boolean;
  readonly state: 'Connected' | 'Disconnected';
  readonly createdAt: number;
  readonly usedAt: number;
  readonly idleTimeout: number;
  readonly bufferMode: 'Block' | 'Drop';
  readonly processId: number;
  readonly inputStreams: string;
  readonly outputStreams: string;
  readonly workingDirectory: string | undefined;
  readonly environment: ReadonlyMap<string, string>;
  readonly commands: ReadonlyMap<string, ShellCommand>;
  readonly endedAt?: number;
  readonly endedBy?: ShellEnding;
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What makes one shell different from another; the rest has defaults. */
export interface NewShell extends Partial<
  Omit<Shell, 'createdAt' | 'usedAt' | 'commands' | 'endedAt' | 'endedBy'>
> {
  readonly owner: string;
  readonly resourceUri: string;
}

/** How many shells that ended are kept at least. */
const ENDED_LIMIT = 1000;

interface Limits {
  readonly idleTimeout: number;
  readonly maxShellRunTime: number;
}

/** The shells of the service. Time-outs take effect whenever somebody looks. */
export class ShellStore {
  readonly #now: () => number;
  readonly #limits: () => Limits;
  readonly #open = new Map<string, Mutable<Shell>>();
  readonly #ended: Shell[] = [];
  #processId = 2792;

  constructor(now: () => number, limits: () => Limits) {
    this.#now = now;
    this.#limits = limits;
  }

  create(wanted: NewShell): Shell {
    const now = this.#now();
    const isWinrs = wanted.resourceUri === RESOURCES.cmd;
    this.#processId += 4;
    const shell: Shell = {
      id: randomUUID().toUpperCase(),
      clientAddress: '10.0.2.2',
      sessionId: undefined,
      name: undefined,
      hasClientId: !isWinrs,
      state: 'Connected',
      idleTimeout: this.#limits().idleTimeout,
      bufferMode: 'Block',
      processId: this.#processId,
      inputStreams: isWinrs ? 'stdin' : 'stdin pr',
      outputStreams: isWinrs ? 'stdout stderr' : 'stdout',
      workingDirectory: undefined,
      environment: new Map(),
      ...wanted,
      createdAt: now,
      usedAt: now,
      commands: new Map<string, ShellCommand>(),
    };
    this.#open.set(key(shell.id), shell);
    return shell;
  }

  /** Looking does not renew it. */
  find(id: string | undefined): Shell | undefined {
    this.#sweep();
    return id === undefined ? undefined : this.#open.get(key(id));
  }

  /** Open shells, oldest first. */
  all(): readonly Shell[] {
    this.#sweep();
    return [...this.#open.values()];
  }

  /** Changes an open shell; by itself, this renews it. */
  use(id: string, change: Partial<Pick<Shell, 'state' | 'idleTimeout' | 'bufferMode'>> = {}): void {
    const shell = this.#open.get(key(id));
    if (shell !== undefined) Object.assign(shell, change, { usedAt: this.#now() });
  }

  addCommand(id: string, command: ShellCommand): void {
    (this.#open.get(key(id))?.commands as Map<string, ShellCommand>).set(command.id, command);
  }

  removeCommand(id: string, commandId: string): void {
    (this.#open.get(key(id))?.commands as Map<string, ShellCommand>).delete(commandId);
  }

  /** Whether there was such an open shell to end. */
  end(id: string, endedBy: ShellEnding): boolean {
    const shell = this.#open.get(key(id));
    if (shell === undefined) return false;
    this.#open.delete(key(id));
    this.#ended.push({ ...shell, endedAt: this.#now(), endedBy });
    if (this.#ended.length >= 2 * ENDED_LIMIT) this.#ended.splice(0, ENDED_LIMIT);
    return true;
  }

  /** Copies of the shells that ended, at least the last thousand, and of the open ones. */
  snapshot(): readonly Shell[] {
    const open = this.all().map((shell) => ({ ...shell }));
    return [...this.#ended, ...open];
  }

  #sweep(): void {
    const now = this.#now();
    const { maxShellRunTime } = this.#limits();
    for (const { id, createdAt, usedAt, idleTimeout } of this.#open.values()) {
      if (now - usedAt >= idleTimeout) this.end(id, 'idle');
      else if (now - createdAt >= maxShellRunTime) this.end(id, 'run-time');
    }
  }
}

/** Ids are GUIDs, which Windows compares without regard to case. */
function key(id: string): string {
  return id.toUpperCase();
}
