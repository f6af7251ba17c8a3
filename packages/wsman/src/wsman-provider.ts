import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import {
  CLOCK,
  DIAL,
  DisconnectError,
  LOG,
  OPTIONS,
  type Access,
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
import type { ConnectValues, FindValues, WsmanOptions } from './plugin.ts';
import { accessTo } from './wsman-access.ts';
import { WsmanClient } from './wsman-client.ts';
import { openedConnection, settingsOf, withoutEffect } from './wsman-connect.ts';
import { lookAt, type Look } from './wsman-liveness.ts';
import { settingsFrom } from './wsman-kept.ts';
import { RESOURCE } from './wsman-namespaces.ts';
import { WsmanPool } from './wsman-pool.ts';
import {
  computersOf,
  expectFound,
  expectRemovable,
  LOCAL_COMPUTER,
  namedConnections,
} from './wsman-selection.ts';
import {
  deleteShell,
  detachShell,
  getShell,
  isDetached,
  sessionOf,
  type WsmanShell,
} from './wsman-shells.ts';
import { ShellViews } from './wsman-views.ts';
import { computerOf } from './wsman-target.ts';

/** Computers that are asked at the same time. */
const AT_ONCE = 32;

/** WinRM connections, which are known by the ledger alone, and the remote shells that are seen through them. */
@injectable()
export class WsmanProvider implements Provider<ConnectValues, FindValues> {
  readonly #pool: WsmanPool;
  readonly #views = new ShellViews();
  readonly #dial: Host['dial'];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #options: WsmanOptions;

  constructor(
    @inject(DIAL) dial: Host['dial'],
    @inject(CLOCK) clock: Clock,
    @inject(LOG) log: Logger,
    @inject(OPTIONS) options: WsmanOptions,
  ) {
    this.#pool = new WsmanPool(dial);
    this.#dial = dial;
    this.#clock = clock;
    this.#log = log;
    this.#options = options;
  }

  async *find(selector: FindValues, context: FindContext): AsyncGenerator<Session> {
    const { computerName, shells = false, shellId, drive = false } = selector;
    // As many listen as there are computers, which Node would take for a leak and warn of.
    setMaxListeners(0, context.signal);
    const connections = namedConnections(await context.own(), computerName);
    if (shells || shellId !== undefined) {
      yield* this.#shells(connections, selector, context);
      return;
    }
    expectRemovable(selector);
    if (drive) yield LOCAL_COMPUTER;
    yield* context.isLive ? this.#live(connections, context) : connections;
    expectFound(selector, connections);
  }

  async connect(values: ConnectValues, context: ConnectContext): Promise<Opened> {
    let client: WsmanClient | undefined;
    try {
      const settings = await settingsOf(values, context);
      client = new WsmanClient(this.#dial, settings);
      const opened = openedConnection(settings, await client.identify(context.signal));
      this.#pool.add(opened.endpoint, context.number, client, opened.secret?.reveal() ?? '');
      return opened;
    } catch (error) {
      client?.[Symbol.dispose]();
      throw withoutEffect(error);
    }
  }

  /** A connect opens nothing on the computer that outlives it. */
  async resolve(): Promise<'gone'> {
    return 'gone';
  }

  async disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected> {
    if (session.ownership !== 'foreign') {
      this.#pool.close(session);
      return { wasGone: false };
    }
    const client = await this.#clientFor(session, context);
    const shell = { id: session.id, resourceUri: resourceUriOf(session) };
    const { signal } = context;
    if (effect === 'detach') return { wasGone: (await detachShell(client, shell, signal)) === 'gone' };
    try {
      return { wasGone: !(await deleteShell(client, shell, signal)) };
    } catch (error) {
      // The answer was lost, not necessarily the request.
      const isLost = DisconnectError.is(error) && error.code === 'unreachable' && error.mayHaveTakenEffect;
      if (!isLost || signal.aborted || (await this.#isThere(client, session, signal))) throw error;
      return { wasGone: false };
    }
  }

  async probe(
    session: Session,
    effect: Effect,
    context: CallContext,
  ): Promise<'reached' | 'not-yet' | 'changed'> {
    if (session.ownership !== 'foreign') return 'reached';
    const client = await this.#clientFor(session, context);
    const shell = await getShell(client, session.id, context.signal);
    if (shell === undefined) return 'reached';
    if (this.#sessionOf(shell, session.endpoint).fingerprint !== session.fingerprint) return 'changed';
    return effect === 'detach' && isDetached(shell) ? 'reached' : 'not-yet';
  }

  async inspect(ref: SessionRef, context: CallContext): Promise<Session | undefined> {
    if (ref.id === LOCAL_COMPUTER.id) return LOCAL_COMPUTER;
    // The number of a connection that the ledger does not have any more.
    if (/^\d+$/.test(ref.id)) return undefined;
    const shell = await this.#views.seek(await this.#clientsAt(ref.endpoint, context), ref, context.signal);
    return shell && this.#sessionOf(shell, ref.endpoint);
  }

  async access(session: Session, context: CallContext): Promise<Access> {
    if (session.ownership === 'foreign') {
      throw new DisconnectError('unsupported', 'a shell of somebody else cannot be handed on', {
        next: 'hand on a connection: slipline ls wsman',
      });
    }
    return accessTo(settingsFrom(await context.secret(session)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pool[Symbol.dispose]();
  }

  #live(connections: readonly Session[], context: FindContext): AsyncGenerator<Session> {
    return this.#each(connections, async (connection, fail) => {
      const { session, error } = await this.#lookAt(connection, context);
      if (error !== undefined) fail(error);
      return [session];
    });
  }

  async *#shells(
    connections: readonly Session[],
    selector: FindValues,
    context: FindContext,
  ): AsyncGenerator<Session> {
    const { computerName } = selector;
    const computers = computersOf(connections);
    if (computers.length === 0 && computerName !== undefined) throw notConnected(computerOf(computerName[0]));
    yield* this.#each(computers, async ({ endpoint, connections }, fail) => {
      const clients = await this.#pool.clients(connections, context);
      const shells = await this.#views.select(clients, endpoint, selector, { signal: context.signal, fail });
      return shells.map((shell) => this.#sessionOf(shell, endpoint));
    });
  }

  /** What is found at each place; one that fails hides nothing of the others. */
  async *#each<T extends { readonly endpoint: string }>(
    places: readonly T[],
    look: (place: T, fail: (error: unknown) => void) => Promise<readonly Session[]>,
  ): AsyncGenerator<Session> {
    const failures: DisconnectError[] = [];
    const limit = pLimit(AT_ONCE);
    const lists = places.map((place) => {
      const fail = (error: unknown): void =>
        void failures.push(DisconnectError.from(error).at(place.endpoint));
      return limit(() => look(place, fail)).catch((error: unknown) => {
        fail(error);
        return [];
      });
    });
    for (const list of lists) yield* await list;
    const [first, ...rest] = failures;
    for (const { message, code, system } of rest) this.#log.warn(message, { code, system });
    if (first !== undefined) throw first;
  }

  async #lookAt(connection: Session, context: FindContext): Promise<Look> {
    const { liveTimeout = 8000 } = this.#options;
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(liveTimeout)]);
    return lookAt(connection, () => this.#pool.client(connection, context), signal);
  }

  async #isThere(client: WsmanClient, session: Session, signal: AbortSignal): Promise<boolean> {
    return (await getShell(client, session.id, signal).catch(() => null)) !== undefined;
  }

  /** Through connections to that computer: others must not learn their credentials. */
  async #clientsAt(endpoint: string, context: CallContext): Promise<readonly WsmanClient[]> {
    const clients = await this.#pool.clientsAt(endpoint, context);
    if (clients.length === 0) throw notConnected(endpoint);
    return clients;
  }

  async #clientFor(session: Session, context: CallContext): Promise<WsmanClient> {
    return this.#views.clientFor(session, await this.#clientsAt(session.endpoint, context));
  }

  #sessionOf(shell: WsmanShell, endpoint: string): Session {
    return sessionOf(shell, 'wsman', endpoint, this.#clock.now());
  }
}

function notConnected(computer: string): DisconnectError {
  return new DisconnectError(
    'unauthenticated',
    `there is no connection to ${computer}, which its shells are seen through`,
    {
      system: computer,
      next: `slipline connect wsman ${computer}`,
    },
  );
}

function resourceUriOf({ details }: Session): string {
  const { resourceUri } = details;
  return typeof resourceUri === 'string' ? resourceUri : RESOURCE.cmd;
}
