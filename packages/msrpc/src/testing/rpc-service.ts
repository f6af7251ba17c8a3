import type { ByteReader } from './bytes.ts';

/** RPC fault codes (C706 appendix E, MS-RPCE 3.1.1.5). */
export const FAULT = {
  accessDenied: 0x5,
  badStub: 0x6f7,
  operationRange: 0x1c010002,
  unknownInterface: 0x1c010003,
  contextMismatch: 0x1c00001a,
  tooBusy: 0x1c010014,
} as const;

/** Thrown by an operation that answers with a fault. */
export class RpcFault extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`RPC fault 0x${status.toString(16)}`);
    this.status = status;
  }
}

export interface RpcCall {
  /** Who signed in for RPC. */
  readonly userName: string;
  /** The open pipe: context handles live and die with it. */
  readonly pipe: object;
}

/** Reads the request's stub and answers the other one. */
export type RpcOperation = (stub: ByteReader, call: RpcCall) => Uint8Array | Promise<Uint8Array>;

/** One interface as a server has it. */
export interface RpcService {
  readonly name: string;
  readonly uuid: string;
  readonly version: readonly [major: number, minor: number];
  /** By opnum. */
  readonly operations: Readonly<Record<number, RpcOperation>>;
}

/** What goes wrong with one call. */
export type RpcMischief =
  /** Nothing is answered. */
  | 'hang'
  /** The last fragment is cut in the middle, its length is not. */
  | 'truncated'
  /** Fragments say that they are longer than either side allows. */
  | 'oversized'
  /** The first fragment comes twice. */
  | 'replayed'
  /** The first two fragments change places. */
  | 'reordered'
  /** One bit of the first fragment is another one. */
  | 'tampered'
  /** Fragments belong to another call. */
  | 'strange-call'
  /** No fragment is ever the last one. */
  | 'endless'
  /** It is not protected. */
  | 'clear'
  | { readonly fault: number }
  /** This is answered, and nothing is done. */
  | { readonly answer: Uint8Array }
  /** The stub becomes this before it is protected. */
  | { readonly stub: (stub: Buffer) => Buffer };

export interface RpcFaults {
  /** By `interface name.opnum`, such as `TermSrvSession.3`; `*` for every call. */
  readonly calls: Map<string, RpcMischief>;
  /** A bind is refused with this reason (12.6.4.5), or never answered. */
  bind: { readonly reason: number } | 'hang' | undefined;
  /** Interfaces that this host does not have. */
  readonly absent: Set<string>;
}

export function noRpcFaults(): RpcFaults {
  return { calls: new Map(), bind: undefined, absent: new Set() };
}
