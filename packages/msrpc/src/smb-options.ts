import type { Duplex } from 'node:stream';
import type { SecurityContext } from '@slipline/windows-auth';
import type { Clock } from './clock.ts';
import type { SmbCipher, SmbDialect, SmbSigning } from './smb-dialects.ts';

/**
 * `preferred` encrypts wherever the server can, `required` refuses a server that cannot, `server` encrypts only where the
 * server asks for it. Every message is signed where it is not encrypted.
 */
export type SmbEncryption = 'preferred' | 'required' | 'server';

export interface SmbOptions {
  /** A connected stream to port 445. The connection owns it from here on, and destroys it when it fails or is closed. */
  readonly socket: Duplex;
  /** Aborts the sign-in. What comes later has signals of its own. */
  readonly signal: AbortSignal;
  /** The server's name as the caller spells it: part of the share's path. */
  readonly host: string;
  /** A fresh context for one sign-in; the connection disposes of it. */
  readonly security: () => SecurityContext;
  readonly encryption?: SmbEncryption | undefined;
  /** Those to offer; all when absent. */
  readonly dialects?: readonly SmbDialect[] | undefined;
  readonly ciphers?: readonly SmbCipher[] | undefined;
  readonly signings?: readonly SmbSigning[] | undefined;
  /** Milliseconds for one answer, 30,000 when absent. */
  readonly timeout?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface CallOptions {
  /** Ends the wait. The pipe is closed then, since its state is no longer known; the connection and its other pipes live on. */
  readonly signal: AbortSignal;
  /** Milliseconds for this answer, instead of the connection's. */
  readonly timeout?: number | undefined;
}
