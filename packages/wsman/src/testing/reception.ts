import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@slipline/core';
import type { RequestLog } from '@slipline/fake-http';
import type { Authenticator, Verdict } from './authenticator.ts';
import { send, type Answer, type Exchange } from './exchange.ts';
import { misbehave } from './misbehaviour.ts';
import type { RecordedRequest, RequestKind } from './recorded-request.ts';
import type { ServiceState } from './service-state.ts';
import { ownerName } from './settings.ts';
import {
  checkArrival,
  isOpenIdentify,
  understand,
  type Arrival,
  type Understanding,
} from './understanding.ts';
import { WinrmService } from './winrm-service.ts';
import { WsmanFault } from './wsman-faults.ts';

export interface Incoming {
  readonly arrival: Arrival;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** Numbers the connection. */
  readonly connection: number;
  readonly reset: () => void;
}

type Accepted = Extract<Verdict, { kind: 'accepted' }>;

/** What a request comes to: what it does, who asks, and how it would be answered. */
interface Matter {
  readonly kind: RequestKind;
  readonly verdict?: Verdict | undefined;
  readonly envelope?: Extract<Understanding, { kind: 'envelope' }> | undefined;
  process(): Answer;
}

/** Takes requests in: lets in or refuses, opens, records, misbehaves where that is wanted, and answers. */
export class Reception {
  readonly #state: ServiceState;
  readonly #authenticator: Authenticator;
  readonly #service: WinrmService;
  readonly #log: RequestLog<RecordedRequest>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #lastSealed = new WeakMap<Socket, Buffer>();

  constructor(
    state: ServiceState,
    authenticator: Authenticator,
    log: RequestLog<RecordedRequest>,
    clock: Pick<Clock, 'after'>,
  ) {
    this.#state = state;
    this.#authenticator = authenticator;
    this.#service = new WinrmService(state, authenticator);
    this.#log = log;
    this.#clock = clock;
  }

  async receive(incoming: Incoming): Promise<void> {
    const matter = await this.#consider(incoming);
    const recorded = this.#record(incoming, matter);
    this.#log.add(recorded);
    const exchange = this.#exchange(incoming, matter, recorded);
    const fault = this.#state.faults.take(recorded);
    await (fault === undefined ? send(exchange, exchange.process()) : misbehave(exchange, fault));
  }

  async #consider({ arrival, socket }: Incoming): Promise<Matter> {
    const early = checkArrival(arrival, this.#state.settings);
    if (early?.kind === 'refused') return this.#plain(early.status);
    const { authorization } = arrival.headers;
    if (authorization === undefined && isOpenIdentify(arrival))
      return { kind: 'Identify', process: () => this.#service.identifyOpenly() };
    const verdict = await this.#authenticator.judge(socket, arrival);
    if (verdict.kind !== 'accepted')
      return { kind: 'Authenticate', verdict, process: () => this.#service.refuse(verdict) };
    return this.#open(arrival, socket, verdict);
  }

  async #open(arrival: Arrival, socket: Socket, verdict: Accepted): Promise<Matter> {
    const understood = await understand(arrival, verdict, this.#state.settings);
    switch (understood.kind) {
      case 'empty':
        return { ...this.#plain(200), verdict };
      case 'refused':
        if (understood.isContextLost !== true) return { ...this.#plain(understood.status), verdict };
        this.#authenticator.forget(socket);
        return {
          kind: 'Authenticate',
          verdict,
          process: () => this.#service.refuse({ kind: 'refused', reason: 'invalidParameter' }),
        };
      case 'envelope': {
        const { request } = understood;
        return {
          kind: request instanceof WsmanFault ? 'Authenticate' : request.operation,
          verdict,
          envelope: understood,
          process: () => this.#service.answer(understood, verdict, socket.remoteAddress ?? ''),
        };
      }
      default:
        return understood satisfies never;
    }
  }

  #plain(status: number): Matter {
    return { kind: 'Authenticate', process: () => ({ status }) };
  }

  #record({ arrival, connection }: Incoming, { kind, verdict, envelope }: Matter): RecordedRequest {
    const { transport, method, path, headers, body = Buffer.alloc(0) } = arrival;
    const accepted = verdict?.kind === 'accepted' ? verdict : undefined;
    const asked = envelope?.request instanceof WsmanFault ? undefined : envelope?.request;
    return {
      kind,
      transport,
      method,
      path,
      headers,
      body,
      soap: envelope?.soap,
      isSealed: envelope?.protection !== undefined,
      scheme: accepted?.scheme,
      user: accepted && ownerName(accepted.user, this.#state.settings),
      resourceUri: asked?.resourceUri,
      shellId: asked?.selectors.get('ShellId'),
      sessionId: asked?.sessionId,
      connection,
      at: this.#state.now(),
      refusal: verdict?.kind === 'refused' ? verdict.reason : undefined,
    };
  }

  #exchange({ response, socket, reset }: Incoming, matter: Matter, recorded: RecordedRequest): Exchange {
    const { envelope } = matter;
    const lastSealed = this.#lastSealed;
    const headers = this.#headers(matter);
    const shellId = recorded.shellId;
    return {
      response,
      protection: envelope?.protection,
      get lastSealed() {
        return lastSealed.get(socket);
      },
      set lastSealed(body: Buffer | undefined) {
        if (body !== undefined) lastSealed.set(socket, body);
      },
      process: () => {
        const answer = matter.process();
        return { ...answer, headers: { ...headers, ...answer.headers } };
      },
      pretend: () => (envelope === undefined ? matter.process() : this.#service.pretend(envelope)),
      fault: (name) => (envelope === undefined ? matter.process() : this.#service.fault(name, envelope)),
      vanish: () => {
        if (shellId !== undefined) this.#state.shells.end(shellId, 'removed');
      },
      answering: (status) => this.#log.answered(recorded, status),
      later: (milliseconds, ring) => this.#clock.after(milliseconds, ring),
      reset,
    };
  }

  #headers({ verdict, envelope }: Matter): Readonly<Record<string, string>> {
    const token = verdict?.kind === 'accepted' ? verdict.token : undefined;
    return {
      server: 'Microsoft-HTTPAPI/2.0',
      ...(token !== undefined && { 'www-authenticate': token }),
      ...(this.#state.settings.closesConnections && envelope !== undefined && { connection: 'close' }),
    };
  }
}
