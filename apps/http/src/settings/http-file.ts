import { join, resolve } from 'node:path';
import { checkFolder, readOwnFile } from '@slipline/config';
import { DisconnectError, parseParameters, type ParameterTable } from '@slipline/core';
import { DEFAULT_LIMITS } from './limits.ts';

/** A list of sessions that the service asks for by itself. */
export interface WatchSetting {
  readonly provider: string;
  /** Values of the provider's `find` parameters; credentials are those that the ledger keeps. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly every?: number | undefined;
}

/** What http.json says, as far as it says it. */
export interface HttpFile {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly tlsCertificate?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly names?: readonly string[] | undefined;
  readonly behindProxy?: readonly string[] | undefined;
  readonly outbound?: readonly string[] | undefined;
  readonly limits: Readonly<Partial<typeof DEFAULT_LIMITS>>;
  readonly watch: readonly WatchSetting[];
}

const LARGEST_FILE = 1_048_576;
const MOST_WATCHES = 100;

const LISTEN = {
  host: { type: 'string', summary: 'the address to listen on' },
  port: { type: 'integer', minimum: 0, maximum: 65_535, summary: 'the port to listen on' },
} as const satisfies ParameterTable;

const TLS = {
  certificate: { type: 'string', required: true, summary: 'a PEM file: the certificate and its chain' },
  privateKey: { type: 'string', required: true, summary: 'a PEM file: its private key' },
} as const satisfies ParameterTable;

const LISTS = {
  names: { type: 'string', many: true, summary: 'names that the service answers to' },
  behindProxy: { type: 'string', many: true, summary: 'proxies that are believed, as addresses or ranges' },
  outbound: { type: 'string', many: true, summary: 'targets that may be connected to' },
} as const satisfies ParameterTable;

const LIMITS = Object.fromEntries(
  Object.keys(DEFAULT_LIMITS).map((name) => [
    name,
    { type: 'integer', minimum: 1, maximum: 1_000_000_000, summary: 'a whole number' },
  ]),
) as unknown as ParameterTable;

const WATCH = {
  provider: { type: 'string', required: true, summary: 'the id of a provider' },
  every: { type: 'integer', minimum: 2, maximum: 3600, summary: 'seconds' },
} as const satisfies ParameterTable;

/**
 * Reads http.json in the config folder; nothing is said where there is none. Throws one `invalid-request`, naming place and
 * next step, where it is malformed or could have been written by others.
 */
export async function readHttpFile(folder: string): Promise<HttpFile> {
  const file = join(folder, 'http.json');
  await checkFolder(folder);
  const text = await readOwnFile(file, LARGEST_FILE);
  if (text === undefined) return { limits: {}, watch: [] };
  try {
    return parse(folder, JSON.parse(text.replace(/^\ufeff/, '')));
  } catch (cause) {
    const { message } = cause as Error;
    throw new DisconnectError('invalid-request', `${file} cannot be used: ${message.slice(0, 300)}`, {
      next: `edit ${file}`,
      cause,
    });
  }
}

function parse(folder: string, value: unknown): HttpFile {
  const { listen = {}, tls, limits = {}, watch = [], ...lists } = object(value, 'it');
  const files = tls === undefined ? undefined : parseParameters(TLS, object(tls, '"tls"'));
  if (!Array.isArray(watch) || watch.length > MOST_WATCHES)
    throw new Error(`"watch" is not a list of at most ${MOST_WATCHES}`);
  return {
    ...parseParameters(LISTEN, object(listen, '"listen"')),
    ...parseParameters(LISTS, lists),
    ...(files !== undefined && {
      tlsCertificate: resolve(folder, files.certificate),
      tlsKey: resolve(folder, files.privateKey),
    }),
    limits: parseParameters(LIMITS, object(limits, '"limits"')),
    watch: watch.map(parseWatch),
  };
}

function parseWatch(value: unknown, place: number): WatchSetting {
  const where = `watch[${place}]`;
  const { values = {}, ...rest } = object(value, where);
  return { ...parseParameters(WATCH, rest), values: object(values, `${where}.values`) };
}

function object(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new Error(`${where} is not an object`);
}
