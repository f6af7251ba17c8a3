import { once } from 'node:events';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Identity } from '@slipline/testkit';

/** Longer than any test: who lets connections go is the client. */
const KEEP_ALIVE = { keepAliveTimeout: 600_000, requestTimeout: 0 };

/** A port of 127.0.0.1 that speaks HTTP or HTTPS, and its connections. */
export class Listener {
  readonly #server: HttpServer | HttpsServer;
  readonly #clientAuthority: string | undefined;
  readonly #sockets = new Map<string, { readonly socket: Socket; readonly number: number }>();
  #accepted = 0;
  #port = 0;

  constructor(receive: RequestListener, certificate?: Identity, clientAuthority?: string) {
    this.#clientAuthority = clientAuthority;
    this.#server =
      certificate === undefined
        ? createServer(KEEP_ALIVE, receive)
        : createTlsServer(
            {
              ...KEEP_ALIVE,
              ...this.#tlsOf(certificate),
              ...(clientAuthority !== undefined && { requestCert: true, rejectUnauthorized: false }),
            },
            receive,
          );
    this.#server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#accepted += 1;
      this.#sockets.set(name, { socket, number: this.#accepted });
      socket.once('close', () => this.#sockets.delete(name));
    });
  }

  async start(): Promise<void> {
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

  get port(): number {
    return this.#port;
  }

  get openConnectionCount(): number {
    return this.#sockets.size;
  }

  closeConnections(): void {
    for (const { socket } of this.#sockets.values()) socket.destroy();
  }

  /** Presents another certificate from now on; connections that exist are closed. */
  useCertificate(certificate: Identity): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(this.#tlsOf(certificate));
    this.closeConnections();
  }

  /** Which connection, in the order in which they came, a request's socket belongs to. */
  numberOf(socket: Socket): number {
    return this.#sockets.get(nameOf(socket))?.number ?? 0;
  }

  /** Ends a connection without an orderly end. */
  reset(socket: Socket): void {
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
