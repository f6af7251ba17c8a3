import { once } from 'node:events';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A certificate and the key that belongs to it, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface ListenerOptions {
  /** What it presents at the TLS handshake; plain HTTP without it. */
  readonly certificate?: Identity | undefined;
  /**
   * PEM of the authority whose client certificates are believed: `authorized` of a request's TLS socket then says whether the
   * client has one. None is asked for without it.
   */
  readonly clientAuthority?: string | undefined;
}

/** Longer than any test: who lets connections go is the client. */
const PATIENCE = { keepAliveTimeout: 600_000, requestTimeout: 0 };

/** A port of 127.0.0.1 that speaks HTTP, or HTTPS with TLS 1.2 or later, and its connections. */
export class Listener {
  readonly #server: HttpServer | HttpsServer;
  readonly #clientAuthority: string | undefined;
  readonly #sockets = new Map<string, { readonly socket: Socket; readonly number: number }>();
  #accepted = 0;
  #port = 0;

  constructor({ certificate, clientAuthority }: ListenerOptions = {}) {
    this.#clientAuthority = clientAuthority;
    this.#server =
      certificate === undefined
        ? createServer(PATIENCE)
        : createTlsServer({
            ...PATIENCE,
            ...this.#tlsOf(certificate),
            ...(clientAuthority !== undefined && { requestCert: true, rejectUnauthorized: false }),
          });
    this.#server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#accepted += 1;
      this.#sockets.set(name, { socket, number: this.#accepted });
      socket.once('close', () => this.#sockets.delete(name));
    });
  }

  /** Listens on a free port; `receive` gets every request. Once only. */
  async start(receive: RequestListener): Promise<void> {
    this.#server.on('request', receive);
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Closes every connection and the port. Twice is fine. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.closeConnections();
    await closed;
  }

  /** 0 before `start`. */
  get port(): number {
    return this.#port;
  }

  get openConnectionCount(): number {
    return this.#sockets.size;
  }

  closeConnections(): void {
    for (const { socket } of this.#sockets.values()) socket.destroy();
  }

  /** Presents another certificate from now on, where it presents one; connections that exist are closed. */
  useCertificate(certificate: Identity): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(this.#tlsOf(certificate));
    this.closeConnections();
  }

  /** Which connection, from 1 in the order in which they came, a request's socket belongs to; 0 for one that is closed. */
  numberOf(socket: Socket): number {
    return this.#sockets.get(nameOf(socket))?.number ?? 0;
  }

  /** Resets a request's connection: its client sees neither an answer nor an orderly end. */
  reset(socket: Socket): void {
    // A TLS socket cannot be reset; the TCP socket below it can.
    this.#sockets.get(nameOf(socket))?.socket.resetAndDestroy();
  }

  #tlsOf({ certificate, privateKey }: Identity) {
    const ca = this.#clientAuthority === undefined ? {} : { ca: this.#clientAuthority };
    return { cert: certificate, key: privateKey, minVersion: 'TLSv1.2' as const, ...ca };
  }
}

/** The TLS socket of a request and the TCP socket below it share their addresses. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}|${remotePort}`;
}
