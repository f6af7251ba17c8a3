import type { SecurityContext } from '@slipline/windows-auth';
import { badAnswer, MsrpcError } from './errors.ts';
import type { Pipe } from './pipe.ts';
import { RpcBinding } from './rpc-binding.ts';
import { faultError } from './rpc-faults.ts';
import { RpcFragments } from './rpc-fragments.ts';
import type { OperationName, RequestOf, ResponseOf, RpcInterface } from './rpc-interface.ts';
import {
  CALL_HEADER,
  decodeFault,
  decodePduHeader,
  encodeCallHeader,
  encodePdu,
  PduFlag,
  PduType,
} from './rpc-pdu.ts';
import { plainRoom, RpcSecurity, type RpcLevel } from './rpc-security.ts';
import { decodeStub, encodeStub } from './rpc-stub.ts';
import type { CallOptions } from './smb-options.ts';
import { Turns } from './turns.ts';

const LARGEST_ANSWER = 4 * 1024 * 1024;
/** What fragments hold on average at least, all but the last: it limits their number. */
const LEAST_STUB = 512;

export interface BindOptions extends CallOptions {
  /** Bound together. One that the server does not know is refused when it is called; all of them, at once. */
  readonly interfaces: readonly [RpcInterface, ...RpcInterface[]];
  /** A fresh context for one sign-in, apart from that of SMB; without it calls go as whoever the SMB session is, unsealed. */
  readonly security?: (() => SecurityContext) | undefined;
  /** `privacy` (default) encrypts and signs stubs, `integrity` signs them. */
  readonly level?: RpcLevel | undefined;
  /** Octets that one answer may have in all, 4 MiB when absent. */
  readonly largestAnswer?: number | undefined;
}

/** A pipe bound to interfaces. Calls run one after the other, in the order they are made. */
export interface RpcConnection extends AsyncDisposable {
  /** Whether the server accepted `table` when it was bound. */
  offers(table: RpcInterface): boolean;
  /**
   * Calls an operation and answers what it returned, its result code included and unjudged. Throws `MsrpcError`; after
   * anything but a fault, a wrong argument or an answer that does not fit its table the pipe is closed.
   */
  call<I extends RpcInterface, N extends OperationName<I>>(
    table: I,
    name: N,
    request: RequestOf<I, N>,
    options: CallOptions,
  ): Promise<ResponseOf<I, N>>;
  /** Binds one more interface over the same pipe and sign-in (alter context). */
  add(table: RpcInterface, options: CallOptions): Promise<void>;
  /** Closes the pipe and wipes the keys. Idempotent; never throws. */
  close(): Promise<void>;
}

/** Binds `pipe`, which the connection owns from here on. Throws as `call` does, and what the security context throws. */
export async function bindRpc(pipe: Pipe, options: BindOptions): Promise<RpcConnection> {
  const { interfaces, level = 'privacy', largestAnswer = LARGEST_ANSWER } = options;
  const context = options.security?.();
  try {
    const security = context && new RpcSecurity(context, level);
    const fragments = new RpcFragments(pipe);
    const binding = new RpcBinding({ fragments, security });
    await binding.bind(interfaces, options);
    return new Connection({ pipe, fragments, binding, security, largestAnswer });
  } catch (error) {
    context?.[Symbol.dispose]();
    // Whoever gives up does not wait for a server that may hang.
    void pipe.close();
    throw error;
  }
}

interface Association {
  readonly pipe: Pipe;
  readonly fragments: RpcFragments;
  readonly binding: RpcBinding;
  readonly security: RpcSecurity | undefined;
  readonly largestAnswer: number;
}

interface Question {
  readonly contextId: number;
  readonly opnum: number;
  readonly stub: Uint8Array;
  /** For messages. */
  readonly operation: string;
}

interface Fragment {
  readonly stub: Uint8Array;
  readonly isLast: boolean;
}

class Connection implements RpcConnection {
  readonly #association: Association;
  readonly #turns = new Turns();
  #isClosed = false;

  constructor(association: Association) {
    this.#association = association;
  }

  offers(table: RpcInterface): boolean {
    return this.#association.binding.offers(table);
  }

