import { MsrpcError } from './errors.ts';
import type { Pipe } from './pipe.ts';
import type { SmbCipher, SmbDialect, SmbSigning } from './smb-dialects.ts';
import type { CallOptions, SmbOptions } from './smb-options.ts';

/** A signed-in SMB connection with the share `IPC$`, for any number of pipes. */
export interface SmbConnection extends AsyncDisposable {
  readonly dialect: SmbDialect;
  readonly signing: SmbSigning;
  /** What every message is encrypted with, or nothing where it is signed only. */
  readonly cipher: SmbCipher | undefined;
  /** False once the server or an error has ended it. */
  readonly isOpen: boolean;
  /** Opens a pipe by its name without `\PIPE\`, e.g. `LSM_API_service`. */
  openPipe(name: string, options: CallOptions): Promise<Pipe>;
  /** Closes what is open, signs out and ends the socket. Idempotent; never throws; waits at most 2 seconds for answers. */
  close(): Promise<void>;
}

/**
 * Negotiates SMB 2.0.2 to 3.1.1, signs in and connects to `IPC$`. Throws `MsrpcError`, what the security context throws, or the
 * signal's reason; the socket is destroyed then.
 */
export async function connectSmb(options: SmbOptions): Promise<SmbConnection> {
  options.socket.destroy();
  throw new MsrpcError('unreachable', 'not yet');
}
