import { once } from 'node:events';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Answer, Call, Forgery } from './call.ts';
import { misbehave, send, type Exchange } from './exchange.ts';
import { FaultPlan } from './fault-plan.ts';
import { readBody } from './request-body.ts';
import { RequestLog, type Recorded } from './request-log.ts';

/** A certificate and the key that belongs to it, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface LoopbackServerOptions {
  /** Plain HTTP without it, as Azure's metadata endpoint has it. */
  readonly certificate?: Identity | undefined;
  readonly now: () => number;
  readonly recordLimit: number;
  readonly answer: (call: Call) => Answer;
}

/** What both fakes stand on: HTTP on a free port of 127.0.0.1, a request log and faults. */
export class LoopbackServer {
  readonly log: RequestLog;
  readonly faults = new FaultPlan();
  readonly #options: LoopbackServerOptions;
  readonly #server: ReturnType<typeof createPlainServer>;
  readonly #sockets = new Map<string, Socket>();

  private constructor(options: LoopbackServerOptions) {
    this.#options = options;
    this.log = new RequestLog(options.recordLimit);
    const receive = (request: IncomingMessage, response: ServerResponse) => this.#receive(request, response);
    const { certificate } = options;
    this.#server =
      certificate === undefined
        ? createPlainServer(receive)
        : createServer(
            { cert: certificate.certificate, key: certificate.privateKey, minVersion: 'TLSv1.2' },
            receive,
          );
    this.#server.on('connection', (socket: Socket) => {
      const name = nameOf(socket);
      this.#sockets.set(name, socket);
      socket.once('close', () => this.#sockets.delete(name));
    });
  }

  static async start(options: LoopbackServerOptions): Promise<LoopbackServer> {
    const server = new LoopbackServer(options);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Closes every connection and the port. Twice is fine. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, (body) => {
      const call = callOf(request, body ?? '');
      const now = this.#options.now();
      const recorded: Recorded = { ...call, form: new URLSearchParams(call.body), at: now };
      this.log.add(recorded);
      const exchange: Exchange = {
        response,
        now,
        request: `${JSON.stringify(request.headers)}\n${call.body}`,
        process: (forgery?: Forgery) =>
          body === undefined ? { status: 413 } : this.#options.answer({ ...call, forgery }),
        answering: (status) => {
          recorded.status = status;
        },
        // A TLS socket cannot be reset; the TCP socket below it can.
        reset: () => this.#sockets.get(nameOf(request.socket))?.resetAndDestroy(),
      };
      const fault = this.faults.take(call.method, call.path);
      if (fault === undefined) send(exchange, exchange.process());
      else misbehave(exchange, fault);
    });
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}|${remotePort}`;
}

function callOf({ method = '', url = '', headers }: IncomingMessage, body: string): Call {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  return {
    method,
    path: path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path,
    query,
    headers,
    body,
  };
}
