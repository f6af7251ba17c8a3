import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { DisconnectError } from '@slipline/core';
import type { Environment } from '@slipline/config';
import type { TlsIdentity } from '../server.ts';
import { isLoopback } from '../security/addresses.ts';
import type { HttpFile, WatchSetting } from './http-file.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';

/** What the command line says; lists replace those of environment and file. */
export interface ServeFlags {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly name?: readonly string[] | undefined;
  readonly behindProxy?: readonly string[] | undefined;
}

/** How the service runs: flags, then `SLIPLINE_HTTP_…`, then http.json. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  readonly isLoopback: boolean;
  readonly tls?: TlsIdentity | undefined;
  readonly names: readonly string[];
  readonly behindProxy: readonly string[];
  readonly outbound: readonly string[];
  readonly limits: Limits;
  readonly watch: readonly WatchSetting[];
}

/** Throws `invalid-request` for what cannot be, and for listening off loopback without TLS or a proxy that has it. */
export function settingsFrom(flags: ServeFlags, environment: Environment, file: HttpFile): HttpSettings {
  const variable = (name: string): string | undefined => environment[`SLIPLINE_HTTP_${name}`] || undefined;
  const named = flags.host ?? variable('HOST') ?? file.host ?? '127.0.0.1';
  // The name stands for two addresses, and one server listens on one.
  const host = named.toLowerCase() === 'localhost' ? '127.0.0.1' : named;
  const port = flags.port ?? variable('PORT');
  const tls = tlsFrom(
    flags.tlsCert ?? variable('TLS_CERT') ?? file.tlsCertificate,
    flags.tlsKey ?? variable('TLS_KEY') ?? file.tlsKey,
  );
  const names = flags.name ?? split(variable('NAMES')) ?? file.names ?? [];
  const behindProxy = flags.behindProxy ?? split(variable('BEHIND_PROXY')) ?? file.behindProxy ?? [];
  const isOwn = isLoopback(host);
  if (!isOwn && tls === undefined && behindProxy.length === 0) throw unprotected(host);
  return {
    host,
    port: port === undefined ? (file.port ?? 4380) : parsePort(port),
    isLoopback: isOwn,
    tls,
    names: names.map(parseName),
    behindProxy: behindProxy.map(parseProxy),
    outbound: split(variable('OUTBOUND')) ?? file.outbound ?? [],
    limits: { ...DEFAULT_LIMITS, ...file.limits },
    watch: file.watch,
  };
}

function unprotected(host: string): DisconnectError {
  return new DisconnectError('invalid-request', `${host.slice(0, 80)} is not loopback, and there is no TLS`, {
    next: 'give --tls-cert and --tls-key, or --behind-proxy with the address of a proxy that has TLS',
  });
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new DisconnectError('invalid-request', `"${text.slice(0, 40)}" is not a port`, {
    next: 'give a number from 0 to 65535; 0 takes any that is free',
  });
}

function parseName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name) && name.length <= 253) return name;
  throw new DisconnectError('invalid-request', `"${text.slice(0, 80)}" is not a name of this service`, {
    next: 'give the name that people type, without scheme and port',
  });
}

/** A range of everything would make everybody's `X-Forwarded-For` believed. */
function parseProxy(text: string): string {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const kind = isIP(address);
  const bits = kind === 4 ? 32 : 128;
  const isRange = prefix === undefined || (Number(prefix) >= 1 && Number(prefix) <= bits);
  if (kind !== 0 && isRange) return text;
  throw new DisconnectError('invalid-request', `"${text.slice(0, 80)}" is not the address of a proxy`, {
    next: 'give an address or a range, as in --behind-proxy 10.0.0.5 or 10.0.0.0/28',
  });
}

function tlsFrom(certificateFile: string | undefined, keyFile: string | undefined): TlsIdentity | undefined {
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  if (certificateFile === undefined || keyFile === undefined) {
    throw new DisconnectError('invalid-request', 'TLS needs a certificate and its key', {
      next: 'give both --tls-cert and --tls-key',
    });
  }
  const identity = {
    certificate: readPem(certificateFile, '--tls-cert'),
    privateKey: readPem(keyFile, '--tls-key'),
  };
  try {
    createSecureContext({ cert: identity.certificate, key: identity.privateKey });
  } catch (cause) {
    throw new DisconnectError('invalid-request', `${certificateFile} and ${keyFile} do not fit each other`, {
      next: 'check that the key is that of the certificate, and has no passphrase',
      cause,
    });
  }
  return identity;
}

function readPem(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new DisconnectError('invalid-request', `${file} cannot be read (${code})`, {
      next: `check ${flag}`,
      cause,
    });
  }
}

function split(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
