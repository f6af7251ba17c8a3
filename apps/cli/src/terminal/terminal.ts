import { closeSync, openSync } from 'node:fs';
import type { Secret } from '@slipline/core';

/** The person at the terminal. Every question rejects with the signal's reason when it is aborted. */
export interface Terminal {
  /** Yes or no; no when Enter is pressed. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>;
  /** A line that is shown while it is typed. */
  line(question: string, signal: AbortSignal): Promise<string>;
  /** A line that is not shown. */
  secret(question: string, signal: AbortSignal): Promise<Secret>;
}

/** What the terminal of this process is called, whatever its streams are. */
export const DEVICE =
  process.platform === 'win32'
    ? { input: '\\\\.\\CONIN$', output: '\\\\.\\CONOUT$' }
    : { input: '/dev/tty', output: '/dev/tty' };

/** The terminal this process belongs to; `undefined` where it has none. */
export function openTerminal(onInterrupt: () => void): Terminal | undefined {
  try {
    closeSync(openSync(DEVICE.input, 'r+'));
  } catch {
    return undefined;
  }
  // Few commands ask anything: what asks is loaded when it does.
  const device = async (): Promise<Terminal> => {
    const { DeviceTerminal } = await import('./terminal-device.ts');
    return new DeviceTerminal(onInterrupt);
  };
  return {
    confirm: async (question, signal) => (await device()).confirm(question, signal),
    line: async (question, signal) => (await device()).line(question, signal),
    secret: async (question, signal) => (await device()).secret(question, signal),
  };
}
