import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock, type Clock } from '@slipline/core';
import { FakeServer, Listener, readBody, RequestLog, type ActiveFault } from '@slipline/fake-http';
import type { Identity } from '@slipline/testkit';
import { channelBindingOf } from '@slipline/windows-auth/testing';
import { Authenticator } from './authenticator.ts';
import { simpleCommands } from './command-runner.ts';
import type { Fault, FaultScope } from './faults.ts';
import { Reception } from './reception.ts';
import type { RecordedRequest, RequestKind } from './recorded-request.ts';
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

/** What the HTTP layer takes at most; the service itself allows far less. */
const LARGEST_BODY = 4 * 1024 * 1024;

/**
 * A Windows host's WinRM service on loopback, as far as shells go: HTTP with sealed messages, and HTTPS; Negotiate with NTLM,
 * Basic and client certificates; shells with owners, quotas and time-outs; faults as Windows sends them; and every way to
 * misbehave that a client must survive.
 */
export class FakeWinrm extends FakeServer<RecordedRequest, Fault> {
  readonly #state: ServiceState;
  readonly #log: RequestLog<RecordedRequest>;
  readonly #http: Listener;
  readonly #https: Listener | undefined;
  readonly #reception: Reception;
  #binding: Uint8Array | undefined;

  private constructor(options: FakeWinrmOptions) {
    const { certificate, clientAuthority, clock = systemClock, recordLimit = 1000, ...settings } = options;
    const log = new RequestLog<RecordedRequest>(recordLimit, ({ kind }) => kind);
    const state = new ServiceState(() => clock.now(), simpleCommands, settings);
    const http = new Listener();
    const https = certificate && new Listener({ certificate, clientAuthority });
    super({ listeners: https === undefined ? [http] : [http, https], log, faults: state.faults });
    this.#log = log;
    this.#state = state;
    this.#http = http;
    this.#https = https;
    this.#binding = certificate && channelBindingOf(certificate.certificate);
    const authenticator = new Authenticator(() => this.#state.settings, {
      clock,
      identity: certificate,
      channelBinding: () => this.#binding,
    });
    this.#reception = new Reception(state, authenticator, log, clock);
  }

  /** Listens on free ports of 127.0.0.1. */
  static async start(options: FakeWinrmOptions = {}): Promise<FakeWinrm> {
    const winrm = new FakeWinrm(options);
    await Promise.all([winrm.#listen(winrm.#http, 'http'), winrm.#listen(winrm.#https, 'https')]);
    return winrm;
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
    const { operation, skip = 0, times } = scope;
    let seen = 0;
    const fits = ({ kind }: RecordedRequest): boolean => {
      if (operation !== undefined && operation !== kind) return false;
      seen += 1;
      return seen > skip;
    };
    return this.#state.faults.add(fault, fits, times);
  }

  /** The next request of this kind, as soon as it has arrived and before it is answered. */
  nextRequest(kind?: RequestKind): Promise<RecordedRequest> {
    return this.#log.next((request) => kind === undefined || kind === request.kind);
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

  async #listen(listener: Listener | undefined, transport: 'http' | 'https'): Promise<void> {
    await listener?.start((request, response) => this.#receive(listener, transport, request, response));
  }

  #receive(
    listener: Listener,
    transport: 'http' | 'https',
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { socket } = request;
    readBody(request, LARGEST_BODY, (body) => {
      const { method = '', url = '', headers } = request;
      const path = url.replace(/\?.*/, '');
      const received = this.#reception.receive({
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
}
