import { badAnswer, MsrpcError } from './errors.ts';
import { bindRefused, faultError, interfaceAbsent } from './rpc-faults.ts';
import { LARGEST_FRAGMENT, type RpcFragments } from './rpc-fragments.ts';
import type { RpcInterface } from './rpc-interface.ts';
import {
  decodeBindAnswer,
  decodeFault,
  decodeNakReason,
  decodePduHeader,
  encodeContexts,
  encodePdu,
  PduFlag,
  PduType,
  type BindAnswer,
  type ContextResult,
  type PresentationContext,
} from './rpc-pdu.ts';
import type { RpcSecurity } from './rpc-security.ts';
import type { CallOptions } from './smb-options.ts';

const PROVIDER_REJECTION = 2;
const INTERFACE_UNKNOWN = 1;
const MOST_LEGS = 8;
/** The least that C706 12.6.3.2 lets an implementation take. */
const LEAST_FRAGMENT = 1432;

export interface BindingOptions {
  readonly fragments: RpcFragments;
  readonly security: RpcSecurity | undefined;
}

/** Which interfaces an association is bound to, and the messages that bind it. */
export class RpcBinding {
  readonly #fragments: RpcFragments;
  readonly #security: RpcSecurity | undefined;
  readonly #accepted = new Map<string, number>();
  #nextContext = 0;
  #callId = 0;
  #largestFragment = LARGEST_FRAGMENT;

  constructor({ fragments, security }: BindingOptions) {
    this.#fragments = fragments;
    this.#security = security;
  }

  /** What both sides take. */
  get largestFragment(): number {
    return this.#largestFragment;
  }

  nextCallId(): number {
    this.#callId += 1;
    return this.#callId;
  }

  offers(table: RpcInterface): boolean {
    return this.#accepted.has(keyOf(table));
  }

  /** The number that `table` is bound under. */
  contextOf(table: RpcInterface): number {
    const id = this.#accepted.get(keyOf(table));
    if (id === undefined) throw interfaceAbsent(table.name);
    return id;
  }

  /** BIND with the first token, then as many legs as the sign-in takes. */
  async bind(tables: readonly RpcInterface[], options: CallOptions): Promise<void> {
    const security = this.#security;
    const contexts = this.#number(tables);
    const token = await security?.context.step();
    const { answer, theirs } = await this.#negotiate(PduType.BIND, { contexts, token }, options);
    if (answer.largestReceive < LEAST_FRAGMENT)
      throw badAnswer(`the server takes fragments of only ${answer.largestReceive} octets`);
    this.#largestFragment = Math.min(LARGEST_FRAGMENT, answer.largestReceive);
    const undecided = this.#accept(contexts, answer.results);
    if (security !== undefined) await this.#signIn(security, { contexts, theirs }, options);
    for (const { table } of undecided) await this.add(table, options).catch(onlyAbsence);
    if (this.#accepted.size === 0) throw interfaceAbsent(tables[0]!.name);
  }

  /** ALTER_CONTEXT for one more interface. */
  async add(table: RpcInterface, options: CallOptions): Promise<void> {
    if (this.offers(table)) return;
    const contexts = this.#number([table]);
    const token = this.#security && new Uint8Array();
    const { answer } = await this.#negotiate(PduType.ALTER_CONTEXT, { contexts, token }, options);
    this.#accept(contexts, answer.results);
    if (!this.offers(table)) throw interfaceAbsent(table.name);
  }

  /** NTLM ends with AUTH3, which nothing answers; others with an answer that proves the server. */
  async #signIn(
    security: RpcSecurity,
    first: { readonly contexts: readonly PresentationContext[]; readonly theirs: Uint8Array | undefined },
    options: CallOptions,
  ): Promise<void> {
    const { context } = security;
    let { theirs } = first;
    for (let leg = 0; leg < MOST_LEGS && !context.isComplete; leg += 1) {
      if (theirs === undefined) throw badAnswer('the server does not sign in, as the bind asked it to');
      const token = await context.step(theirs);
      if (token === undefined) break;
      if (context.isComplete && context.mechanism === 'ntlm') {
        await this.#sendAuth3(security, token, options);
        return;
      }
      const leg = { contexts: first.contexts, token };
      ({ theirs } = await this.#negotiate(PduType.ALTER_CONTEXT, leg, options));
    }
    if (!context.isComplete) throw badAnswer('the server ended the sign-in before it was complete');
  }

  async #sendAuth3(security: RpcSecurity, token: Uint8Array, options: CallOptions): Promise<void> {
    const header = { type: PduType.AUTH3, flags: PduFlag.FIRST | PduFlag.LAST, callId: this.#callId };
    await this.#fragments.send(security.handshake(header, Buffer.alloc(4), token), options);
  }

  async #negotiate(
    type: 11 | 14,
    {
      contexts,
      token,
    }: { readonly contexts: readonly PresentationContext[]; readonly token: Uint8Array | undefined },
    options: CallOptions,
  ): Promise<{ readonly answer: BindAnswer; readonly theirs: Uint8Array | undefined }> {
    const signing = type === PduType.BIND && token !== undefined ? PduFlag.HEADER_SIGNING : 0;
    const header = { type, flags: PduFlag.FIRST | PduFlag.LAST | signing, callId: this.nextCallId() };
    const body = encodeContexts(contexts, LARGEST_FRAGMENT);
    const pdu =
      this.#security !== undefined && token !== undefined && token.length > 0
        ? this.#security.handshake(header, body, token)
        : encodePdu({ ...header, authLength: 0 }, body);
    const reply = await this.#fragments.exchange([pdu], options);
    const theirHeader = decodePduHeader(reply);
    if (theirHeader.callId !== header.callId) throw badAnswer('the server answered another bind');
    if (theirHeader.type === PduType.BIND_NAK) throw bindRefused(decodeNakReason(reply));
    if (theirHeader.type === PduType.FAULT) throw faultError(decodeFault(reply).status, 'bind');
    if (theirHeader.type !== type + 1) throw badAnswer('the server answered a bind with something else');
    const answer = decodeBindAnswer(reply, theirHeader);
    if (answer.results.length !== contexts.length)
      throw badAnswer(
        `the server answered ${answer.results.length} interfaces where ${contexts.length} were bound`,
      );
    return { answer, theirs: this.#security?.tokenOf(reply, theirHeader) };
  }

  #number(tables: readonly RpcInterface[]): readonly PresentationContext[] {
    return tables.map((table) => ({ id: this.#nextContext++, table }));
  }

  /** Answers those that were refused for another reason than that the server does not know them. */
  #accept(
    contexts: readonly PresentationContext[],
    results: readonly ContextResult[],
  ): readonly PresentationContext[] {
    return contexts.filter(({ id, table }, index) => {
      const { result, reason } = results[index]!;
      if (result === 0) this.#accepted.set(keyOf(table), id);
      return result !== 0 && !(result === PROVIDER_REJECTION && reason === INTERFACE_UNKNOWN);
    });
  }
}

function keyOf({ uuid, version }: RpcInterface): string {
  return `${uuid} ${version.join('.')}`;
}

function onlyAbsence(error: unknown): void {
  if (!MsrpcError.is(error) || error.code !== 'interface-absent') throw error;
}
