import type { DisconnectError } from '@slipline/core';

/** What is said on stderr while a command runs. */
export interface Messages {
  /** One line for people, such as a hint; left out where JSON was asked for. */
  note(text: string): void;
  /** What is being done right now. Seen on a terminal only, and gone when it is over. */
  doing(text: string): void;
  /** What went wrong without ending the command: `<code>: <what> (<system>)` and `next:`, or one JSON object for all. */
  problems(errors: readonly DisconnectError[]): void;
}
