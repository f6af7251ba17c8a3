import { hostname, userInfo } from 'node:os';
import type { Environment } from '@slipline/config';
import { DisconnectError, systemClock, type Logger } from '@slipline/core';
import type { FastifyInstance } from 'fastify';
import { usage, type ServeLine } from '../command-line.ts';
import { ownPaths, type Composition } from '../composition.ts';
import { openServices } from '../open-services.ts';
import { LEVELS, type Level } from '../operations/log.ts';
import type { SignInTokens } from '../security/sign-in-tokens.ts';
import { makeWho } from '../security/who.ts';
import { buildServer, portOf } from '../server.ts';
import type { Services } from '../services.ts';
import { readHttpFile, type WatchSetting } from '../settings/http-file.ts';
import { shutDown } from '../shut-down.ts';
import { settingsFrom, type HttpSettings } from '../settings/settings.ts';

/** What the command stands in. */
export interface Surroundings {
  readonly environment: Environment;
  /** Text for the person who started it. */
  readonly print: (text: string) => void;
  readonly openLog: (level: Level) => Promise<Logger>;
  /** Whether somebody reads the log as it comes. */
  readonly isWatched: boolean;
  /** Aborts when the service is to end. */
  readonly stop: AbortSignal;
}

/** Milliseconds that requests which are under way have to come to their end. */
const GRACE = 12_000;

/** Serves until it is told to stop, and leaves nothing half done. */
export async function serve(line: ServeLine, surroundings: Surroundings): Promise<void> {
  const { environment, stop } = surroundings;
  const file = await readHttpFile(ownPaths(environment).config);
  const settings = settingsFrom(line, environment, file);
  const log = await surroundings.openLog(levelFrom(line, environment, surroundings.isWatched));
  const composition = line.isLab
    ? await (await import('../lab.ts')).composeLab(log)
    : await (await import('../composition.ts')).compose(environment, settings, log);
  try {
    await serveOver(composition, settings, log, surroundings);
  } finally {
    if (stop.aborted) log.info('the service has ended');
    await composition[Symbol.asyncDispose]();
  }
}

async function serveOver(
  { slipline, folder, watch, labHome }: Composition,
  settings: HttpSettings,
  log: Logger,
  { print, stop }: Surroundings,
): Promise<void> {
  const isLab = labHome !== undefined;
  const services = await openServices({ slipline, clock: systemClock, log, folder, isLab });
  let app: FastifyInstance | undefined;
  try {
    app = await buildServer(services, settings);
    await services.start();
    await listen(app, settings);
    await startWatches(watch, services);
    print(greeting(settings, portOf(app), services, labHome));
    if (!stop.aborted)
      await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    log.info('the service ends');
  } finally {
    await (app === undefined ? services[Symbol.asyncDispose]() : shutDown(app, services, GRACE));
  }
}

async function listen(app: FastifyInstance, { host, port }: HttpSettings): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: 'is in use already',
      EACCES: 'may not be listened on by this user',
      EADDRNOTAVAIL: 'is no address of this machine',
      ENOTFOUND: 'is no address of this machine',
    };
    const reason = reasons[code ?? ''];
    if (reason === undefined) throw cause;
    throw new DisconnectError('unreachable', `${host} port ${port} ${reason}`, {
      next:
        code === 'EADDRINUSE' ? 'stop the other program, or give another --port' : 'check --host and --port',
      cause,
    });
  }
}

/** One that cannot be does not keep the service from the others. */
async function startWatches(watch: readonly WatchSetting[], { watches, log }: Services): Promise<void> {
  for (const setting of watch) {
    await watches.add(setting, ownName()).catch((error: unknown) => {
      const { message, next } = DisconnectError.from(error);
      log.warn(`a watch cannot be set up: ${message}`, { provider: setting.provider, next });
    });
  }
}

function greeting(
  settings: HttpSettings,
  port: number,
  { signInTokens }: Services,
  labHome: string | undefined,
): string {
  const { tls, isLoopback, behindProxy } = settings;
  const url = `${tls === undefined ? 'http' : 'https'}://${shownHost(settings)}:${port}/`;
  const isForOwner = isLoopback && behindProxy.length === 0;
  const home = labHome === undefined ? '' : `SLIPLINE_HOME=${labHome} `;
  return [
    `Slipline is at ${url}`,
    ...(labHome === undefined ? [] : ['The systems are fakes on this machine: not real systems.']),
    `${isForOwner ? 'Programs sign' : 'Sign'} in with a key: ${home}slipline-http keys create --user NAME --role operator --scope '*'`,
    ...(isForOwner ? [`Sign in once, within five minutes: ${url}#sign-in=${tokenIn(signInTokens)}`] : []),
    '',
  ].join('\n');
}

/** For whoever started the service. */
function tokenIn(tokens: SignInTokens): string {
  return tokens.issue(makeWho(ownName(), 'operator', ['*']));
}

function shownHost({ host, names }: HttpSettings): string {
  const [name] = names;
  if (name !== undefined) return name;
  if (host === '0.0.0.0' || host === '::') return hostname();
  return host.includes(':') ? `[${host}]` : host;
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return String(process.getuid?.() ?? 'owner');
  }
}

function levelFrom({ logLevel }: ServeLine, environment: Environment, isWatched: boolean): Level {
  const given = logLevel ?? (environment['SLIPLINE_HTTP_LOG_LEVEL'] || undefined);
  // On a terminal the link is to be seen.
  if (given === undefined) return isWatched ? 'warn' : 'info';
  const level = LEVELS.find((one) => one === given);
  if (level === undefined) throw usage(`--log-level is one of: ${LEVELS.join(', ')}`);
  return level;
}
