import type { SecurityContext } from '@slipline/windows-auth';
import { MsrpcError } from './errors.ts';
import type { Pipe } from './pipe.ts';
import type { OperationName, RequestOf, ResponseOf, RpcInterface } from './rpc-interface.ts';
import type { CallOptions } from './smb-options.ts';

export interface BindOptions extends CallOptions {
  /** Bound together; one that the server does not know is refused when it is called, all of them at once. */
  readonly interfaces: readonly [RpcInterface, ...RpcInterface[]];
  /** A fresh context for one sign-in, apart from that of SMB; without it calls go as whoever the SMB session is, unsealed. */
  readonly security?: (() => SecurityContext) | undefined;
  /** `privacy` (default) encrypts and signs stubs, `integrity` signs them. */
  readonly level?: 'integrity' | 'privacy' | undefined;
  /** Octets that one answer may have in all, 4 MiB when absent. */
  readonly largestAnswer?: number | undefined;
}

/** A pipe bound to interfaces. Calls run one after the other, in the order they are made. */
export interface RpcConnection extends AsyncDisposable {
  /** Whether the server accepted `table` when it was bound. */
  offers(table: RpcInterface): boolean;
  /**
   * Calls an operation and answers what it returned, its result code included and unjudged. Throws `MsrpcError`; after
   * anything but a fault the pipe is closed.
   */
  call<I extends RpcInterface, N extends OperationName<I>>(
    table: I,
    name: N,
    request: RequestOf<I, N>,
    options: CallOptions,
  ): Promise<ResponseOf<I, N>>;
  /** Binds one more interface over the same pipe and sign-in (alter context). */
  add(table: RpcInterface, options: CallOptions): Promise<void>;
  /** Closes the pipe. Idempotent; never throws. */
  close(): Promise<void>;
}

/** Binds `pipe`, which the connection owns from here on. */
export async function bindRpc(pipe: Pipe, options: BindOptions): Promise<RpcConnection> {
  options.signal.throwIfAborted();
  await pipe.close();
  throw new MsrpcError('interface-absent', 'not yet');
}
