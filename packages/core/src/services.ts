import type { Calls } from './calls.ts';
import type { Deadlines } from './deadline.ts';
import type { Clock, Logger } from './host.ts';
import type { Ledger } from './ledger.ts';
import type { Network } from './network/network.ts';
import type { Registry } from './registry.ts';

/** What the parts of one `Slipline` share. */
export interface Services {
  readonly registry: Registry;
  readonly calls: Calls;
  readonly ledger: () => Promise<Ledger>;
  /** Loaded when a provider is first made: listing what the ledger has needs none. */
  readonly network: () => Promise<Network>;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly log: Logger;
}
