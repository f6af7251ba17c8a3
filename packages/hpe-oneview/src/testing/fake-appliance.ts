import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Identity } from '@slipline/testkit';
import { bodyTooLarge } from './appliance-errors.ts';
import { ApplianceState } from './appliance-state.ts';
import type { Call } from './call.ts';
import { misbehave, send, type Exchange } from './exchange.ts';
import type { ActiveFault, FaultScope } from './fault-plan.ts';
import type { Fault } from './faults.ts';
import { ownerOf } from './login-routes.ts';
import { readBody } from './request-body.ts';
import { RequestLog, type Recorded, type RecordedRequest, type RequestMatch } from './request-log.ts';
import { answerTo } from './router.ts';
import type { Session } from './session-store.ts';
import { LOCAL, type Settings, type SettingsChange } from './settings.ts';

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

/**
 * An HPE OneView appliance on loopback, as far as sessions go: HTTPS with TLS 1.2 or later, the checks in the appliance's
 * order, its error bodies, limits and idle time, and every way to misbehave that a client must survive.
 */
export class FakeAppliance implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Map<string, Socket>();
  readonly #state: ApplianceState;
  readonly #log: RequestLog;
  readonly #clock: { now(): number };
  readonly #smartCardAuthority: string | undefined;
  #port = 0;

  private constructor(options: FakeApplianceOptions) {
    const { certificate, clock = Date, recordLimit = 1000, smartCardAuthority, ...settings } = options;
    this.#clock = clock;
    this.#log = new RequestLog(recordLimit);
    this.#state = new ApplianceState(() => clock.now(), settings, smartCardAuthority !== undefined);
    this.#smartCardAuthority = smartCardAuthority;
    this.#server = createServer(
      {
        ...this.#tlsOf(certificate),
        ...(smartCardAuthority === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
        // Longer than any test: who lets connections go is the client.
        keepAliveTimeout: 600_000,
      },
      (request, response) => this.#receive(request, response),
    );
    this.#server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#sockets.set(name, socket);
      socket.once('close', () => this.#sockets.delete(name));
    });
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FakeApplianceOptions): Promise<FakeAppliance> {
    const appliance = new FakeAppliance(options);
    appliance.#server.listen(0, '127.0.0.1');
    await once(appliance.#server, 'listening');
    appliance.#port = (appliance.#server.address() as AddressInfo).port;
    return appliance;
  }

  /** Closes every connection and the port. Twice is fine. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#closeConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get port(): number {
    return this.#port;
  }

  /** Host and port, as clients name an appliance: `127.0.0.1:40123`. */
  get endpoint(): string {
    return `127.0.0.1:${this.#port}`;
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
    this.#server.setSecureContext(this.#tlsOf(certificate));
    this.#closeConnections();
  }

  /** Sets a fault, for the requests and as many times as `scope` says. */
  inject(fault: Fault, scope: FaultScope = {}): ActiveFault {
    return this.#state.faults.add(fault, scope);
  }

  removeFaults(): void {
    this.#state.faults.clear();
  }

  /** The first requests, oldest first, at most `recordLimit`. */
  get requests(): readonly RecordedRequest[] {
    return this.#log.requests;
  }

  get requestCount(): number {
    return this.#log.total;
  }

  /** How many requests came, by method and path, as in `DELETE /rest/login-sessions`. */
  get requestCounts(): ReadonlyMap<string, number> {
    return this.#log.counts;
  }

  clearRequests(): void {
    this.#log.clear();
  }

  /** The next request that fits, as soon as it has arrived and before it is answered. */
  nextRequest(match: RequestMatch = {}): Promise<RecordedRequest> {
    return this.#log.next(match);
  }

  get openConnectionCount(): number {
    return this.#sockets.size;
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

  #tlsOf({ certificate, privateKey }: Identity) {
    const ca = this.#smartCardAuthority === undefined ? {} : { ca: this.#smartCardAuthority };
    return { cert: certificate, key: privateKey, minVersion: 'TLSv1.2' as const, ...ca };
  }

  #closeConnections(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, (body) => {
      const call = callOf(request, body ?? '');
      const { method, path, query, headers } = call;
      const recorded: Recorded = { method, path, query, headers, body: call.body, at: this.#clock.now() };
      this.#log.add(recorded);
      const exchange: Exchange = {
        response,
        process: () => (body === undefined ? bodyTooLarge() : answerTo(call, this.#state)),
        answering: (status) => {
          recorded.status = status;
        },
        reset: () => this.#sockets.get(nameOf(request.socket))?.resetAndDestroy(),
      };
      const fault = this.#state.faults.take(method, path);
      if (fault === undefined) send(exchange, exchange.process());
      else misbehave(exchange, fault);
    });
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}|${remotePort}`;
}

function callOf(request: IncomingMessage, body: string): Call {
  const { method = '', url = '', headers } = request;
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const socket = request.socket as TLSSocket;
  return {
    method,
    path: path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path,
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers,
    body,
    clientAddress: socket.remoteAddress ?? '',
    certificateName: () => (socket.authorized ? commonNameOf(socket) : undefined),
  };
}

function commonNameOf(socket: TLSSocket): string | undefined {
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}
