import type { CallOptions } from './smb-options.ts';

/** A named pipe in message mode, opened once. Used by one caller at a time. */
export interface Pipe extends AsyncDisposable {
  readonly name: string;
  /** The most octets that one message may have. */
  readonly largestMessage: number;
  /** Sends a message and answers what the server says to it, or the first part of that. */
  transceive(message: Uint8Array, options: CallOptions): Promise<Uint8Array>;
  /** More of an answer. */
  read(options: CallOptions): Promise<Uint8Array>;
  /** Sends a message that nothing answers. */
  write(message: Uint8Array, options: CallOptions): Promise<void>;
  /** Idempotent; never throws. */
  close(): Promise<void>;
}
