import type { Authenticator, Verdict } from './authenticator.ts';
import { writeEnvelope, writeFault, type WsmanRequest } from './envelope.ts';
import type { Answer } from './exchange.ts';
import { ACTIONS, NAMESPACES } from './namespaces.ts';
import { identifyBody } from './operations/identify.ts';
import { perform } from './operations/perform.ts';
import type { ServiceState } from './service-state.ts';
import type { Understanding } from './understanding.ts';
import { WsmanFault, type FaultName } from './wsman-faults.ts';

type Accepted = Extract<Verdict, { kind: 'accepted' }>;
type Envelope = Extract<Understanding, { kind: 'envelope' }>;

const IDENTIFY_ACTION = `${NAMESPACES.wsmid}/IdentifyResponse`;

/** What the service answers to those who are let in, and to those who are not. */
export class WinrmService {
  readonly #state: ServiceState;
  readonly #authenticator: Authenticator;

  constructor(state: ServiceState, authenticator: Authenticator) {
    this.#state = state;
    this.#authenticator = authenticator;
  }

  identifyOpenly(): Answer {
    const body = identifyBody(this.#state.settings, false);
    return { status: 200, body: writeEnvelope(IDENTIFY_ACTION, undefined, body) };
  }

  refuse(verdict: Exclude<Verdict, Accepted>): Answer {
    const { token } = verdict;
    const offers = token === undefined ? this.#authenticator.offers : [token];
    return { status: 401, headers: offers.length === 0 ? {} : { 'www-authenticate': offers } };
  }

  /** The operation that an envelope asks for, carried out. */
  answer({ request }: Envelope, { user }: Accepted, clientAddress: string): Answer {
    if (request instanceof WsmanFault) return this.#faultAnswer(request, undefined);
    const { operation, messageId } = request;
    const { settings } = this.#state;
    if (operation === 'Identify')
      return { status: 200, body: writeEnvelope(IDENTIFY_ACTION, undefined, identifyBody(settings, true)) };
    try {
      const body = perform(operation, { request, user, clientAddress, state: this.#state });
      return this.#success(operation, messageId, body, request.maxEnvelopeSize);
    } catch (error) {
      if (!(error instanceof WsmanFault)) throw error;
      // The service waits for output as long as the client allows before it says that there is none.
      const after = error.faultName === 'OPERATION_TIMEDOUT' ? request.operationTimeout : undefined;
      return { ...this.#faultAnswer(error, messageId), after };
    }
  }

  /** Success, and nothing done. */
  pretend({ request }: Envelope): Answer {
    if (request instanceof WsmanFault || request.operation === 'Identify')
      return { status: 200, body: writeEnvelope('', undefined, '') };
    return {
      status: 200,
      body: writeEnvelope(`${ACTIONS[request.operation]}Response`, request.messageId, ''),
    };
  }

  fault(name: FaultName, { request }: Envelope): Answer {
    return this.#faultAnswer(
      new WsmanFault(name),
      request instanceof WsmanFault ? undefined : request.messageId,
    );
  }

  #success(
    operation: Exclude<WsmanRequest['operation'], 'Identify'>,
    messageId: string,
    body: string,
    most: number,
  ): Answer {
    const envelope = writeEnvelope(`${ACTIONS[operation]}Response`, messageId, body);
    if (Buffer.byteLength(envelope) > most) throw new WsmanFault('MAX_ENVELOPE_SIZE_EXCEEDED');
    return { status: 200, body: envelope };
  }

  #faultAnswer(fault: WsmanFault, messageId: string | undefined): Answer {
    const { faultStatus, computerName, dnsDomain } = this.#state.settings;
    const machine = `${computerName.toLowerCase()}.${dnsDomain}`;
    return { status: faultStatus, body: writeFault(fault, messageId, machine) };
  }
}
