import type { Accept } from './acceptor.ts';
import { ByteReader, ByteWriter, Malformed } from './bytes.ts';
import type { PipeEnd } from './pipe.ts';
import { bindAnswer, readOffer } from './rpc-bind.ts';
import { spoil } from './rpc-mischief.ts';
import {
  FIRST,
  formatPdu,
  formatTrailer,
  hasObject,
  HEADER,
  LAST,
  parsePdu,
  PDU,
  type Pdu,
} from './rpc-pdu.ts';
import { CALL_HEADER, PRIVACY, RpcSecurity } from './rpc-security.ts';
import { FAULT, RpcFault, type RpcFaults, type RpcService } from './rpc-service.ts';

export interface RpcEndpointOptions {
  readonly services: readonly RpcService[];
  readonly accept: Accept;
  readonly faults: RpcFaults;
  /** Who the pipe belongs to; calls without a verifier are theirs. */
  readonly userName: string;
  /** The least protection of a call: 6 when absent, 0 lets everybody in. */
  readonly minimumLevel?: number | undefined;
  /** Octets of one fragment; 4,280 when absent. */
  readonly maxFragment?: number | undefined;
  /** Told of every call that is carried out, or would be. */
  readonly onCall?: ((service: RpcService, opnum: number) => void) | undefined;
  /** As the bind_ack names it. */
  readonly address: string;
}

const MOST_STUB = 1 << 20;

/** The server's side of DCE/RPC on one open pipe. */
export class RpcEndpoint implements PipeEnd {
  readonly #options: RpcEndpointOptions;
  readonly #contexts = new Map<number, RpcService>();
  #security: RpcSecurity | undefined;
  #maxFragment: number;
  /** What has come of a request whose last fragment has not. */
  #incoming: { readonly callId: number; readonly stubs: Buffer[] } | undefined;

  constructor(options: RpcEndpointOptions) {
    this.#options = options;
    this.#maxFragment = options.maxFragment ?? 4280;
  }

  async receive(message: Uint8Array): Promise<readonly Uint8Array[]> {
    const pdu = parsePdu(Buffer.from(message));
    switch (pdu.type) {
      case PDU.bind:
        return this.#bind(pdu);
      case PDU.alterContext:
        return this.#bind(pdu);
      case PDU.auth3:
        this.#security?.step(pdu.verifier?.token ?? Buffer.alloc(0));
        return [];
      case PDU.request:
        return this.#request(pdu);
      case PDU.cancel:
      case PDU.orphaned:
        return [];
      default:
        throw new Malformed('no client sends this');
    }
  }

  #bind(pdu: Pdu): readonly Buffer[] {
    const { faults, accept } = this.#options;
    if (faults.bind === 'hang') return [];
    if (faults.bind !== undefined) return [refusal(pdu, faults.bind.reason)];
    const services = this.#options.services.filter(({ name }) => !faults.absent.has(name));
    const offer = readOffer(pdu, services);
    for (const [id, service] of offer.accepted) this.#contexts.set(id, service);
    const { verifier } = pdu;
    const isFirst = pdu.type === PDU.bind;
    if (isFirst) this.#maxFragment = Math.min(this.#maxFragment, offer.maxReceive);
    if (isFirst && verifier !== undefined) {
      if (verifier.type !== 9 && verifier.type !== 10) return [refusal(pdu, 8)];
      this.#security = new RpcSecurity(verifier, accept(verifier.type === 10 ? 'ntlm' : 'negotiate'));
    }
    const security = this.#security;
    const token =
      verifier === undefined || security?.isComplete === true ? undefined : security?.step(verifier.token);
    if (security?.isRefused === true) return [fault(pdu.callId, FAULT.accessDenied)];
    const body = bindAnswer(offer, this.#maxFragment, isFirst ? this.#options.address : '');
    const type = isFirst ? PDU.bindAck : PDU.alterContextAnswer;
    if (verifier === undefined || token === undefined)
      return [formatPdu(type, FIRST | LAST, pdu.callId, body, 0)];
    const padding = (4 - (body.length % 4)) % 4;
    const padded = Buffer.concat([body, Buffer.alloc(padding)]);
    const trailer = formatTrailer({ ...verifier, padding });
    return [Buffer.concat([formatPdu(type, FIRST | LAST, pdu.callId, padded, token.length, trailer), token])];
  }

