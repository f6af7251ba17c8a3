import { readFileSync } from 'node:fs';
import { DisconnectError, type NetworkOptions, type ProxySettings } from '@slipline/core';
import type { Environment, Settings } from './settings.ts';

/** What settings and environment say of the network. Throws `invalid-request` for a CA file that is none. */
export function networkOptions(
  environment: Environment,
  { caFiles, resolve }: Pick<Settings, 'caFiles' | 'resolve'>,
): Pick<NetworkOptions, 'authorities' | 'resolve' | 'proxy'> {
  return { authorities: caFiles.map(readAuthorities), resolve, proxy: proxyFrom(environment) };
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
