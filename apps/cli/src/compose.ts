import { Slipline, type Ledger, type Logger, type Prompts } from '@slipline/core';
import { networkOptions, type Environment, type Settings } from '@slipline/config';
import type { Providers } from '@slipline/config/plugins';

export interface Composition {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly providers: Providers;
  readonly openLedger: () => Promise<Ledger>;
  readonly prompts: Prompts;
  readonly log: Logger;
}

/** The one `Slipline` of this process. Opens nothing and asks nobody until it is used. */
export function compose({
  environment,
  settings,
  providers,
  openLedger,
  prompts,
  log,
}: Composition): Slipline {
  return new Slipline({
    providers: providers.installed,
    ledger: openLedger,
    prompts,
    log,
    network: networkOptions(environment, settings),
  });
}
