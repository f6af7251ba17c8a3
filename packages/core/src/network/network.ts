import type { Logger } from '../host.ts';
import type { TrustStore } from '../ledger.ts';
import { Dialer, type NetworkOptions, type TrustQuestion } from './dialer.ts';
import { Fetcher } from './fetch.ts';
import type { Expectation } from './trust.ts';

/** The one door to the network: everything a provider sends goes through `dialer`. */
export class Network implements AsyncDisposable {
  readonly dialer: Dialer;
  readonly #fetcher: Fetcher;

  constructor(
    options: NetworkOptions,
    log: Logger,
    trust: () => Promise<TrustStore>,
    ask: TrustQuestion | undefined,
  ) {
    this.dialer = new Dialer(options, trust, ask);
    this.#fetcher = new Fetcher(this.dialer, log, options.largestBody);
  }

  /** For the rest of this process, any port of `host` must satisfy this; connections made before are not used again. */
  expect(host: string, expectation: Expectation): void {
    this.dialer.expect(host, expectation);
    this.#fetcher.renew();
  }

  get fetch(): typeof fetch {
    return this.#fetcher.fetch;
  }

  /** See `Fetcher.skews`. */
  get skews(): ReadonlyMap<string, number> {
    return this.#fetcher.skews;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fetcher.close();
  }
}
