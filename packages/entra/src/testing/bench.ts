import { Secret, type Notice, type Session, type Slipline } from '@slipline/core';
import {
  CONTOSO,
  FakeBrowser,
  FakeCloud,
  faults,
  graphFaults,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
  type ActiveFault,
  type FakeGraph,
  type FakeIdentityProvider,
  type Fault,
} from '@slipline/microsoft-identity/testing';
import { createAuthority, type Bench, type BenchOptions, type BenchSession } from '@slipline/testkit';
import { entra } from '../plugin.ts';

/** The bench of a fake Entra and a fake Graph, which can be asked and upset directly too. */
export interface EntraBench extends Bench {
  readonly provider: FakeIdentityProvider;
  readonly graph: FakeGraph;
  /** Who signs in wherever a person is asked: a user name, or `decline`. */
  person: string;
  connectValues(): {
    readonly clientId: string;
    readonly tenantId: string;
    readonly useDeviceCode: true;
  };
  /** Signs in the application itself. */
  applicationValues(): {
    readonly clientId: string;
    readonly tenantId: string;
    readonly clientSecret: Secret;
  };
  /** With the values of `connectValues` when none are given. */
  open(slipline: Slipline, values?: Readonly<Record<string, unknown>>): Promise<BenchSession>;
  endOnServer(session: Session): Promise<void>;
}

export interface EntraBenchOptions extends BenchOptions {
  /** The time that tokens live by; the machine's when absent. */
  readonly clock?: { now(): number } | undefined;
}

const REVOKE = '/v1.0/me/revokeSignInSessions';
const CHANGING = ['/oauth2/v2.0/devicecode', '/oauth2/v2.0/authorize', '/revokeSignInSessions'];

const FAILURES: Readonly<Record<Parameters<Bench['fail']>[0], Fault>> = {
  error: graphFaults.serverError(),
  hang: faults.hang(),
  lie: graphFaults.lie(),
};

/**
 * Starts both fakes on loopback, with two tenants, an application that signs in people and one that acts as itself. They stand
 * in for the cloud called Global.
 */
export async function openBench(options: EntraBenchOptions = {}): Promise<EntraBench> {
  const { clock } = options;
  const authority = options.authority ?? (await createAuthority());
  const names = ['localhost', '127.0.0.1'];
  const start = async (): Promise<FakeCloud> => {
    const certificate = await authority.issue({ commonName: 'localhost', names });
    return FakeCloud.start({ certificate, clock, password: options.password });
  };
  const cloud = await (options.shared?.('microsoft-cloud', start) ?? start());
  const { provider, graph, tenants } = cloud;
  const variables = {
    SLIPLINE_CLIENT_ID: PUBLIC_APPLICATION.clientId,
    SLIPLINE_ENTRA_ENVIRONMENTS: JSON.stringify([
      { name: 'Global', login: provider.origin, graph: graph.origin },
    ]),
  };
  const plugin = entra({ variables });
  const users = tenants.flatMap(({ users, domains }) => users.map((user) => ({ ...user, domains })));
  /** What the client was given, by the session's fingerprint. */
  const grants = new Map<string, { refreshToken: string | undefined; userName: string | undefined }>();
  let failure: ActiveFault | undefined;

  const passwordOf = (userName: string): string =>
    users.find((user) => user.userName === userName)?.password ?? '';

  async function act({ code, url = '' }: Notice): Promise<void> {
    const { person } = bench;
    if (code !== undefined)
      return person === 'decline' ? provider.declineDevice(code) : provider.approveDevice(code, person);
    const [{ userName = '' } = {}] = users;
    const who = person === 'decline' ? { userName, decision: 'decline' as const } : { userName: person };
    await new FakeBrowser(authority.certificate).signIn(url, { ...who, password: passwordOf(who.userName) });
  }

  const bench: EntraBench = {
    provider,
    graph,
    plugin,
    person: users[0]?.userName ?? '',
    facts: {
      endpoint: provider.origin,
      users: users.map(({ userName, password, domains: [domain = ''] }) => ({
        userName,
        password,
        role: `somebody in ${domain}`,
      })),
      authority: authority.certificate,
      environment: variables,
    },
    network: { authorities: [authority.certificate] },
    prompts: { notice: act },
    connectValues: () => ({
      clientId: PUBLIC_APPLICATION.clientId,
      tenantId: CONTOSO.domains[0] ?? '',
      useDeviceCode: true,
    }),
    applicationValues: () => ({
      clientId: SECRET_APPLICATION.clientId,
      tenantId: CONTOSO.domains[0] ?? '',
      clientSecret: new Secret(SECRET_APPLICATION.secrets[0]?.value ?? ''),
    }),
    open: async (slipline, values = bench.connectValues()) => {
      const before = new Set(provider.refreshTokens);
      const { session } = await slipline.connect(plugin.id, values);
      const refreshToken = provider.refreshTokens.find((token) => !before.has(token));
      grants.set(session.fingerprint, { refreshToken, userName: session.principal });
      return { session, selector: { name: [session.id] } };
    },
    observe: async ({ fingerprint }) =>
      provider.isRedeemable(grants.get(fingerprint)?.refreshToken ?? '') ? 'live' : 'gone',
    expected: (effect) => (effect === 'revoke' ? 'gone' : 'live'),
    endOnServer: async ({ fingerprint }) => provider.revoke(grants.get(fingerprint)?.userName ?? ''),
    replace: async (slipline, session) => {
      await bench.endOnServer(session);
      // Now that the ledger knows it too, its number is free.
      await slipline.apply(await slipline.plan({ sessions: [session] }));
      await bench.open(slipline);
    },
    writes: () =>
      [...provider.requests, ...graph.requests].filter(
        ({ method, path }) => method === 'POST' && CHANGING.some((ending) => path.endsWith(ending)),
      ).length,
    requests: () => provider.requestCount + graph.requestCount,
    fail: (how) => {
      failure = graph.inject(FAILURES[how], { path: REVOKE });
    },
    heal: () => {
      failure?.remove();
      failure?.release();
      failure = undefined;
    },
    canaries: () => provider.canaries(),
    [Symbol.asyncDispose]: async () => {
      if (options.shared === undefined) await cloud[Symbol.asyncDispose]();
    },
  };
  return bench;
}