  async #request(pdu: Pdu): Promise<readonly Buffer[]> {
    const { minimumLevel = PRIVACY } = this.#options;
    const security = this.#security;
    if (
      security?.isRefused === true ||
      (security?.level ?? 0) < minimumLevel ||
      security?.isComplete === false
    )
      return [fault(pdu.callId, FAULT.accessDenied)];
    const prefix = CALL_HEADER + (hasObject(pdu) ? 16 : 0);
    const stub = security === undefined ? pdu.body.subarray(prefix) : security.open(pdu, prefix);
    if ((pdu.flags & FIRST) !== 0) this.#incoming = { callId: pdu.callId, stubs: [] };
    const incoming = this.#incoming;
    if (incoming?.callId !== pdu.callId) throw new Malformed('a fragment of no call');
    incoming.stubs.push(stub);
    if (incoming.stubs.reduce((sum, { length }) => sum + length, 0) > MOST_STUB)
      throw new Malformed('a request without an end');
    if ((pdu.flags & LAST) === 0) return [];
    this.#incoming = undefined;
    const contextId = pdu.body.readUInt16LE(4);
    return this.#call(pdu.callId, contextId, pdu.body.readUInt16LE(6), Buffer.concat(incoming.stubs));
  }

  async #call(callId: number, contextId: number, opnum: number, stub: Buffer): Promise<readonly Buffer[]> {
    const { faults, userName } = this.#options;
    const service = this.#contexts.get(contextId);
    if (service === undefined) return [fault(callId, FAULT.unknownInterface)];
    this.#options.onCall?.(service, opnum);
    const mischief = faults.calls.get(`${service.name}.${opnum}`) ?? faults.calls.get('*');
    if (mischief === 'hang') return [];
    if (typeof mischief === 'object' && 'fault' in mischief) return [fault(callId, mischief.fault)];
    if (typeof mischief === 'object' && 'answer' in mischief)
      return this.#fragments(callId, contextId, Buffer.from(mischief.answer), true);
    const operation = service.operations[opnum];
    if (operation === undefined) return [fault(callId, FAULT.operationRange)];
    let answer: Buffer;
    try {
      const user = this.#security?.acceptance.user?.userName ?? userName;
      answer = Buffer.from(await operation(new ByteReader(stub), { userName: user, pipe: this }));
    } catch (error) {
      if (error instanceof RpcFault) return [fault(callId, error.status)];
      if (error instanceof Malformed) return [fault(callId, FAULT.badStub)];
      throw error;
    }
    const sent = typeof mischief === 'object' && 'stub' in mischief ? mischief.stub(answer) : answer;
    const protect = mischief !== 'clear';
    const fragments = this.#fragments(
      mischief === 'strange-call' ? callId + 1 : callId,
      contextId,
      sent,
      protect,
    );
    return spoil(fragments, mischief);
  }

  /** Every fragment is protected on its own. */
  #fragments(callId: number, contextId: number, stub: Buffer, protect: boolean): readonly Buffer[] {
    const security = protect ? this.#security : undefined;
    const room = this.#maxFragment - HEADER - CALL_HEADER - (security?.overhead ?? 0);
    const size = room - (room % 16);
    const count = Math.max(1, Math.ceil(stub.length / size));
    return Array.from({ length: count }, (_, place) => {
      const part = stub.subarray(place * size, (place + 1) * size);
      const prefix = new ByteWriter()
        .u32(stub.length - place * size)
        .u16(contextId)
        .u16(0)
        .done();
      const flags = (place === 0 ? FIRST : 0) | (place === count - 1 ? LAST : 0);
      return security === undefined
        ? formatPdu(PDU.response, flags, callId, Buffer.concat([prefix, part]), 0)
        : security.close(PDU.response, flags, callId, prefix, part);
    });
  }
}

/** C706 12.6.4.7; Windows sends most of them without a verifier. */
function fault(callId: number, status: number): Buffer {
  const body = new ByteWriter().u32(0).u16(0).u16(0).u32(status).u32(0).done();
  return formatPdu(PDU.fault, FIRST | LAST, callId, body, 0);
}

function refusal({ callId }: Pdu, reason: number): Buffer {
  return formatPdu(
    PDU.bindNak,
    FIRST | LAST,
    callId,
    new ByteWriter().u16(reason).u8(1).u8(5).u8(0).done(),
    0,
  );
}
