import type { Call } from './call.ts';
import type { FakeUser } from './directory.ts';
import type { FakeIdentityProvider } from './fake-identity-provider.ts';
import type { ActiveFault, FaultScope } from './fault-plan.ts';
import type { Fault } from './faults.ts';
import { answerOfGraph } from './graph-routes.ts';
import { LoopbackServer, type Identity } from './loopback-server.ts';
import { isMatch, type RecordedRequest, type RequestMatch } from './request-log.ts';

export interface FakeGraphOptions {
  /** What it presents at the TLS handshake; for `localhost` and `127.0.0.1`. */
  readonly certificate: Identity;
  /** Whose tokens it takes, and whose people it knows. */
  readonly provider: FakeIdentityProvider;
  /** The time it goes by; the machine's when absent. */
  readonly clock?: { now(): number } | undefined;
  /** How many requests are kept in full; 1000 when absent, 0 for none. All are counted. */
  readonly recordLimit?: number | undefined;
  readonly settings?: Partial<GraphSettings> | undefined;
}

export interface GraphSettings {
  /** Milliseconds of the provider's clock until a revocation takes effect; the real one needs minutes. */
  readonly revocationDelay: number;
  /** Whether tokens of revoked sign-ins are refused before they expire (continuous access evaluation). */
  readonly isContinuous: boolean;
}

/**
 * Microsoft Graph on loopback, as far as people and their sign-ins go: `/me`, `/users/{id}`, `revokeSignInSessions`. Tokens are
 * good if the identity provider stands by them, are for this Graph (`origin`) and carry the permission.
 */
export class FakeGraph implements AsyncDisposable {
  readonly #server: LoopbackServer;
  readonly #options: FakeGraphOptions;
  #settings: GraphSettings;

  private constructor(server: LoopbackServer, options: FakeGraphOptions) {
    this.#server = server;
    this.#options = options;
    this.#settings = { revocationDelay: 0, isContinuous: false, ...options.settings };
  }

  /** Listens on a free port of 127.0.0.1, and tells the provider that scopes without a resource are this one's. */
  static async start(options: FakeGraphOptions): Promise<FakeGraph> {
    const { certificate, provider, clock = Date, recordLimit = 1000 } = options;
    const now = () => clock.now();
    const answer = (call: Call) => graph.#answer(call);
    const server = await LoopbackServer.start({ certificate, now, recordLimit, answer });
    const graph: FakeGraph = new FakeGraph(server, options);
    provider.configure({ graph: graph.origin });
    return graph;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** What an environment names as its Graph: `https://localhost:40124`. */
  get origin(): string {
    return `https://localhost:${this.port}`;
  }

  get port(): number {
    return this.#server.port;
  }

  get settings(): GraphSettings {
    return this.#settings;
  }

  /** Changes settings from the next request on. */
  configure(change: Partial<GraphSettings>): void {
    this.#settings = { ...this.#settings, ...change };
  }

  /** Sets a fault (`faults`, `graphFaults`), for the requests and as many times as `scope` says. */
  inject(fault: Fault, scope: FaultScope = {}): ActiveFault {
    return this.#server.faults.add(fault, scope);
  }

  removeFaults(): void {
    this.#server.faults.clear();
  }

  /** The first requests, oldest first, at most `recordLimit`. */
  get requests(): readonly RecordedRequest[] {
    return this.#server.log.requests;
  }

  get requestCount(): number {
    return this.#server.log.total;
  }

  /** The requests among those kept that fit. */
  requestsTo(path: string): readonly RecordedRequest[] {
    return this.requests.filter((request) => isMatch(request, { path }));
  }

  clearRequests(): void {
    this.#server.log.clear();
  }

  /** The next request that fits, as soon as it has arrived and before it is answered. */
  nextRequest(match: RequestMatch = {}): Promise<RecordedRequest> {
    return this.#server.log.next(match);
  }

  #answer(call: Call) {
    const { provider } = this.#options;
    const { isContinuous, revocationDelay: delay } = this.#settings;
    return answerOfGraph(
      {
        tenants: provider.tenants,
        audience: this.origin,
        isContinuous,
        introspect: (token) => provider.introspect(token),
        revoke: ({ userName }: FakeUser) => provider.revoke(userName, { delay }),
      },
      call,
    );
  }
}
