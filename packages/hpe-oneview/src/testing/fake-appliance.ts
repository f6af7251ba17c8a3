import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import {
  FakeServer,
  Listener,
  readBody,
  readTarget,
  RequestLog,
  type ActiveFault,
} from '@slipline/fake-http';
import type { Identity } from '@slipline/testkit';
import { bodyTooLarge } from './appliance-errors.ts';
import { ApplianceState } from './appliance-state.ts';
import type { Call } from './call.ts';
import { misbehave, send, type Exchange } from './exchange.ts';
import type { Fault, FaultScope } from './faults.ts';
import { ownerOf } from './login-routes.ts';
import { isMatch, type RecordedRequest, type RequestMatch } from './recorded-request.ts';
import { answerTo } from './router.ts';
import type { Session } from './session-store.ts';
import { LOCAL, type Settings, type SettingsChange } from './settings.ts';
import { PROGRESS_PATH } from './startup.ts';

export interface FakeApplianceOptions extends SettingsChange {
  /** What the appliance presents at the TLS handshake. */
  readonly certificate: Identity;
  /** The time that sessions live by; the machine's when absent. */
  readonly clock?: { now(): number } | undefined;
  /** How many requests are kept in full; 1000 when absent, 0 for none. All are counted. */
  readonly recordLimit?: number | undefined;
  /** PEM of the authority whose client certificates log in; without it the appliance knows no smart cards. */
  readonly smartCardAuthority?: string | undefined;
}

const LARGEST_BODY = 1024 * 1024;

/**
 * An HPE OneView appliance on loopback, as far as sessions go: HTTPS with TLS 1.2 or later, the checks in the appliance's
 * order, its error bodies, limits and idle time, and every way to misbehave that a client must survive.
 */
export class FakeAppliance extends FakeServer<RecordedRequest, Fault> {
  readonly #listener: Listener;
  readonly #state: ApplianceState;
  readonly #log: RequestLog<RecordedRequest>;
  readonly #clock: { now(): number };

  private constructor(options: FakeApplianceOptions) {
    const { certificate, clock = Date, recordLimit = 1000, smartCardAuthority, ...settings } = options;
    const listener = new Listener({ certificate, clientAuthority: smartCardAuthority });
    const log = new RequestLog<RecordedRequest>(recordLimit, ({ method, path }) => `${method} ${path}`);
    const state = new ApplianceState(() => clock.now(), settings, smartCardAuthority !== undefined);
    super({ listeners: [listener], log, faults: state.faults });
    this.#listener = listener;
    this.#log = log;
    this.#state = state;
    this.#clock = clock;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FakeApplianceOptions): Promise<FakeAppliance> {
    const appliance = new FakeAppliance(options);
    await appliance.#listener.start((request, response) => appliance.#receive(request, response));
    return appliance;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Host and port, as clients name an appliance: `127.0.0.1:40123`. */
  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `https://${this.endpoint}`;
  }

  get settings(): Settings {
    return this.#state.settings;
  }

  /** Changes settings from the next request on. */
  configure(change: SettingsChange): void {
    this.#state.configure(change);
  }

  /** Presents another certificate from now on; connections that exist are closed. */
  useCertificate(certificate: Identity): void {
    this.#listener.useCertificate(certificate);
  }

  /** Sets a fault, for the requests and as many times as `scope` says. */
  inject(fault: Fault, scope: FaultScope = {}): ActiveFault {
    const { times, ...match } = scope;
    // Whoever waits for a busy appliance may look how far it is.
    const isOpen = ({ path }: RecordedRequest) => fault.kind === 'busy' && path === PROGRESS_PATH;
    return this.#state.faults.add(fault, (request) => isMatch(request, match) && !isOpen(request), times);
  }

  /** The next request that fits, as soon as it has arrived and before it is answered. */
  nextRequest(match: RequestMatch = {}): Promise<RecordedRequest> {
    return this.#log.next((request) => isMatch(request, match));
  }

  get openSessionCount(): number {
    return this.#state.sessions.openCount;
  }

  /** Every open session and at least the last thousand that ended, as they are now. */
  sessions(): readonly Session[] {
    return this.#state.sessions.snapshot();
  }

  /** A session of a configured user that was opened from elsewhere; the limits do not count here. */
  openSession(owner: { userName: string; loginDomain?: string; clientAddress?: string }): Session {
    const { userName, loginDomain = LOCAL, clientAddress = '127.0.0.1' } = owner;
    const user = this.#state.settings.users.find(
      (candidate) => candidate.userName === userName && (candidate.loginDomain ?? LOCAL) === loginDomain,
    );
    if (user === undefined) throw new Error(`No user ${userName} in ${loginDomain} is configured.`);
    return { ...this.#state.sessions.open(ownerOf(user, clientAddress), this.#state.settings.idleTimeout) };
  }

  /** Ends a session behind its owner's back; false if there is none. */
  endSession(token: string): boolean {
    return this.#state.sessions.end(token, 'removed');
  }

  /** Ends a session as its idle time would; false if there is none. */
  expire(token: string): boolean {
    return this.#state.sessions.end(token, 'idle');
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, LARGEST_BODY, (body) => {
      const call = callOf(request, body?.toString() ?? '');
      const { method, path, query, headers } = call;
      const recorded = { method, path, query, headers, body: call.body, at: this.#clock.now() };
      this.#log.add(recorded);
      const exchange: Exchange = {
        response,
        process: () => (body === undefined ? bodyTooLarge() : answerTo(call, this.#state)),
        answering: (status) => this.#log.answered(recorded, status),
        reset: () => this.#listener.reset(request.socket),
      };
      const fault = this.#state.faults.take(recorded);
      if (fault === undefined) send(exchange, exchange.process());
      else misbehave(exchange, fault);
    });
  }
}

function callOf(request: IncomingMessage, body: string): Call {
  const socket = request.socket as TLSSocket;
  return {
    ...readTarget(request),
    body,
    clientAddress: socket.remoteAddress ?? '',
    certificateName: () => (socket.authorized ? commonNameOf(socket) : undefined),
  };
}

function commonNameOf(socket: TLSSocket): string | undefined {
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}
