import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryLedger, Slipline, systemClock, type AnyPlugin, type Clock, type Ledger } from '@slipline/core';
import { recordingLogger, type Bench, type RecordingLogger } from '@slipline/testkit';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { openServices } from './open-services.ts';
import type { NewKey } from './security/key-store.ts';
import { buildServer, type ServerSettings } from './server.ts';
import type { Services } from './services.ts';
import { shutDown } from './shut-down.ts';
import { DEFAULT_LIMITS, type Limits } from './settings/limits.ts';

export interface TestServerOptions {
  /** The fake system behind the service; none when absent. */
  readonly bench?: Bench | undefined;
  /** Instead of the bench's plugin. */
  readonly providers?: readonly AnyPlugin[] | undefined;
  readonly ledger?: Ledger | undefined;
  readonly clock?: Clock | undefined;
  /** The service's folder, kept at the end; one of its own when absent. */
  readonly folder?: string | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly settings?: Partial<ServerSettings> | undefined;
  readonly isLab?: boolean | undefined;
}

/** Sends one request as somebody; the URL and what else it has. */
export type Ask = (
  method: NonNullable<InjectOptions['method']>,
  url: string,
  payload?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<LightMyRequestResponse>;

/** A service over a bench, asked without a socket. */
export interface TestServer extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly services: Services;
  readonly slipline: Slipline;
  readonly ledger: Ledger;
  readonly log: RecordingLogger;
  readonly folder: string;
  /** From now on nothing can be written into the service's folder: it is not there. */
  breakFolder(): Promise<void>;
  /** Makes a key, and asks with it. An operator who sees everything when nothing is said. */
  as(who?: Partial<NewKey>): Promise<Ask>;
  /** Asks without a key. */
  readonly ask: Ask;
  /** The text of a new key. */
  key(who?: Partial<NewKey>): Promise<string>;
}

export async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { bench, clock = systemClock, ledger = new MemoryLedger() } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'slipline-http-')));
  const log = recordingLogger();
  const slipline = new Slipline({
    providers: options.providers ?? (bench === undefined ? [] : [bench.plugin]),
    ledger,
    network: bench?.network,
    clock,
    log,
  });
  const services = await openServices({ slipline, clock, log, folder, isLab: options.isLab });
  await services.start();
  const app = await buildServer(services, {
    names: [],
    isLoopback: true,
    behindProxy: [],
    ...options.settings,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });
  const askWith =
    (given: Readonly<Record<string, string>>): Ask =>
    (method, url, payload, headers) =>
      app.inject({
        method,
        url,
        ...(payload !== undefined && { payload }),
        headers: { host: 'localhost', ...given, ...headers },
      });
  const key = async (who: Partial<NewKey> = {}): Promise<string> =>
    (await services.keys.create({ user: 'olga', role: 'operator', scopes: ['*'], ...who })).key;
  return {
    app,
    services,
    slipline,
    ledger,
    log,
    folder,
    key,
    breakFolder: () => rm(folder, { recursive: true, force: true }),
    as: async (who) => askWith({ authorization: `Bearer ${await key(who)}` }),
    ask: askWith({}),
    [Symbol.asyncDispose]: async () => {
      await shutDown(app, services, 20_000);
      await slipline[Symbol.asyncDispose]();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
