import type { Identity } from '@slipline/fake-http';
import { CONTOSO, FABRIKAM, type FakeTenant } from './directory.ts';
import { FakeGraph } from './fake-graph.ts';
import { FakeIdentityProvider } from './fake-identity-provider.ts';

export interface FakeCloudOptions {
  /** What both present at the TLS handshake; for `localhost` and `127.0.0.1`. */
  readonly certificate: Identity;
  /** The time that tokens live by; the machine's when absent. */
  readonly clock?: { now(): number } | undefined;
  /** Passwords of people instead of fixed ones. */
  readonly password?: (() => string) | undefined;
}

/** An identity provider and a Graph that know the same people: what the systems of one cloud have in common. */
export class FakeCloud implements AsyncDisposable {
  readonly provider: FakeIdentityProvider;
  readonly graph: FakeGraph;
  /** Contoso and Fabrikam, with the passwords that hold here. */
  readonly tenants: readonly FakeTenant[];

  private constructor(provider: FakeIdentityProvider, graph: FakeGraph, tenants: readonly FakeTenant[]) {
    this.provider = provider;
    this.graph = graph;
    this.tenants = tenants;
  }

  static async start({ certificate, clock, password }: FakeCloudOptions): Promise<FakeCloud> {
    const tenants = [CONTOSO, FABRIKAM].map((tenant) => withPasswords(tenant, password));
    // Whoever signs in is not kept waiting for long.
    const settings = { deviceCode: { lifetime: 900, interval: 1 } };
    const provider = await FakeIdentityProvider.start({ certificate, tenants, clock, settings });
    const graph = await FakeGraph.start({ certificate, provider, clock });
    return new FakeCloud(provider, graph, tenants);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.provider.stop(), this.graph.stop()]);
  }
}

function withPasswords(tenant: FakeTenant, password: (() => string) | undefined): FakeTenant {
  if (password === undefined) return tenant;
  return { ...tenant, users: tenant.users.map((user) => ({ ...user, password: password() })) };
}