  async call<I extends RpcInterface, N extends OperationName<I>>(
    table: I,
    name: N,
    request: RequestOf<I, N>,
    options: CallOptions,
  ): Promise<ResponseOf<I, N>> {
    const { opnum, request: parameters, response } = table.operations[name]!;
    const question = {
      contextId: this.#association.binding.contextOf(table),
      opnum,
      stub: encodeStub(parameters, request),
      operation: name,
    };
    const answer = await this.#turns.run(options.signal, () =>
      this.#guarded(() => this.#exchange(question, options)),
    );
    if (MsrpcError.is(answer)) throw answer;
    return decodeStub(response, answer);
  }

  async add(table: RpcInterface, options: CallOptions): Promise<void> {
    await this.#turns.run(options.signal, () =>
      this.#guarded(() => this.#association.binding.add(table, options)),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#association.security?.context[Symbol.dispose]();
    await this.#association.pipe.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A conversation that broke off cannot be taken up again. */
  async #guarded<T>(task: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw closed(this.#association.pipe.name);
    try {
      return await task();
    } catch (error) {
      if (!MsrpcError.is(error) || error.code !== 'interface-absent') void this.close();
      throw error;
    }
  }

  /** The whole stub, or the fault that the server answered instead. */
  async #exchange(question: Question, options: CallOptions): Promise<Uint8Array | MsrpcError> {
    const { fragments, binding, largestAnswer } = this.#association;
    const callId = binding.nextCallId();
    const stubs: Uint8Array[] = [];
    let pdu = await fragments.exchange(this.#requestsOf(question, callId), options);
    for (let size = 0; ;) {
      const fragment = this.#open(pdu, { callId, isFirst: stubs.length === 0, question });
      if (MsrpcError.is(fragment)) return fragment;
      size += fragment.stub.length;
      if (size > largestAnswer) throw tooLarge(question.operation, largestAnswer);
      stubs.push(fragment.stub);
      if (fragment.isLast) return Buffer.concat(stubs);
      if (stubs.length * LEAST_STUB > largestAnswer) throw badAnswer('the server sends tiny fragments');
      pdu = await fragments.next(options);
    }
  }

  #requestsOf({ contextId, opnum, stub }: Question, callId: number): readonly Buffer[] {
    const { binding, security } = this.#association;
    const room = security?.room(binding.largestFragment) ?? plainRoom(binding.largestFragment);
    const count = Math.max(1, Math.ceil(stub.length / room));
    return Array.from({ length: count }, (_, index) => {
      const part = stub.subarray(index * room, (index + 1) * room);
      const flags = (index === 0 ? PduFlag.FIRST : 0) | (index === count - 1 ? PduFlag.LAST : 0);
      const header = { type: PduType.REQUEST, flags, callId };
      const callHeader = encodeCallHeader({ allocationHint: stub.length - index * room, contextId, opnum });
      return (
        security?.protect(header, callHeader, part) ??
        encodePdu({ ...header, authLength: 0 }, callHeader, part)
      );
    });
  }

  #open(
    pdu: Buffer,
    expected: { readonly callId: number; readonly isFirst: boolean; readonly question: Question },
  ): Fragment | MsrpcError {
    const { security } = this.#association;
    const header = decodePduHeader(pdu);
    if (header.callId !== expected.callId) throw badAnswer('the server answered another call');
    if (header.type === PduType.FAULT) {
      const { status, headerSize } = decodeFault(pdu);
      if (header.authLength > 0) security?.unprotect(pdu, header, headerSize);
      return faultError(status, expected.question.operation);
    }
    if (header.type !== PduType.RESPONSE || pdu.length < CALL_HEADER)
      throw badAnswer('the server answered a call with something else');
    if (security === undefined && header.authLength > 0)
      throw badAnswer('the server authenticates where nobody asked it to');
    const stub = security ? security.unprotect(pdu, header, CALL_HEADER) : pdu.subarray(CALL_HEADER);
    if (((header.flags & PduFlag.FIRST) !== 0) !== expected.isFirst)
      throw badAnswer('the server sent the fragments of an answer out of order');
    if (pdu.readUInt16LE(20) !== expected.question.contextId)
      throw badAnswer('the server answered for another interface');
    return { stub, isLast: (header.flags & PduFlag.LAST) !== 0 };
  }
}

function closed(pipe: string): MsrpcError {
  return new MsrpcError('closed', `the pipe ${pipe} is closed`, { next: 'open it again' });
}

function tooLarge(operation: string, most: number): MsrpcError {
  return new MsrpcError('too-large', `the answer to ${operation} exceeds ${most} octets`, {
    next: 'ask for less at once, or raise the limit',
  });
}
