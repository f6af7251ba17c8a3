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
