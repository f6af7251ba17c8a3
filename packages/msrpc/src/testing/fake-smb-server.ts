import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { SmbConnection } from './smb-connection.ts';
import type { SmbCommand, SmbRequest } from './smb-message.ts';
import { noSmbFaults, type FakeSmbOptions, type SmbFaults } from './smb-settings.ts';

/** An SMB 1 answer that refuses every dialect it was offered. */
const OLD = Buffer.from(
  '00000027ff534d4272000000008853c8000000000000000000000000000000000000feff0000000001ffff0000',
  'hex',
);

/** A server of named pipes on loopback. It counts what reaches it, and goes wrong as it is told. */
export class FakeSmbServer implements AsyncDisposable {
  readonly faults: SmbFaults = noSmbFaults();
  /** Requests of each command that could be read. */
  readonly counts = new Map<SmbCommand, number>();
  /** Who signed in, in order. */
  readonly signIns: string[] = [];
  connectionCount = 0;
  readonly #options: FakeSmbOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #arrivals = new Map<SmbCommand, (() => void)[]>();

  private constructor(options: FakeSmbOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  static async start(options: FakeSmbOptions): Promise<FakeSmbServer> {
    const fake = new FakeSmbServer(options);
    fake.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are open now. */
  get openConnectionCount(): number {
    return this.#sockets.size;
  }

  get requestCount(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves with the next request of this command. */
  arrival(command: SmbCommand): Promise<void> {
    return new Promise((resolve) => {
      this.#arrivals.set(command, [...(this.#arrivals.get(command) ?? []), resolve]);
    });
  }

  /** All is well again. */
  heal(): void {
    this.faults.commands.clear();
    Object.assign(this.faults, { ...noSmbFaults(), commands: this.faults.commands });
  }

  /** Cuts every connection there is. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.dropConnections();
    await closed;
  }

  #accept(socket: Socket): void {
    this.connectionCount++;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.faults.isSilent) return;
    if (this.faults.isOldOnly) return void socket.on('data', () => socket.write(OLD));
    const connection = new SmbConnection(socket, {
      options: this.#options,
      faults: this.faults,
      onRequest: (request) => this.#count(request),
      onSignIn: (userName) => this.signIns.push(userName),
    });
    void connection.serve();
  }

  #count({ command }: SmbRequest): void {
    this.counts.set(command, (this.counts.get(command) ?? 0) + 1);
    const waiting = this.#arrivals.get(command) ?? [];
    this.#arrivals.delete(command);
    for (const resolve of waiting) resolve();
  }
}
