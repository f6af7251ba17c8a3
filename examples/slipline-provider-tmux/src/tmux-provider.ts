import {
  DisconnectError,
  type CallContext,
  type Disconnected,
  type Effect,
  type FindContext,
  type Provider,
  type Session,
  type SessionRef,
} from '@slipline/core';
import { TmuxError, type AttachedClient, type Tmux } from './tmux.ts';

interface Selector {
  readonly client?: readonly string[] | undefined;
  readonly socket?: readonly string[] | undefined;
  readonly tmuxSession?: string | undefined;
}

/** The clients of a tmux server as sessions. Its only effect is `detach`; see the README for why there is no `end`. */
export class TmuxProvider implements Provider<unknown, Selector> {
  readonly #tmux: Tmux;
  readonly #home: string | undefined;

  /** `home` is `$TMUX`: which server and session this process itself runs in. */
  constructor(tmux: Tmux, home: string | undefined) {
    this.#tmux = tmux;
    this.#home = home;
  }

  async *find(
    { client: wanted, socket, tmuxSession }: Selector,
    { signal }: FindContext,
  ): AsyncIterable<Session> {
    const [place] = socket ?? [];
    for (const client of await this.#clients(place, signal, place !== undefined)) {
      const isNamed = wanted?.some((name) => name === client.name || `/dev/${name}` === client.name) ?? true;
      if (isNamed && (tmuxSession === undefined || tmuxSession === client.sessionName))
        yield this.#session(client);
    }
  }

  async inspect(ref: SessionRef, { signal }: CallContext): Promise<Session | undefined> {
    const client = await this.#client(ref, signal);
    return client === undefined ? undefined : this.#session(client);
  }

  async disconnect(session: Session, _effect: Effect, { signal }: CallContext): Promise<Disconnected> {
    // tmux detaches by terminal, and a terminal that has become free is taken again at once: look who is there now.
    const client = await this.#client(session, signal);
    if (client === undefined) return { wasGone: true };
    if (fingerprintOf(client) !== session.fingerprint) {
      throw new DisconnectError('changed', `another client is attached to ${session.id} now`, {
        system: session.endpoint,
      });
    }
    try {
      await this.#tmux.detach(session.endpoint, session.id, signal);
    } catch (error) {
      if (isGone(error)) return { wasGone: true };
      throw translated(error, session.endpoint, true);
    }
    return {
      wasGone: false,
      residual: [{ what: `"${client.sessionName}" runs on and can be attached again` }],
    };
  }

  async probe(
    session: Session,
    _effect: Effect,
    { signal }: CallContext,
  ): Promise<'reached' | 'not-yet' | 'changed'> {
    const client = await this.#client(session, signal);
    if (client === undefined) return 'reached';
    return fingerprintOf(client) === session.fingerprint ? 'not-yet' : 'changed';
  }

  async #client({ endpoint, id }: SessionRef, signal: AbortSignal): Promise<AttachedClient | undefined> {
    if (!endpoint.startsWith('/'))
      throw new DisconnectError('invalid-request', `"${endpoint.slice(0, 100)}" is not the path of a socket`);
    return (await this.#clients(endpoint, signal)).find(({ name }) => name === id);
  }

  /** Nothing is attached to a server that does not run; who names one wants to know, though. */
  async #clients(
    socket: string | undefined,
    signal: AbortSignal,
    isNamed = false,
  ): Promise<readonly AttachedClient[]> {
    try {
      return await this.#tmux.clients(socket, signal);
    } catch (error) {
      if (isGone(error) && !isNamed) return [];
      throw translated(error, socket);
    }
  }

  #session(client: AttachedClient): Session {
    const { name, user, sessionName, createdAt, activeAt } = client;
    return {
      provider: 'tmux',
      endpoint: client.socketPath,
      id: name,
      kind: 'client',
      label: `${user === '' ? 'somebody' : user} at ${name}, in "${sessionName}"`,
      principal: user === '' ? undefined : user,
      state: 'live',
      ownership: 'foreign',
      effects: ['detach'],
      fingerprint: fingerprintOf(client),
      openedAt: timestamp(createdAt),
      isCaller: this.#isCallers(client),
      details: {
        tmuxSession: sessionName,
        terminal: client.terminal,
        size: client.size,
        activeAt: timestamp(activeAt),
        isReadOnly: client.isReadOnly,
        isControlMode: client.isControlMode,
        processId: client.processId,
      },
    };
  }

  /** Whether this very process runs in what the client shows. `$TMUX` is the socket, the server's process and the session's number. */
  #isCallers({ serverProcessId, sessionId }: AttachedClient): boolean {
    return this.#home?.endsWith(`,${serverProcessId},${sessionId.slice(1)}`) ?? false;
  }
}

/** A process id can be used again, but not within the same second. */
function fingerprintOf({ serverProcessId, processId, createdAt }: AttachedClient): string {
  return `${serverProcessId}-${processId}-${createdAt}`;
}

const timestamp = (seconds: number): string => new Date(seconds * 1000).toISOString();

function isGone(error: unknown): boolean {
  return error instanceof TmuxError && (error.failure === 'no-server' || error.failure === 'no-client');
}

function translated(error: unknown, system = 'tmux', mayHaveTakenEffect = false): DisconnectError {
  if (!(error instanceof TmuxError)) return DisconnectError.from(error, { system, mayHaveTakenEffect });
  const options = { system, cause: error, mayHaveTakenEffect };
  const { failure, message } = error;
  switch (failure) {
    case 'no-program':
      return new DisconnectError('unsupported', message, {
        ...options,
        next: 'install tmux, then try again',
      });
    case 'no-server':
      return new DisconnectError('unreachable', 'no tmux server listens there', {
        ...options,
        next: 'look for its socket below /tmp/tmux-<user id>, or leave --socket out',
      });
    case 'no-client':
      return new DisconnectError('not-found', message, options);
    case 'refused':
      return new DisconnectError('forbidden', message, {
        ...options,
        next: 'be the user who runs that server',
      });
    case 'unreadable':
      return new DisconnectError('protocol', message, options);
    case 'failed':
      return new DisconnectError('protocol', `tmux says: ${message}`, options);
    default:
      return failure satisfies never;
  }
}
