import type { IncomingMessage, ServerResponse } from 'node:http';
import { FaultPlan, Listener, readBody, readTarget, RequestLog, type Identity } from '@slipline/fake-http';
import type { Answer, Call, Forgery } from './call.ts';
import { misbehave, send, type Exchange } from './exchange.ts';
import type { Fault } from './faults.ts';
import type { RecordedRequest } from './recorded-request.ts';

export interface LoopbackServerOptions {
  /** Plain HTTP without it, as Azure's metadata endpoint has it. */
  readonly certificate?: Identity | undefined;
  readonly now: () => number;
  readonly recordLimit: number;
  readonly answer: (call: Call) => Answer;
}

const LARGEST_BODY = 1024 * 1024;

/** What all fakes of a Microsoft cloud stand on: HTTP on a free port of 127.0.0.1, a request log and faults. */
export class LoopbackServer {
  readonly listeners: readonly Listener[];
  readonly log: RequestLog<RecordedRequest>;
  readonly faults = new FaultPlan<RecordedRequest, Fault>();
  readonly #options: LoopbackServerOptions;
  readonly #listener: Listener;

  private constructor(options: LoopbackServerOptions) {
    this.#options = options;
    this.#listener = new Listener({ certificate: options.certificate });
    this.listeners = [this.#listener];
    this.log = new RequestLog(options.recordLimit, ({ method, path }) => `${method} ${path}`);
  }

  static async start(options: LoopbackServerOptions): Promise<LoopbackServer> {
    const server = new LoopbackServer(options);
    await server.#listener.start((request, response) => server.#receive(request, response));
    return server;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Closes every connection and the port. Twice is fine. */
  async stop(): Promise<void> {
    await this.#listener.stop();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, LARGEST_BODY, (body) => {
      const call = callOf(request, body?.toString() ?? '');
      const now = this.#options.now();
      const recorded = { ...call, form: new URLSearchParams(call.body), at: now };
      this.log.add(recorded);
      const exchange: Exchange = {
        response,
        now,
        request: `${JSON.stringify(request.headers)}\n${call.body}`,
        process: (forgery?: Forgery) =>
          body === undefined ? { status: 413 } : this.#options.answer({ ...call, forgery }),
        answering: (status) => this.log.answered(recorded, status),
        reset: () => this.#listener.reset(request.socket),
      };
      const fault = this.faults.take(recorded);
      if (fault === undefined) send(exchange, exchange.process());
      else misbehave(exchange, fault);
    });
  }
}

function callOf(request: IncomingMessage, body: string): Call {
  const target = readTarget(request);
  return { ...target, query: new URLSearchParams(target.query), body };
}
