import {
  DisconnectError,
  Slipline,
  type Ledger,
  type Logger,
  type Prompts,
  type ProxySettings,
} from '@slipline/core';
import { readFileSync } from 'node:fs';
import type { Environment, Settings } from './settings/environment.ts';
import type { Providers } from './plugins/providers.ts';

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
    network: {
      authorities: settings.caFiles.map(readAuthorities),
      resolve: settings.resolve,
      proxy: proxyFrom(environment),
    },
  });
}

/** As `curl` reads them: lower case before upper case. */
function proxyFrom(environment: Environment): ProxySettings {
  return {
    https: environment['https_proxy'] ?? environment['HTTPS_PROXY'],
    no: environment['no_proxy'] ?? environment['NO_PROXY'],
  };
}

function readAuthorities(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DisconnectError('invalid-request', `${path}: the CA file cannot be read`, {
      cause,
      next: 'check --ca-file',
    });
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new DisconnectError('invalid-request', `${path}: there is no PEM certificate in it`, {
    next: 'openssl x509 -inform der -in FILE -out FILE.pem turns a DER file into one',
  });
}
