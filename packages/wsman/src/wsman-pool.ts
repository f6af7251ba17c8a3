import { DisconnectError, type CallContext, type Host, type Session } from '@slipline/core';
import { WsmanClient } from './wsman-client.ts';
import { settingsFrom } from './wsman-kept.ts';
import { computersOf } from './wsman-selection.ts';

interface Kept {
  readonly client: WsmanClient;
  /** What it was made of; a number may be used again for another connection. */
  readonly secret: string;
}

/** One client for each own connection, kept as long as this process or the connection lives. */
export class WsmanPool implements Disposable {
  readonly #dial: Host['dial'];
  readonly #kept = new Map<string, Kept>();
  /** The connections last used for a computer, by its endpoint in lower case. */
  readonly #used = new Map<string, readonly Session[]>();

  constructor(dial: Host['dial']) {
    this.#dial = dial;
  }

  async client(connection: Session, context: CallContext): Promise<WsmanClient> {
    const secret = await context.secret(connection);
    const text = secret.reveal();
    const known = this.#kept.get(keyOf(connection));
    if (known?.secret === text) return known.client;
    known?.client[Symbol.dispose]();
    const client = new WsmanClient(this.#dial, settingsFrom(secret));
    this.#kept.set(keyOf(connection), { client, secret: text });
    return client;
  }

  /** A client of the computer at `endpoint` for each user who has connected to it, the latest first. */
  async clientsAt(endpoint: string, context: CallContext): Promise<readonly WsmanClient[]> {
    const place = endpoint.toLowerCase();
    const known = this.#used.get(place);
    // Reading the secrets of connections says whether they are still there; reading all connections takes much longer.
    if (known !== undefined) {
      try {
        return await this.clients(known, context);
      } catch (error) {
        if (DisconnectError.from(error).code !== 'not-found') throw error;
      }
    }
    const own = (await context.own()).filter((session) => session.endpoint.toLowerCase() === place);
    for (const connection of known ?? [])
      if (!own.some(({ id }) => id === connection.id)) this.close(connection);
    const [{ connections } = { connections: [] }] = computersOf(own);
    if (connections.length > 0) this.#used.set(place, connections);
    return this.clients(connections, context);
  }

  clients(connections: readonly Session[], context: CallContext): Promise<readonly WsmanClient[]> {
    return Promise.all(connections.map((connection) => this.client(connection, context)));
  }

  /** A client that has just connected, under the number that its connection is going to have. */
  add(endpoint: string, number: number, client: WsmanClient, secret: string): void {
    const key = keyOf({ endpoint, id: String(number) });
    this.#kept.get(key)?.client[Symbol.dispose]();
    this.#kept.set(key, { client, secret });
    this.#used.delete(endpoint.toLowerCase());
  }

  /** Closes it: whoever still holds the client is refused from now on. */
  close(connection: Session): void {
    this.#kept.get(keyOf(connection))?.client[Symbol.dispose]();
    this.#kept.delete(keyOf(connection));
    this.#used.delete(connection.endpoint.toLowerCase());
  }

  [Symbol.dispose](): void {
    for (const { client } of this.#kept.values()) client[Symbol.dispose]();
    this.#kept.clear();
    this.#used.clear();
  }
}

function keyOf({ endpoint, id }: Pick<Session, 'endpoint' | 'id'>): string {
  return JSON.stringify([endpoint.toLowerCase(), id]);
}
