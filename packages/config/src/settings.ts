import { DisconnectError, type ResolveRule } from '@slipline/core';
import type { Config } from './config.ts';
import { parseDuration } from './duration.ts';

export const FORMATS = ['table', 'list', 'json', 'jsonl', 'csv', 'none'] as const;
export type Format = (typeof FORMATS)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** What flags, environment variables and config.json say together, in this order. */
export interface Settings {
  readonly output: Format;
  readonly resolve: readonly ResolveRule[];
  /** PEM files of CAs that are trusted as well. */
  readonly caFiles: readonly string[];
  /** Milliseconds for one system. */
  readonly timeout?: number | undefined;
}

/** What a command line says of them. */
export interface Flags {
  readonly output?: Format | undefined;
  readonly resolve?: readonly string[] | undefined;
  readonly caFile?: string | undefined;
}

/** Throws `invalid-request` naming the variable that cannot be understood. */
export function settingsFrom(flags: Flags, environment: Environment, config: Config['settings']): Settings {
  const variable = (name: string): string | undefined => environment[name] || undefined;
  const resolve = flags.resolve ?? split(variable('SLIPLINE_RESOLVE'), ',') ?? config.resolve ?? [];
  const caFile = flags.caFile ?? variable('SLIPLINE_CA_FILE');
  const timeout = variable('SLIPLINE_TIMEOUT');
  return {
    output: flags.output ?? formatFrom(variable('SLIPLINE_OUTPUT')) ?? config.output ?? 'table',
    resolve: resolve.map(parseResolveRule),
    caFiles: caFile === undefined ? (config.caFile ?? []) : [caFile],
    timeout:
      timeout === undefined
        ? config.timeout && config.timeout * 1000
        : parseDuration(timeout, 'SLIPLINE_TIMEOUT'),
  };
}

/** `name:address:port`, or `name:port:address:port` for one port of the name only; IPv6 addresses in brackets. */
export function parseResolveRule(text: string): ResolveRule {
  const [, host, port, address, toPort] =
    /^([^:[\]\s]+)(?::(\d{1,5}))?:(\[[0-9a-f:.%]+\]|[^:[\]\s]+):(\d{1,5})$/i.exec(text) ?? [];
  const isPort = (number: string | undefined): boolean => Number(number) >= 1 && Number(number) <= 65_535;
  if (host !== undefined && address !== undefined && isPort(toPort) && (port === undefined || isPort(port)))
    return { host, address, toPort: Number(toPort), ...(port !== undefined && { port: Number(port) }) };
  throw new DisconnectError('invalid-request', `"${text.slice(0, 200)}" does not say where a name is`, {
    next: 'write name:address:port or name:port:address:port, as in --resolve ov1.example:127.0.0.1:8443',
  });
}

function formatFrom(text: string | undefined): Format | undefined {
  if (text === undefined) return undefined;
  const format = FORMATS.find((one) => one === text.toLowerCase());
  if (format !== undefined) return format;
  throw new DisconnectError('invalid-request', `SLIPLINE_OUTPUT is one of: ${FORMATS.join(', ')}`);
}

function split(text: string | undefined, separator: string): readonly string[] | undefined {
  return text
    ?.split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
