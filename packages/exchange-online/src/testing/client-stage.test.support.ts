import { randomUUID } from 'node:crypto';
import { MemoryLedger, Secret, Slipline, type Host, type NetworkOptions } from '@slipline/core';
import {
  CONTOSO,
  FakeIdentityProvider,
  LoopbackServer,
  SECRET_APPLICATION,
} from '@slipline/microsoft-identity/testing';
import { ExchangeClient, type ExchangeClientOptions } from '../exchange-online-client.ts';
import { EXCHANGE_HOSTS, EXCHANGE_SUFFIXES, FakeExchange } from './index.ts';
import { authority } from './world.test.support.ts';

export const FOREIGN = 'outlook.elsewhere.example';
export const ORIGIN = `https://${EXCHANGE_HOSTS.exchange}`;
export const COMPLIANCE = `https://${EXCHANGE_HOSTS.compliance}`;
export const { signal: noSignal }: { readonly signal: AbortSignal } = new AbortController();

/** A client that speaks to a fake service through core's own `fetch`, and a foreign host that nobody may speak to. */
export class ClientStage implements AsyncDisposable {
  readonly provider: FakeIdentityProvider;
  readonly exchange: FakeExchange;
  readonly foreign: LoopbackServer;
  /** Milliseconds of each pause so far. */
  readonly slept: number[] = [];
  /** Claims of each request for a token so far. */
  readonly asked: (string | undefined)[] = [];
  readonly #slipline: Slipline;
  readonly #host: Host;

  private constructor(
    [provider, exchange, foreign]: readonly [FakeIdentityProvider, FakeExchange, LoopbackServer],
    slipline: Slipline,
    host: Host,
  ) {
    this.provider = provider;
    this.exchange = exchange;
    this.foreign = foreign;
    this.#slipline = slipline;
    this.#host = host;
  }

  static async open(): Promise<ClientStage> {
    const vouching = await authority();
    const hosts = Object.values(EXCHANGE_HOSTS);
    const names = ['localhost', '127.0.0.1', FOREIGN, ...hosts];
    const certificate = await vouching.issue({ commonName: 'localhost', names });
    const provider = await FakeIdentityProvider.start({ certificate });
    const exchange = await FakeExchange.start({ certificate, provider });
    const foreign = await LoopbackServer.start({
      certificate,
      now: Date.now,
      recordLimit: 100,
      answer: () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"value":[]}' }),
    });
    const map = (host: string, toPort: number) => ({ host, address: '127.0.0.1', toPort });
    const [slipline, host] = await hostOf({
      authorities: [vouching.certificate],
      resolve: [...hosts.map((name) => map(name, exchange.port)), map(FOREIGN, foreign.port)],
    });
    return new ClientStage([provider, exchange, foreign], slipline, host);
  }

  /** A token of the application that acts as itself. */
  token(origin = ORIGIN): string {
    return this.provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, `${origin}/.default`);
  }

  client(change: Partial<ExchangeClientOptions> = {}): ExchangeClient {
    const { origin = ORIGIN } = change;
    return new ExchangeClient({
      origin,
      tenantId: CONTOSO.id,
      connectionId: randomUUID(),
      anchorMailbox: `APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@${CONTOSO.id}`,
      isOwnHost: (address) =>
        EXCHANGE_SUFFIXES.some((suffix) => `.${new URL(address).host}`.endsWith(`.${suffix}`)),
      token: async ({ claims }) => {
        this.asked.push(claims);
        return new Secret(this.token(origin));
      },
      fetch: this.#host.fetch,
      clock: {
        sleep: async (milliseconds) => {
          this.slept.push(milliseconds);
        },
      },
      ...change,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#slipline[Symbol.asyncDispose]();
    for (const server of [this.foreign, this.exchange, this.provider]) await server.stop();
  }
}

/** What core lends a provider, for as long as `Slipline` is open. */
async function hostOf(network: NetworkOptions): Promise<readonly [Slipline, Host]> {
  let lent: Host | undefined;
  const plugin = {
    contract: 1,
    id: 'borrower',
    title: 'Borrower',
    impact: 'low',
    find: {},
    create: (host: Host) => {
      lent = host;
      return { find: async function* () {}, disconnect: async () => ({ wasGone: true }) };
    },
  } as const;
  const slipline = new Slipline({ providers: [plugin], ledger: new MemoryLedger(), network });
  await slipline.sessions({ provider: plugin.id, isLive: true });
  if (lent === undefined) throw new Error('No provider was created.');
  return [slipline, lent];
}

/** What a promise rejects with. */
export async function failureOf(pending: Promise<unknown>): Promise<unknown> {
  try {
    await pending;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}
