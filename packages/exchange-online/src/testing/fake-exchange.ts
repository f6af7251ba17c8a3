import {
  LoopbackServer,
  MicrosoftFake,
  type Call,
  type FakeIdentityProvider,
  type Identity,
} from '@slipline/microsoft-identity/testing';
import type { FakeMailbox, Organization } from './exchange-cmdlets.ts';
import { answerOfExchange } from './exchange-routes.ts';

export interface FakeExchangeOptions {
  /** What it presents at the TLS handshake; for all of `EXCHANGE_HOSTS`. */
  readonly certificate: Identity;
  /** Whose tokens it takes, and whose tenants it has. */
  readonly provider: FakeIdentityProvider;
  /** The time it goes by; the machine's when absent. */
  readonly clock?: { now(): number } | undefined;
  /** How many requests are kept in full; 1000 when absent, 0 for none. All are counted. */
  readonly recordLimit?: number | undefined;
  readonly settings?: Partial<ExchangeSettings> | undefined;
}

export interface ExchangeSettings {
  /** Where each host leads to instead of answering, as a `Location`. */
  readonly redirects: Readonly<Record<string, string>>;
  /** What `AdminApiState` is. */
  readonly state: string;
  /** Whether tokens of revoked sign-ins are refused before they expire (continuous access evaluation). */
  readonly isContinuous: boolean;
}

/** The names by which the fake is reached, at port 443: its services, one region of each, and the door that is not REST. */
export const EXCHANGE_HOSTS = Object.freeze({
  exchange: 'outlook.lab.example',
  exchangeRegion: 'nam12b.outlook.lab.example',
  compliance: 'ps.compliance.protection.lab.example',
  complianceRegion: 'nam12b.ps.compliance.protection.lab.example',
  complianceDoor: 'nam12b.admin.protection.lab.example',
});

/** Domains all of whose hosts are the fake's, as an environment names them. */
export const EXCHANGE_SUFFIXES: readonly string[] = Object.freeze([
  'outlook.lab.example',
  'protection.lab.example',
]);

/** A connection as the service sees one: requests with the same `connection-id`. */
export interface SeenConnection {
  readonly connectionId: string;
  readonly requestIds: readonly string[];
  readonly anchors: readonly string[];
  /** The last one, whether good or not. */
  readonly token: string | undefined;
}

/**
 * Exchange Online and Security & Compliance on loopback, as far as their REST service goes: the question whether it runs, cmdlets with
 * paging, regions, throttling and errors of every shape. Tokens are good if the identity provider stands by them.
 */
export class FakeExchange extends MicrosoftFake {
  readonly #provider: FakeIdentityProvider;
  readonly #organizations = new Map<string, Organization>();
  #settings: ExchangeSettings;

  private constructor(server: LoopbackServer, { provider, settings }: FakeExchangeOptions) {
    super(server);
    this.#provider = provider;
    this.#settings = { redirects: {}, state: 'Running', isContinuous: false, ...settings };
    for (const { id, domains } of provider.tenants) {
      this.#organizations.set(id, { name: domains[0] ?? id, mailboxes: new Map() });
      for (const alias of ['ada', 'ben', 'cleo', 'dan', 'eve'])
        this.addMailbox(id, { alias, displayName: alias });
    }
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: FakeExchangeOptions): Promise<FakeExchange> {
    const { certificate, clock = Date, recordLimit = 1000 } = options;
    const now = () => clock.now();
    const answer = (call: Call) => exchange.#answer(call);
    const server = await LoopbackServer.start({ certificate, now, recordLimit, answer });
    const exchange: FakeExchange = new FakeExchange(server, options);
    return exchange;
  }

  /** Changes settings from the next request on. */
  configure(change: Partial<ExchangeSettings>): void {
    this.#settings = { ...this.#settings, ...change };
  }

  addMailbox(tenantId: string, mailbox: FakeMailbox): void {
    this.#organizations.get(tenantId)?.mailboxes.set(mailbox.alias, mailbox);
  }

  mailbox(tenantId: string, alias: string): FakeMailbox | undefined {
    return this.#organizations.get(tenantId)?.mailboxes.get(alias);
  }

  /** What the requests that were kept tell of a connection; `undefined` where there was none. */
  connection(connectionId: string): SeenConnection | undefined {
    const own = this.requests.filter(({ headers }) => headers['connection-id'] === connectionId);
    if (own.length === 0) return undefined;
    const all = (name: string): readonly string[] => own.map(({ headers }) => String(headers[name]));
    return {
      connectionId,
      requestIds: all('client-request-id'),
      anchors: all('x-anchormailbox'),
      token: own.at(-1)?.headers.authorization?.replace(/^Bearer /, ''),
    };
  }

  #answer(call: Call) {
    const { exchange, compliance } = EXCHANGE_HOSTS;
    return answerOfExchange(
      {
        ...this.#settings,
        exchange,
        compliance,
        introspect: (token) => this.#provider.introspect(token),
        organization: (tenantId) => this.#organizations.get(tenantId),
      },
      call,
    );
  }
}
