import { DisconnectError } from '@slipline/core';
import type { FindValues } from './plugin.ts';
import type { WsmanClient } from './wsman-client.ts';
import { passes } from './wsman-selection.ts';
import { getShell, listShells, type WsmanShell } from './wsman-shells.ts';

interface Place {
  readonly endpoint: string;
  readonly id: string;
}

interface Bounds {
  readonly signal: AbortSignal;
  /** Takes what one user is refused: others may see shells all the same. */
  readonly fail: (error: unknown) => void;
}

/** Which user's connection each shell is seen through: a user sees their own shells, an administrator all. */
export class ShellViews {
  readonly #seen = new Map<string, WeakRef<WsmanClient>>();

  /** The shells that `values` choose on one computer, whoever sees them. */
  async select(
    clients: readonly WsmanClient[],
    endpoint: string,
    values: FindValues,
    { signal, fail }: Bounds,
  ): Promise<readonly WsmanShell[]> {
    const { shellId } = values;
    if (shellId !== undefined) {
      const found = await Promise.all(shellId.map((id) => this.seek(clients, { endpoint, id }, signal)));
      return found.filter((shell) => shell !== undefined);
    }
    const shells = new Map<string, WsmanShell>();
    for (const client of clients) {
      try {
        for (const shell of await listShells(client, signal)) {
          if (shells.has(shell.id)) continue;
          shells.set(shell.id, shell);
          if (clients.length > 1) this.#remember({ endpoint, id: shell.id }, client);
        }
      } catch (error) {
        fail(error);
      }
    }
    return [...shells.values()].filter((shell) => passes(shell, values));
  }

  /** `undefined` where every user is told that there is no such shell; throws where nobody sees it and somebody may not look. */
  async seek(
    clients: readonly WsmanClient[],
    place: Place,
    signal: AbortSignal,
  ): Promise<WsmanShell | undefined> {
    let refusal: DisconnectError | undefined;
    for (const client of this.#seerFirst(clients, place)) {
      try {
        const shell = await getShell(client, place.id, signal);
        if (shell === undefined) continue;
        if (clients.length > 1) this.#remember(place, client);
        return shell;
      } catch (error) {
        signal.throwIfAborted();
        refusal ??= DisconnectError.from(error);
      }
    }
    if (refusal !== undefined) throw refusal;
    return undefined;
  }

  /** The one of `clients`, which are one or more, that has seen it. */
  clientFor(place: Place, clients: readonly WsmanClient[]): WsmanClient {
    return this.#seerFirst(clients, place)[0]!;
  }

  #seerFirst(clients: readonly WsmanClient[], place: Place): readonly WsmanClient[] {
    const seer = clients.length > 1 ? this.#seen.get(keyOf(place))?.deref() : undefined;
    return seer !== undefined && clients.includes(seer)
      ? [seer, ...clients.filter((client) => client !== seer)]
      : clients;
  }

  #remember(place: Place, client: WsmanClient): void {
    this.#seen.set(keyOf(place), new WeakRef(client));
  }
}

function keyOf({ endpoint, id }: Place): string {
  return JSON.stringify([endpoint.toLowerCase(), id]);
}
