import type { STATES } from './plugin.ts';

export type DesktopState = (typeof STATES)[number];

/** One row of a host's list. */
export interface DesktopEntry {
  readonly id: number;
  readonly state: DesktopState;
  /** The station's name, such as `Console` or `RDP-Tcp#3`; empty where nobody is connected. */
  readonly sessionName: string;
  /** Empty where the session belongs to nobody. */
  readonly userName: string;
  readonly domainName: string;
}

/** What a host says of one session. Times are FILETIMEs as they came: any value, 0 for never. */
export interface DesktopFacts extends Omit<DesktopEntry, 'id'> {
  readonly isLocked: boolean | undefined;
  readonly logonTime: bigint;
  readonly connectTime: bigint;
  readonly disconnectTime: bigint;
  readonly lastInputTime: bigint;
}

/** Who sits at the other end. */
export interface ClientFacts {
  readonly clientName: string;
  readonly clientAddress: string;
  readonly horizontalResolution: number;
  readonly verticalResolution: number;
  readonly colorDepth: number;
  readonly clientBuildNumber: number;
  readonly encryptionLevel: number;
}

export interface DesktopMessage {
  readonly title: string;
  readonly text: string;
  /** As `MessageBox` takes them, 0 for an OK button. */
  readonly style: number;
  /** Seconds. */
  readonly timeout: number;
  readonly waits: boolean;
}

/** What became of a request to change a session. `gone`: there is no such session; `unchanged`: it was so already. */
export type Changed = 'done' | 'unchanged' | 'gone';

/**
 * One host, whichever way it is spoken to: one method per operation. Throws `TerminalError`, or what the way to the host
 * throws.
 */
export interface TerminalClient {
  list(signal: AbortSignal): Promise<readonly DesktopEntry[]>;
  /** Nothing where there is no such session, `forbidden` where it may not be asked about. */
  facts(id: number, signal: AbortSignal): Promise<DesktopFacts | undefined>;
  /** Nothing where there is no client, or the host does not tell. */
  client(id: number, signal: AbortSignal): Promise<ClientFacts | undefined>;
  /** Nothing where the host does not tell. */
  lastInputTime(id: number, signal: AbortSignal): Promise<bigint | undefined>;
  disconnect(id: number, signal: AbortSignal): Promise<Changed>;
  logOff(id: number, signal: AbortSignal): Promise<Changed>;
  /** The button's number (`MessageBox`), or 32000 for a time-out and 32001 for not having waited; nothing where it is gone. */
  showMessage(id: number, message: DesktopMessage, signal: AbortSignal): Promise<number | undefined>;
}

/** What the host answered instead of doing what it was asked; `status` is its own number. */
export class TerminalError extends Error {
  readonly operation: string;
  readonly status: number;

  constructor(operation: string, status: number) {
    super(`${operation} answered 0x${(status >>> 0).toString(16).padStart(8, '0')}`);
    this.name = 'TerminalError';
    this.operation = operation;
    this.status = status >>> 0;
  }

  static is(value: unknown): value is TerminalError {
    return value instanceof TerminalError;
  }
}
