import { FakeServer, type ActiveFault } from '@slipline/fake-http';
import type { Fault, FaultScope } from './faults.ts';
import type { LoopbackServer } from './loopback-server.ts';
import { isMatch, type RecordedRequest, type RequestMatch } from './recorded-request.ts';

/** What a test can do to every fake of a Microsoft cloud's service, and ask of it. */
export abstract class MicrosoftFake extends FakeServer<RecordedRequest, Fault> {
  readonly #server: LoopbackServer;

  protected constructor(server: LoopbackServer) {
    super(server);
    this.#server = server;
  }

  get port(): number {
    return this.#server.port;
  }

  /** Sets a fault (`faults`, or one of the service's own), for the requests and as many times as `scope` says. */
  inject(fault: Fault, scope: FaultScope = {}): ActiveFault {
    const { times, ...match } = scope;
    return this.#server.faults.add(fault, (request) => isMatch(request, match), times);
  }

  /** The requests among those kept that fit. */
  requestsTo(path: string): readonly RecordedRequest[] {
    return this.requests.filter((request) => isMatch(request, { path }));
  }

  /** The next request that fits, as soon as it has arrived and before it is answered. */
  nextRequest(match: RequestMatch = {}): Promise<RecordedRequest> {
    return this.#server.log.next((request) => isMatch(request, match));
  }
}
