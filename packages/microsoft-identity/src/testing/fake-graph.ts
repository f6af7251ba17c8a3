import type { Identity } from '@slipline/fake-http';
import type { Call } from './call.ts';
import type { FakeUser } from './directory.ts';
import type { FakeIdentityProvider } from './fake-identity-provider.ts';
import { answerOfGraph } from './graph-routes.ts';
import { LoopbackServer } from './loopback-server.ts';
import { MicrosoftFake } from './microsoft-fake.ts';

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
export class FakeGraph extends MicrosoftFake {
  readonly #options: FakeGraphOptions;
  #settings: GraphSettings;

  private constructor(server: LoopbackServer, options: FakeGraphOptions) {
    super(server);
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

  /** What an environment names as its Graph: `https://localhost:40124`. */
  get origin(): string {
    return `https://localhost:${this.port}`;
  }

  get settings(): GraphSettings {
    return this.#settings;
  }

  /** Changes settings from the next request on. */
  configure(change: Partial<GraphSettings>): void {
    this.#settings = { ...this.#settings, ...change };
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
