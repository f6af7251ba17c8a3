import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { MemoryTrust } from '../memory-stores.ts';
import type { TestIdentity } from './certificates.test.support.ts';
import { Dialer, type NetworkOptions, type TrustQuestion } from './dialer.ts';

/** A server on a port of its own. */
export interface Loopback extends AsyncDisposable {
  readonly port: number;
  /** Connections so far, those before a handshake included. */
  readonly connections: readonly Socket[];
  /** What clients have sent to the application, all of them together. */
  received(): string;
}

/** A TLS server that says `hello` to whoever connects. */
export function tlsServer(
  { certificate, privateKey }: TestIdentity,
  options: TlsOptions = {},
): Promise<Loopback> {
  const received: Buffer[] = [];
  const server = createTlsServer({ cert: certificate, key: privateKey, ...options }, (socket) => {
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => received.push(chunk));
    socket.write('hello');
  });
  server.on('tlsClientError', () => undefined);
  return listening(server, () => Buffer.concat(received).toString());
}

/** A plain TCP server that does what it is told with each connection. */
export function tcpServer(serve: (socket: Socket) => void = () => undefined): Promise<Loopback> {
  const received: Buffer[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => received.push(chunk));
    serve(socket);
  });
  return listening(server, () => Buffer.concat(received).toString());
}

/** Any server that Node has, listening until it is disposed of. */
export async function listening(server: Server, received: () => string): Promise<Loopback> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    connections.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    received,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of connections) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** A port where nothing listens. */
export async function closedPort(): Promise<number> {
  await using server = await tcpServer();
  return server.port;
}

export interface DialerSetUp {
  readonly dialer: Dialer;
  readonly trust: MemoryTrust;
}

/** A dialer with nothing saved. */
export function setUpDialer(options: NetworkOptions = {}, ask?: TrustQuestion): DialerSetUp {
  const trust = new MemoryTrust(() => Date.now());
  return { trust, dialer: new Dialer(options, async () => trust, ask) };
}

/** Maps a name to a loopback server, whatever port is asked for. */
export function at(host: string, { port }: Pick<Loopback, 'port'>): NetworkOptions['resolve'] {
  return [{ host, address: '127.0.0.1', toPort: port }];
}

/** Of a caller who never aborts. */
export const { signal: noSignal }: { readonly signal: AbortSignal } = new AbortController();

/** Resolves when it is so; rejects where it does not become so in what is ample on loopback. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns += 1) {
    if (turns > 600) throw new Error(`it never came to be that ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
