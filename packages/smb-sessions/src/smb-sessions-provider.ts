import {
  CLOCK,
  DIAL,
  LOG,
  OPTIONS,
  type CallContext,
  type Clock,
  type ConnectContext,
  type Disconnected,
  type Effect,
  type FindContext,
  type Host,
  type Logger,
  type Opened,
  type Provider,
  type Session,
  type SessionRef,
} from '@slipline/core';
import { inject, injectable } from '@slipline/core/container';
import pLimit from 'p-limit';
import { CONNECTION, fileSession, grouped, isWanted, Starts } from './file-session.ts';
import { FileServers, sealed } from './file-servers.ts';
import type { ConnectValues, FindValues, SmbSessionsOptions } from './plugin.ts';
import { serverAddress, type ServerAddress } from './server-address.ts';
import type { SmbSessionsClient } from './smb-sessions-client.ts';
import { changedSince, inWords } from './smb-sessions-errors.ts';

/** Servers that are asked at the same time. */
const AT_ONCE = 16;

/** Sessions on SMB file servers, and own connections that keep a credential for a server. */
@injectable()
export class SmbSessionsProvider implements Provider<ConnectValues, FindValues> {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #servers: FileServers;
  readonly #starts = new Starts();

  constructor(
    @inject(DIAL) dial: Host['dial'],
    @inject(CLOCK) clock: Clock,
    @inject(LOG) log: Logger,
    @inject(OPTIONS) options: { readonly settings: SmbSessionsOptions },
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#servers = new FileServers(dial, clock, options.settings);
  }

  async *find(selector: FindValues, context: FindContext): AsyncGenerator<Session> {
    const { computerName, connection, user, client, idle } = selector;
    if (computerName !== undefined) {
      yield* this.#listed(computerName, selector, context);
      return;
    }
    const own = await context.own();
    if (connection !== undefined) {
      yield* own.filter((session) => connection.some((text) => namesConnection(text, session)));
      return;
    }
    const asksServers = [user, client, idle].some((filter) => filter !== undefined);
    if (!asksServers) yield* own;
    if (asksServers || context.isLive)
      yield* this.#listed([...new Set(own.map(({ endpoint }) => endpoint))], selector, context);
  }

  async connect({ computerName, port }: ConnectValues, context: ConnectContext): Promise<Opened> {
    const address = serverAddress(computerName, port);
    return inWords(address.endpoint, async () => {
      const credential = await this.#servers.credential(address, context);
      // A credential that does not work is not kept.
      await this.#servers.at(address, context, (server) => server.list(context.signal));
      const { userName } = credential;
      return {
        endpoint: address.endpoint,
        id: `connection-${context.number}`,
        kind: CONNECTION,
        label: `${userName} at ${address.host}`,
        principal: userName,
        ownership: 'opened',
        effects: ['forget'],
        details: { computerName: address.host, port: address.port, userName },
        secret: sealed(credential),
      };
    });
  }

  /** A connect opens nothing on the server that outlives it. */
  async resolve(): Promise<'gone'> {
    return 'gone';
  }

  async disconnect(session: Session, _effect: Effect, context: CallContext): Promise<Disconnected> {
    // Core erases the credential that is kept; there is nobody to tell.
    if (session.kind === CONNECTION) return { wasGone: false };
    const address = serverAddress(session.endpoint);
    const work = async (server: SmbSessionsClient): Promise<Disconnected> => {
      const now = await this.#look(server, address, session.id, context.signal);
      if (now === undefined) return { wasGone: true };
      if (now.fingerprint !== session.fingerprint) throw changedSince(session);
      const place = now.id.indexOf('\\');
      const [client, user] = [now.id.slice(0, place), now.id.slice(place + 1)];
      return { wasGone: (await server.end(client, user, context.signal)) === 'gone' };
    };
    return inWords(address.endpoint, () => this.#servers.at(address, context, work), true);
  }

  async probe(
    session: Session,
    _effect: Effect,
    context: CallContext,
  ): Promise<'reached' | 'not-yet' | 'changed'> {
    if (session.kind === CONNECTION) return 'reached';
    const now = await this.inspect(session, context);
    if (now === undefined) return 'reached';
    return now.fingerprint === session.fingerprint ? 'not-yet' : 'changed';
  }

  async inspect({ endpoint, id }: SessionRef, context: CallContext): Promise<Session | undefined> {
    if (!id.includes('\\')) return undefined;
    const address = serverAddress(endpoint);
    return inWords(endpoint, () =>
      this.#servers.at(address, context, (server) => this.#look(server, address, id, context.signal)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Connections end with the call that they were opened for.
  }

  async #look(
    server: SmbSessionsClient,
    address: ServerAddress,
    id: string,
    signal: AbortSignal,
  ): Promise<Session | undefined> {
    const sessions = await this.#sessions(server, address, {}, signal);
    return sessions.find((one) => one.id.toLowerCase() === id.toLowerCase());
  }

  async #sessions(
    server: SmbSessionsClient,
    { endpoint, host }: ServerAddress,
    wanted: FindValues,
    signal: AbortSignal,
  ): Promise<readonly Session[]> {
    const rows = await server.list(signal);
    const now = this.#clock.now();
    return grouped(rows)
      .filter((session) => isWanted(session, wanted))
      .map((session) => fileSession(session, endpoint, host, this.#starts.of(endpoint, session, now)));
  }

  /** Servers that fail are told of once all others have been listed. */
  async *#listed(
    names: readonly string[],
    selector: FindValues,
    context: FindContext,
  ): AsyncGenerator<Session> {
    const limit = pLimit(AT_ONCE);
    const list = async (name: string): Promise<readonly Session[]> => {
      const address = serverAddress(name, selector.port);
      const work = (server: SmbSessionsClient) => this.#sessions(server, address, selector, context.signal);
      return inWords(address.endpoint, () => this.#servers.at(address, context, work));
    };
    const results = await Promise.allSettled(names.map((name) => limit(list, name)));
    for (const result of results) if (result.status === 'fulfilled') yield* result.value;
    const errors = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    for (const error of errors.slice(1)) this.#log.warn(error.message);
    if (errors[0] !== undefined) throw errors[0];
  }
}

/** Whether `text` means this connection: its number, its id, or its server. */
function namesConnection(text: string, { id, endpoint }: Session): boolean {
  if (/^\d+$/.test(text)) return id === `connection-${text}`;
  return [id, endpoint].some((name) => name.toLowerCase() === text.toLowerCase());
}
