import { Secret, type Notice, type Session, type Slipline } from '@slipline/core';
import {
  CONTOSO,
  FakeBrowser,
  FakeCloud,
  graphFaults,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
  type ActiveFault,
  type FakeGraph,
  type FakeIdentityProvider,
  type FakeUser,
} from '@slipline/microsoft-identity/testing';
import { createAuthority, type Bench, type BenchOptions, type BenchSession } from '@slipline/testkit';
import { exchangeOnline, type ExchangeOnlineOptions } from '../plugin.ts';
import { EXCHANGE_HOSTS, EXCHANGE_SUFFIXES, FakeExchange, type ExchangeSettings } from './fake-exchange.ts';

/** Exchange Online, Entra and Graph, each of which can be asked and upset directly too. */
export interface ExchangeOnlineBench extends Bench {
  readonly provider: FakeIdentityProvider;
  readonly graph: FakeGraph;
  readonly exchange: FakeExchange;
  /** Environment variables as the plugin sees them. */
  readonly variables: Record<string, string | undefined>;
  /** Signs in the first user, in a browser or with a code, and with whatever else is given. */
  connectValues(): Readonly<Record<string, unknown>>;
  /** Connects as an application, with a secret. */
  applicationValues(): Readonly<Record<string, unknown>>;
  /** Does what a notice tells the first user to do. */
  obey(notice: Notice): Promise<void>;
}

export interface ExchangeOnlineBenchOptions extends BenchOptions {
  readonly exchange?: Partial<ExchangeSettings> | undefined;
  /** Environment variables as the plugin sees them, in place of or besides the bench's own. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  /** Further options of the plugin. */
  readonly plugin?: ExchangeOnlineOptions | undefined;
  /** The time that the fakes live by; the machine's when absent. */
  readonly clock?: { now(): number } | undefined;
}

const FAILURES = {
  error: graphFaults.serverError(),
  hang: { kind: 'hang' },
  lie: graphFaults.lie(),
} as const;

/** Starts the three services on loopback, with Contoso and Fabrikam in them. They stand in for the cloud called Global, or O365Default. */
export async function openBench(options: ExchangeOnlineBenchOptions = {}): Promise<ExchangeOnlineBench> {
  const { password, clock, exchange: settings } = options;
  const authority = options.authority ?? (await createAuthority());
  const hosts = Object.values(EXCHANGE_HOSTS);
  const names = ['localhost', '127.0.0.1', ...hosts];
  const certificate = await authority.issue({ commonName: 'localhost', names });
  const start = async (): Promise<FakeCloud> => FakeCloud.start({ certificate, clock, password });
  const cloud = await (options.shared?.('microsoft-cloud', start) ?? start());
  const { provider, graph } = cloud;
  const users = cloud.tenants.find(({ id }) => id === CONTOSO.id)?.users ?? [];
  const exchange = await FakeExchange.start({ certificate, provider, clock, settings });
  const environment = {
    name: 'Global',
    aliases: ['O365Default'],
    login: provider.origin,
    graph: graph.origin,
    exchange: `https://${EXCHANGE_HOSTS.exchange}`,
    compliance: `https://${EXCHANGE_HOSTS.compliance}`,
    hostSuffixes: EXCHANGE_SUFFIXES,
  };
  const own = {
    SLIPLINE_CLIENT_ID: PUBLIC_APPLICATION.clientId,
    SLIPLINE_ENTRA_ENVIRONMENTS: JSON.stringify([environment]),
  };
  const variables: Record<string, string | undefined> = { ...own, ...options.variables };
  const plugin = exchangeOnline({ variables, ...options.plugin });
  const browser = new FakeBrowser(authority.certificate);
  const person = firstOf(users);
  let failure: ActiveFault | undefined;

  async function obey({ url, code }: Notice): Promise<void> {
    if (code !== undefined) provider.approveDevice(code, person.userName);
    else if (url !== undefined) await browser.signIn(url, person);
  }

  async function open(slipline: Slipline): Promise<BenchSession> {
    const { session } = await slipline.connect(plugin.id, connectValues());
    return { session, selector: { connectionId: [session.id] } };
  }

  const connectValues = () => ({ device: true });
  const everything: ExchangeOnlineBench = {
    provider,
    graph,
    exchange,
    plugin,
    variables,
    facts: {
      endpoint: EXCHANGE_HOSTS.exchange,
      users: users.map(({ userName, password: word }) => ({
        userName,
        password: word,
        role: 'Organization Management',
      })),
      authority: authority.certificate,
      environment: {
        ...own,
        SLIPLINE_RESOLVE: hosts.map((host) => `${host}:127.0.0.1:${exchange.port}`).join(','),
      },
    },
    network: {
      authorities: [authority.certificate],
      resolve: hosts.map((host) => ({ host, address: '127.0.0.1', toPort: exchange.port })),
    },
    prompts: { notice: async (notice) => obey(notice) },
    connectValues,
    applicationValues: () => ({
      organization: CONTOSO.domains[0],
      clientId: SECRET_APPLICATION.clientId,
      clientSecret: new Secret(SECRET_APPLICATION.secrets[0]?.value ?? ''),
    }),
    obey,
    open,
    observe: async ({ id }: Session) => {
      const token = exchange.connection(id)?.token;
      const facts = token === undefined ? undefined : provider.introspect(token);
      return facts !== undefined && !facts.isRevoked ? 'live' : 'gone';
    },
    expected: (effect) => (effect === 'revoke' ? 'gone' : 'live'),
    replace: async (slipline, session) => {
      await slipline.apply(await slipline.plan({ sessions: [session] }));
      await open(slipline);
    },
    endOnServer: async ({ principal = '' }) => provider.revoke(principal),
    writes: () =>
      [provider, graph, exchange].flatMap(({ requests }) => requests).filter(({ method }) => method !== 'GET')
        .length,
    requests: () => provider.requestCount + graph.requestCount + exchange.requestCount,
    fail: (how) => {
      failure = graph.inject(FAILURES[how], { path: '/revokeSignInSessions' });
    },
    heal: () => {
      failure?.remove();
      failure?.release();
      failure = undefined;
    },
    canaries: () => provider.canaries(),
    [Symbol.asyncDispose]: async () => {
      await exchange.stop();
      if (options.shared === undefined) await cloud[Symbol.asyncDispose]();
    },
  };
  return everything;
}

function firstOf(users: readonly FakeUser[]): FakeUser {
  const [user] = users;
  if (user === undefined) throw new Error('There are no users.');
  return user;
}
