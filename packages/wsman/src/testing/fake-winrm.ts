import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { systemClock, type Clock } from '@slipline/core';
import type { Identity } from '@slipline/testkit';
import { channelBindingOf } from '@slipline/windows-auth/testing';
import { Authenticator } from './authenticator.ts';
import { simpleCommands } from './command-runner.ts';
import type { ActiveFault, FaultScope, RequestKind } from './fault-plan.ts';
import type { Fault } from './faults.ts';
import { Listener } from './listener.ts';
import { Reception } from './reception.ts';
import { readBody } from './request-body.ts';
import { RequestLog, type RecordedRequest } from './request-log.ts';
import { ServiceState } from './service-state.ts';
import type { Settings, SettingsChange } from './settings.ts';
import type { NewShell, Shell } from './shell-store.ts';

export interface FakeWinrmOptions extends SettingsChange {
  /** What the service presents at the TLS handshake; without it there is no HTTPS. */
  readonly certificate?: Identity | undefined;
  /** PEM of the authority whose client certificates are believed. */
  readonly clientAuthority?: string | undefined;
  /** The time that shells, enumerations and sign-ins live by; the machine's when absent. */
  readonly clock?: Pick<Clock, 'now' | 'after'> | undefined;
  /** How many requests are kept in full; 1000 when absent, 0 for none. All are counted. */
  readonly recordLimit?: number | undefined;
}

/**
 * A Windows host's WinRM service on loopback, as far as shells go: HTTP with sealed messages, and HTTPS; Negotiate with NTLM,
 * Basic and client certificates; shells with owners, quotas and time-outs; faults as Windows sends them; and every way to
 * misbehave that a client must survive.
 */
export class FakeWinrm implements AsyncDisposable {
  readonly #state: ServiceState;
  readonly #log: RequestLog;
  readonly #http: Listener;
  readonly #https: Listener | undefined;

  private constructor(options: FakeWinrmOptions) {
    const { certificate, clientAuthority, clock = systemClock, recordLimit = 1000, ...settings } = options;
    this.#log = new RequestLog(recordLimit);
    this.#state = new ServiceState(() => clock.now(), simpleCommands, settings);
    this.#binding = certificate && channelBindingOf(certificate.certificate);
    const authenticator = new Authenticator(() => this.#state.settings, {
      clock,
      identity: certificate,
      channelBinding: () => this.#binding,
    });
    const reception = new Reception(this.#state, authenticator, this.#log, clock);
    const listen = (transport: 'http' | 'https', identity?: Identity): Listener => {
      const listener: Listener = new Listener(
        (request, response) => receive(reception, listener, transport, request, response),
        identity,
        identity === undefined ? undefined : clientAuthority,
      );
      return listener;
    };
    this.#http = listen('http');
    this.#https = certificate === undefined ? undefined : listen('https', certificate);
  }

  #binding: Uint8Array | undefined;

  /** Listens on free ports of 127.0.0.1. */
  static async start(options: FakeWinrmOptions = {}): Promise<FakeWinrm> {
    const winrm = new FakeWinrm(options);
    await Promise.all(winrm.#listeners.map((listener) => listener.start()));
    return winrm;
  }

  /** Closes every connection and the ports. Twice is fine. */
  async stop(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get httpPort(): number {
    return this.#http.port;
  }

  /** Throws where the service has no certificate. */
  get httpsPort(): number {
    if (this.#https === undefined) throw new Error('This service has no certificate, hence no HTTPS.');
    return this.#https.port;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.httpPort}/wsman`;
  }

  get httpsUrl(): string {
    return `https://127.0.0.1:${this.httpsPort}/wsman`;
  }

  get settings(): Settings {
    return this.#state.settings;
  }

  /** Changes settings from the next request on. */
  configure(change: SettingsChange): void {
    this.#state.configure(change);
  }

  /** Presents another certificate from now on; connections that exist are closed. */
  useCertificate(identity: Identity): void {
    this.#https?.useCertificate(identity);
    this.#binding = channelBindingOf(identity.certificate);
  }

  /** Expects the channel binding of another certificate, as a service does that somebody has put himself before. */
  expectBindingOf(certificate: string): void {
    this.#binding = channelBindingOf(certificate);
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

  /** How many requests came, by what they do. */
  get requestCounts(): ReadonlyMap<RequestKind, number> {
    return this.#log.counts;
  }

  clearRequests(): void {
    this.#log.clear();
  }

  /** The next request of this kind, as soon as it has arrived and before it is answered. */
  nextRequest(kind?: RequestKind): Promise<RecordedRequest> {
    return this.#log.next(kind);
  }

  get openConnectionCount(): number {
    return this.#listeners.reduce((sum, listener) => sum + listener.openConnectionCount, 0);
  }

  closeConnections(): void {
    for (const listener of this.#listeners) listener.closeConnections();
  }

  get openShellCount(): number {
    return this.#state.shells.all().length;
  }

  /** Enumerations that clients have neither read to the end nor released. */
  get openEnumerationCount(): number {
    return this.#state.enumerations.count;
  }

  /** Commands that clients have not signalled: each counts as an operation. */
  get openCommandCount(): number {
    return this.#state.shells.all().reduce((sum, { commands }) => sum + commands.size, 0);
  }

  /** Open shells, oldest first. */
  openShells(): readonly Shell[] {
    return this.#state.shells.all();
  }

  /** Every open shell and at least the last thousand that ended, as they are now. */
  shells(): readonly Shell[] {
    return this.#state.shells.snapshot();
  }

  /** A shell that was opened from elsewhere; the quotas do not count here. */
  openShell(shell: NewShell): Shell {
    return { ...this.#state.shells.create(shell) };
  }

  /** Ends a shell behind everybody's back; false if there is none. */
  endShell(id: string): boolean {
    return this.#state.shells.end(id, 'removed');
  }

  get #listeners(): readonly Listener[] {
    return this.#https === undefined ? [this.#http] : [this.#http, this.#https];
  }
}

function receive(
  reception: Reception,
  listener: Listener,
  transport: 'http' | 'https',
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const socket: Socket = request.socket;
  readBody(request, (body) => {
    const { method = '', url = '', headers } = request;
    const path = url.replace(/\?.*/, '');
    const received = reception.receive({
      arrival: { transport, method, path, headers, body },
      response,
      socket,
      connection: listener.numberOf(socket),
      reset: () => listener.reset(socket),
    });
    // A mistake of the fake itself: its client must not wait for an answer.
    received.catch((error: unknown) => socket.destroy(error as Error));
  });
}
