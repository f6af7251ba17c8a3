import { homedir } from 'node:os';
import { join } from 'node:path';
import { networkOptions, readConfig, settingsFrom, type Environment } from '@slipline/config';
import { findProviders } from '@slipline/config/plugins';
import { Slipline, type Logger } from '@slipline/core';
import { openLedger, sliplinePaths, type SliplinePaths } from '@slipline/ledger';
import { outboundPolicy } from './outbound/outbound.ts';
import { PROGRAM } from './program.ts';
import type { WatchSetting } from './settings/http-file.ts';
import type { HttpSettings } from './settings/settings.ts';

/** What the service stands on: this person's ledger and providers, or a lab's. */
export interface Composition extends AsyncDisposable {
  readonly slipline: Slipline;
  /** The service's own folder. */
  readonly folder: string;
  /** Where a lab has everything, `SLIPLINE_HOME` of programs that belong to it. */
  readonly labHome?: string | undefined;
  /** What is watched from the start on. */
  readonly watch: readonly WatchSetting[];
}

/** This person's folders. Throws `invalid-request` where `SLIPLINE_HOME` is no place. */
export function ownPaths(environment: Environment): SliplinePaths {
  return sliplinePaths(environment, process.platform, homedir());
}

/** Where the service keeps its own files. */
export function serviceFolder({ state }: Pick<SliplinePaths, 'state'>): string {
  return join(state, 'http');
}

/** The Slipline of config.json, which connects to what is listed and to nothing else. Opens nothing until it is used. */
export async function compose(
  environment: Environment,
  { outbound, watch }: Pick<HttpSettings, 'outbound' | 'watch'>,
  log: Logger,
): Promise<Composition> {
  const paths = ownPaths(environment);
  const config = await readConfig(paths.config);
  const network = networkOptions(environment, settingsFrom({}, environment, config.settings));
  const policy = outboundPolicy(outbound, { isByProxy: network.proxy?.https !== undefined });
  const { installed, broken } = await findProviders(config, PROGRAM);
  for (const { module, error } of broken)
    log.warn('a plugin cannot be used', { module, reason: error.message, next: error.next });
  const slipline = new Slipline({
    providers: installed,
    ledger: () => openLedger({ environment, onNotice: (text) => log.warn(text) }),
    network: { ...network, ...policy, verifiesAlways: true },
    log,
  });
  return {
    slipline,
    folder: serviceFolder(paths),
    watch,
    [Symbol.asyncDispose]: () => slipline[Symbol.asyncDispose](),
  };
}
