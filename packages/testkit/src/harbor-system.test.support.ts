import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

/** A ship at a berth: what this system has for a session. */
export interface Ship {
  /** The lowest that is free; given again as soon as its ship has gone. */
  readonly berth: number;
  /** Never given again. */
  readonly serial: number;
  readonly token: string;
  state: 'live' | 'detached';
}

/** How a request names a ship: by its berth, or by the token that only its owner has. */
export type Place = { readonly berth: number } | { readonly token: string };

export type Change = 'end' | 'detach' | 'revoke';

/** What this system answers instead of an answer. */
export class HarborError extends Error {}

/** A system in memory, with the faults that a real one has. Every method is one request. */
export class HarborSystem {
  readonly host = 'harbor.test';
  readonly password = `password-${randomUUID()}`;
  readonly tokens: string[] = [];
  failure: 'error' | 'hang' | 'lie' | undefined;
  writes = 0;
  requests = 0;
  readonly #ships = new Map<number, Ship>();
  #lastSerial = 0;

  /** Not a request: what a bench does past the provider. */
  arrive(): Ship {
    let berth = 1;
    while (this.#ships.has(berth)) berth += 1;
    const token = `token-${randomUUID()}`;
    this.tokens.push(token);
    this.#lastSerial += 1;
    const ship: Ship = { berth, serial: this.#lastSerial, token, state: 'live' };
    this.#ships.set(berth, ship);
    return ship;
  }

  /** Not a request: what a bench does past the provider. */
  leave(serial: number): void {
    const ship = this.bySerial(serial);
    if (ship !== undefined) this.#ships.delete(ship.berth);
  }

  /** Not a request: what a bench sees past the provider. */
  bySerial(serial: unknown): Ship | undefined {
    return [...this.#ships.values()].find((ship) => ship.serial === serial);
  }

  async signIn(password: string, signal: AbortSignal): Promise<Ship> {
    await this.#receive(signal);
    this.writes += 1;
    if (password !== this.password) throw new HarborError('401 wrong password');
    return this.arrive();
  }

  async list(signal: AbortSignal): Promise<readonly Ship[]> {
    await this.#receive(signal);
    return [...this.#ships.values()].map((ship) => ({ ...ship }));
  }

  async look(place: Place, signal: AbortSignal): Promise<Ship | undefined> {
    await this.#receive(signal);
    return this.#find(place);
  }

  /** Whether there was such a ship. */
  async change(place: Place, change: Change, signal: AbortSignal): Promise<boolean> {
    await this.#receive(signal);
    this.writes += 1;
    if (this.failure === 'error') throw new HarborError('500 something went wrong');
    if (this.failure === 'hang') await never(signal);
    const ship = this.#find(place);
    if (ship === undefined) return false;
    if (this.failure === 'lie') return true;
    if (change === 'detach') ship.state = 'detached';
    else this.#ships.delete(ship.berth);
    return true;
  }

  /** As a socket does: nothing leaves once the signal has been aborted. */
  async #receive(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await turn();
    this.requests += 1;
  }

  #find(place: Place): Ship | undefined {
    return [...this.#ships.values()].find((ship) =>
      'berth' in place ? ship.berth === place.berth : ship.token === place.token,
    );
  }
}

/** Ends with the signal only. */
export function never(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
